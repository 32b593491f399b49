"""Text: folding for keys and hashes, languages, boilerplate, dates, names."""

from newsspider.text.folding import ZERO_WIDTH, content_hash, fold, narrow, simplified, squeeze
from newsspider.text.language import language_of

__all__ = ["ZERO_WIDTH", "content_hash", "fold", "language_of", "narrow", "simplified", "squeeze"]
