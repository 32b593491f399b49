"""Upkeep of stored articles: examined by the present rules, corrected, removed."""
