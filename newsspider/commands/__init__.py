"""One module per command of `scrapy`."""

from newsspider.cli.console import escape_unknown_characters

# whatever a command prints: a terminal or file that cannot hold Chinese gets escapes, not an error
escape_unknown_characters()
