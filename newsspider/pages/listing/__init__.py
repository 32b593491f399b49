"""A listing page: links to articles, the next page, channels and feeds."""

from newsspider.pages.listing.page import ListingPage

__all__ = ["ListingPage"]
