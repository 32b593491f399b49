"""青山日报 (invented): GBK, tables, articles of several pages. A site file with its own page class."""

from __future__ import annotations

from newsspider.pages.article import ArticlePage
from newsspider.site_spider import SiteSpider


class QingshanPage(ArticlePage):
    title_selector = "td > font[size='5'] > b"
    body_selector = "td.content"


class QingshanSpider(SiteSpider):
    name = "qingshan"
    allowed_domains = ("qingshan-daily.example",)
    seeds = ("https://www.qingshan-daily.example/news/index.htm",)
    article_pattern = r"/html/\d{4}-\d{2}/\d{2}/content_\d+\.htm$"
    listing_pattern = r"/news/index(?:_\d+)?\.htm$"
    page_class = QingshanPage
