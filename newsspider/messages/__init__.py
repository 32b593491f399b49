"""Messages to the user in the user's language, as gettext has it: LANGUAGE, LC_ALL, LC_MESSAGES, LANG, in this order.

English is what the code says; locale/<language>/LC_MESSAGES/newsspider.po has the others. A language that is not there,
and a package inside an egg, give English. JSON, headings in pipes, names of fields and settings, and what is logged or
stored stay English.
"""

from __future__ import annotations

import gettext
from pathlib import Path
from typing import Final

DOMAIN: Final = "newsspider"
CATALOGUES: Final = Path(__file__).resolve().parents[1] / "locale"

gettext.bindtextdomain(DOMAIN, str(CATALOGUES))


def _(message: str) -> str:
    """Return `message` in the user's language. What is put into it comes afterwards: `_("{n} pages").format(n=3)`."""
    return gettext.dgettext(DOMAIN, message) if message else ""


def N_(message: str) -> str:
    """Return `message` as it is: it is translated where it is used."""
    return message


def ngettext(one: str, many: str, count: int) -> str:
    """Return the form for `count`, in the user's language."""
    return gettext.dngettext(DOMAIN, one, many, count)


def speak() -> None:
    """Let argparse use the catalogue as well."""
    gettext.textdomain(DOMAIN)
