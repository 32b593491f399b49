"""临河新闻网 (invented): the layout of an aggregator. A site file of class attributes alone."""

from __future__ import annotations

from newsspider.site_spider import SiteSpider


class LinheSpider(SiteSpider):
    name = "linhe"
    allowed_domains = ("linhe-news.example",)
    seeds = ("https://www.linhe-news.example/yaowen/", "https://www.linhe-news.example/caijing/")
    article_pattern = r"/(?:yaowen|caijing)/\d{4}/\d{4}/\d+\.html$"
    listing_pattern = r"/(?:yaowen|caijing)/(?:index_\d+\.html)?$|/api/list\?"
    follow_related = "相关阅读,推荐阅读,精彩放送"
