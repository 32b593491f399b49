"""A crawler for Chinese news sites: spiders, pages, and a MongoDB archive of articles.

The public names are imported when they are first used: `scrapy` imports this package for its settings alone.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsspider.compiled.finder import use_compiled

if TYPE_CHECKING:
    from newsspider.items import Article
    from newsspider.pages.article import ArticlePage
    from newsspider.pages.listing import ListingPage
    from newsspider.site_spider import SiteSpider

__version__ = "1.0"
__all__ = ["Article", "ArticlePage", "ListingPage", "SiteSpider", "__version__"]

_HOMES = {
    "Article": "newsspider.items",
    "ArticlePage": "newsspider.pages.article",
    "ListingPage": "newsspider.pages.listing",
    "SiteSpider": "newsspider.site_spider",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


# "C (…)" or "Python (…)": which of the two the page code runs as
RUNS_AS = use_compiled(Path(__path__[0]))
