"""An article page: its fields, its kind, and how each field was found."""

from newsspider.pages.article.page import SELECTED, ArticlePage
from newsspider.pages.byline.listed_time import ListedIn, ListedTime

__all__ = ["SELECTED", "ArticlePage", "ListedIn", "ListedTime"]
