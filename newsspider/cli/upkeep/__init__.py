"""Backup, restore and disk space, for commands."""
