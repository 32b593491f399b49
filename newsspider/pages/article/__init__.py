"""An article page: its fields, its kind, and how each field was found."""

from newsspider.pages.article.page import SELECTED, ArticlePage

__all__ = ["SELECTED", "ArticlePage"]
