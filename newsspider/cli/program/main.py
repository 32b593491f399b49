"""The program `newsspider`: the commands of `scrapy`, in any folder, and `newsspider completion SHELL`."""

from __future__ import annotations

import os
import sys

from newsspider.messages import _

SETTINGS = "newsspider.settings"


def main() -> int:
    """Run a command with this project's settings; return or exit with its code."""
    os.environ["SCRAPY_SETTINGS_MODULE"] = SETTINGS
    if sys.argv[1:2] == ["completion"]:
        return _completion(sys.argv[2:])
    from scrapy.cmdline import execute

    execute()
    return 0


def _completion(arguments: list[str]) -> int:
    from scrapy.utils.project import get_project_settings

    from newsspider.cli.program.completion import SHELLS, commands

    if len(arguments) != 1 or arguments[0] not in SHELLS:
        print(_("newsspider: completion takes one of {names}").format(names=", ".join(SHELLS)), file=sys.stderr)
        return 2
    sys.stdout.write(SHELLS[arguments[0]](commands(get_project_settings())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
