"""The index: tantivy's files in SEARCH_DIR, made of what MongoDB holds; it may be deleted at any time."""
