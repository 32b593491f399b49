"""What a crawl does for those who search: the index, and saved searches."""
