"""Commands for whoever keeps the archive running."""
