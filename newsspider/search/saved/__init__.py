"""Saved searches: what they find that is new, in words, and sent."""
