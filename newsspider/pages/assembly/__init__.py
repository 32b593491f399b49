"""Pages that stand at several URLs: frames, and related blocks that a script fetches."""
