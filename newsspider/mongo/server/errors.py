"""Errors of MongoDB: which of them pass, and one-line messages for the user without credentials."""

from __future__ import annotations

import re

from pymongo.errors import AutoReconnect, BulkWriteError, ConfigurationError, InvalidURI, OperationFailure, PyMongoError

from newsspider.errors import NewsspiderError
from newsspider.messages import _

# what a caller outside newsspider/mongo catches that can do without an answer
DatabaseError = PyMongoError
CREDENTIALS = re.compile(r"(\b[a-z][a-z0-9+.\-]{0,20}://).*@|\A\S*@", re.IGNORECASE | re.DOTALL)
SCHEME = re.compile(r"mongodb(?:\+srv)?://", re.IGNORECASE)
# what stands in a URI as it is: https://www.mongodb.com/docs/manual/reference/connection-string/
ESCAPED = re.compile(r"(?:[^%:/?#\[\]@\s]|%[0-9A-Fa-f]{2})*")
OPTIONS = re.compile(r"(?:[\w.\-]+=[^&]*(?:&|\Z))*\Z")
CREDENTIAL_OPTION = re.compile(
    r"((?:tlsCertificateKeyFilePassword|authMechanismProperties|proxyPassword)=)[^&\s]*", re.IGNORECASE
)
# details that the driver adds for developers
DRIVER_DETAILS = re.compile(r" \(configured timeouts|, Timeout: |, full error: ")
AUTHENTICATION_FAILED = 18
UNAUTHORIZED = 13
# error codes of a server that runs but cannot take writes at the moment: worth another try
TRANSIENT_CODES = frozenset({6, 7, 64, 89, 91, 112, 133, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436})
OUT_OF_DISK_CODES = frozenset({14031})
# message of a storage engine without space; its error code is that of any unknown error
OUT_OF_DISK = "No space left on device"


class MongoUnavailableError(NewsspiderError):
    """MongoDB cannot be used at the moment; the message is one line and says what was tried."""


class MongoRefusedError(MongoUnavailableError):
    """MongoDB answers but refuses: wrong password, missing rights, an invalid URI. Waiting does not help."""


def redact(text: str) -> str:
    """Return a URI, or a text with one, with user, password and secret options replaced by ***.

    Everything before the last @ is taken for user and password: they may hold any character.
    """
    return CREDENTIAL_OPTION.sub(r"\1***", CREDENTIALS.sub(lambda match: f"{match[1] or ''}***@", text, count=1))


def check_credentials(uri: str) -> None:
    """Raise MongoRefusedError for a URI whose user or password is not percent-encoded.

    The driver would take a part of such a password for a host, look it up, and name it in its message.
    """
    scheme = SCHEME.match(uri)
    if scheme is None or "@" not in uri:
        return
    rest = uri[scheme.end() :]
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    beyond, __, options = rest[len(authority) :].partition("?")
    user, __, hosts = authority.rpartition("@")
    name, __, password = user.partition(":")
    is_escaped = ESCAPED.fullmatch(name) and ESCAPED.fullmatch(password)
    if not is_escaped or not hosts or "@" in beyond or not OPTIONS.match(options) or ("@" in options and not user):
        raise MongoRefusedError(
            _("MONGO_URI {uri} cannot be used: user and password have to be percent-encoded ({codes})").format(
                uri=redact(uri), codes=": is %3A, / is %2F, @ is %40, % is %25"
            )
        )


def one_line(error: Exception) -> str:
    """Return the message of `error` in at most 200 characters, without credentials and the driver's details."""
    return DRIVER_DETAILS.split(redact(" ".join(str(error).split())))[0][:200]


def is_transient(error: Exception) -> bool:
    """Return True if the same operation may succeed later: connection lost, no primary, shutting down, full disk."""
    if isinstance(error, MongoUnavailableError):
        return not isinstance(error, MongoRefusedError)
    if isinstance(error, AutoReconnect):
        return True
    if isinstance(error, BulkWriteError):
        failures = [*error.details.get("writeErrors", ()), *error.details.get("writeConcernErrors", ())]
        return any(is_passing(failure.get("code"), failure.get("errmsg", "")) for failure in failures)
    return isinstance(error, OperationFailure) and (
        is_passing(error.code, str(error)) or error.has_error_label("RetryableWriteError")
    )


def is_timeout(error: Exception) -> bool:
    """Return True if an operation took longer than it may."""
    return isinstance(error, PyMongoError) and error.timeout


def is_passing(code: int | None, message: str) -> bool:
    """Return True if an error of the server is about its state and not about the operation."""
    return code in TRANSIENT_CODES or code in OUT_OF_DISK_CODES or OUT_OF_DISK in message


def explained(error: PyMongoError | ValueError, uri: str) -> MongoUnavailableError:
    """Return the error to show to the user for `error`, which an operation on `uri` raised."""
    where = redact(uri)
    reason = one_line(error)
    if isinstance(error, OperationFailure) and error.code == AUTHENTICATION_FAILED:
        return MongoRefusedError(
            _("MongoDB at {where} refuses user or password (MONGO_URI): authentication failed").format(where=where)
        )
    if isinstance(error, OperationFailure) and error.code == UNAUTHORIZED:
        return MongoRefusedError(
            _("MongoDB at {where}: this user may not do that: {reason}").format(where=where, reason=reason)
        )
    if isinstance(error, InvalidURI | ConfigurationError | ValueError):
        return MongoRefusedError(_("MONGO_URI {where} cannot be used: {reason}").format(where=where, reason=reason))
    return MongoUnavailableError(_("MongoDB at {where} cannot be reached: {reason}").format(where=where, reason=reason))
