"""What goes wrong between us and MongoDB, in one line each, without credentials."""

from __future__ import annotations

import re

from pymongo.errors import AutoReconnect, BulkWriteError, ConfigurationError, InvalidURI, OperationFailure, PyMongoError

from newsspider.errors import NewsspiderError

CREDENTIALS = re.compile(r"(mongodb(?:\+srv)?://)[^/\s]*@", re.IGNORECASE)
CREDENTIAL_OPTION = re.compile(
    r"((?:tlsCertificateKeyFilePassword|authMechanismProperties|proxyPassword)=)[^&\s]*", re.IGNORECASE
)
# what the driver adds for its developers
DRIVER_DETAILS = re.compile(r" \(configured timeouts|, Timeout: |, full error: ")
AUTHENTICATION_FAILED = 18
UNAUTHORIZED = 13
# codes of a server that is there but not (or no longer) able to take writes: worth another try
TRANSIENT_CODES = frozenset({6, 7, 64, 89, 91, 112, 133, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436})
OUT_OF_DISK_CODES = frozenset({14031})
# what a storage engine says that finds no room; its code is that of any unknown error
OUT_OF_DISK = "No space left on device"


class MongoUnavailableError(NewsspiderError):
    """MongoDB cannot be used; the message is one line, says what was tried, and holds no credentials."""


class MongoRefusedError(MongoUnavailableError):
    """MongoDB answers but refuses: wrong password, missing rights, a URI it cannot read. Waiting does not help."""


def redact(uri: str) -> str:
    """Return `uri` (or a text that holds URIs) with user, password and secret options blotted out."""
    return CREDENTIAL_OPTION.sub(r"\1***", CREDENTIALS.sub(r"\1***@", uri))


def is_transient(error: PyMongoError) -> bool:
    """Return whether the same write may succeed later: connection lost, no primary, shutting down, full disk."""
    if isinstance(error, AutoReconnect):
        return True
    if isinstance(error, BulkWriteError):
        failures = [*error.details.get("writeErrors", ()), *error.details.get("writeConcernErrors", ())]
        return any(is_passing(failure.get("code"), failure.get("errmsg", "")) for failure in failures)
    return isinstance(error, OperationFailure) and (
        is_passing(error.code, str(error)) or error.has_error_label("RetryableWriteError")
    )


def is_passing(code: int | None, message: str) -> bool:
    """Return whether a server's error is about the server's state and not about what was asked."""
    return code in TRANSIENT_CODES or code in OUT_OF_DISK_CODES or OUT_OF_DISK in message


def explained(error: PyMongoError | ValueError, uri: str) -> MongoUnavailableError:
    """Return the error to show for `error` met on `uri`."""
    where = redact(uri)
    reason = DRIVER_DETAILS.split(redact(" ".join(str(error).split())))[0]
    if isinstance(error, OperationFailure) and error.code == AUTHENTICATION_FAILED:
        return MongoRefusedError(f"MongoDB at {where} refuses user or password (MONGO_URI): authentication failed")
    if isinstance(error, OperationFailure) and error.code == UNAUTHORIZED:
        return MongoRefusedError(f"MongoDB at {where}: this user may not do that: {reason[:200]}")
    if isinstance(error, InvalidURI | ConfigurationError | ValueError):
        return MongoRefusedError(f"MONGO_URI {where} cannot be used: {reason[:200]}")
    return MongoUnavailableError(f"MongoDB at {where} cannot be reached: {reason[:200]}")
