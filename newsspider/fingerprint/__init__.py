"""Near-duplicates: the normal form of a text, its MinHash keys, and the comparison of two texts."""

from newsspider.fingerprint.compare import same_story, verify
from newsspider.fingerprint.minhash import SCHEME, Fingerprint, fingerprint, unpacked

__all__ = ["SCHEME", "Fingerprint", "fingerprint", "same_story", "unpacked", "verify"]
