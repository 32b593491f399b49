"""One discovery baseline on one site, in a process of its own: python discovery_baselines.py NAME URL FOLDER PORT

Runs in the environment of requirements-bench.txt. Prints one JSON object: {"articles": [URL, ...]}, the URLs
at which the library found a page with text that it takes for an article. Every host name leads to 127.0.0.1:PORT, where
all sites are served under their own names.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

LEAST_TEXT = 50
MAX_PAGES = 600
# a crawler of endless sites has to be told when to stop
LIMIT_S = 90
HTTP_PORTS = (None, 80, "80", "http")


def newspaper4k(url: str, folder: Path) -> list[str]:
    """Build the source as its README shows, then download and parse what it lists.

    Without its tests for binary pages, which ask for each URL up to twice before the page itself.
    """
    import newspaper

    source = newspaper.build(
        url,
        memorize_articles=False,
        language="zh",
        number_threads=1,
        fetch_images=False,
        allow_binary_content=True,
    )
    found = []
    for article in source.articles[:MAX_PAGES]:
        try:
            article.download()
            article.parse()
        except newspaper.ArticleException:
            continue
        if len(article.text) >= LEAST_TEXT:
            found.append(article.url)
    return found


def trafilatura(url: str, folder: Path) -> list[str]:
    """Crawl until the site is exhausted, then extract what was seen; no page is fetched twice for that."""
    from trafilatura import extract, fetch_url, spider
    from trafilatura.settings import use_config

    config = use_config()
    config.set("DEFAULT", "SLEEP_TIME", "0")
    config.set("DEFAULT", "SSRF_PROTECTION", "off")
    seen: dict[str, Any] = {}
    fetch = spider.fetch_response

    def fetch_and_keep(address: str, *arguments: Any, **options: Any) -> Any:
        response = fetch(address, *arguments, **options)
        if response is not None and response.data:
            seen[address] = response.data
        return response

    spider.fetch_response = fetch_and_keep
    _, known = spider.focused_crawler(url, max_seen_urls=MAX_PAGES, config=config, lang="zh")
    found = []
    for address in known[:MAX_PAGES]:
        page = seen.get(address) or fetch_url(address, config=config)
        text = extract(page, favor_precision=True) if page else None
        if text and len(text) >= LEAST_TEXT:
            found.append(address)
    return found


def news_please(url: str, folder: Path) -> list[str]:
    """Run the recursive crawler as shipped."""
    return _news_please({"url": url, "crawler": "RecursiveCrawler"}, folder)


def news_please_open(url: str, folder: Path) -> list[str]:
    """Run the recursive crawler without its og:type and headline tests, which few Chinese pages pass."""
    site = {"url": url, "crawler": "RecursiveCrawler", "overwrite_heuristics": {"og_type": True}}
    return _news_please({**site, "pass_heuristics_condition": "og_type or not og_type"}, folder)


def _news_please(site: dict[str, Any], folder: Path) -> list[str]:
    """Return what was stored, also without a text: its extractor finds none on most Chinese pages."""
    import newsplease
    from newsplease.single_crawler import SingleCrawler

    shipped = Path(newsplease.__file__).parent / "config" / "config.cfg"
    settings = shipped.read_text("utf-8").replace("~/news-please-repo/", f"{folder}/")
    settings = settings.replace("LOG_LEVEL = INFO", f"LOG_LEVEL = ERROR\nCLOSESPIDER_TIMEOUT = {LIMIT_S}")
    (folder / "config.cfg").write_text(settings, "utf-8")
    (folder / "sitelist.hjson").write_text(json.dumps({"base_urls": [site]}), "utf-8")
    SingleCrawler(str(folder / "config.cfg"), str(folder / "sitelist.hjson"), 0, False, False)
    return [json.loads(path.read_text("utf-8"))["url"] for path in sorted(folder.glob("data/**/*.json"))]


BASELINES: dict[str, Callable[[str, Path], list[str]]] = {
    "news-please": news_please,
    "news-please, tests off": news_please_open,
    "trafilatura": trafilatura,
    "newspaper4k": newspaper4k,
}


def stay_local(port: int) -> None:
    """Make every look-up of a host end at the local server; Scrapy, which looks up by itself, gets it as a proxy.

    The server speaks http: lists that a library would fetch over https, such as that of domain suffixes, are refused.
    """
    resolve = socket.getaddrinfo

    def local(host: Any, named_port: Any, *arguments: Any, **options: Any) -> Any:
        if named_port not in HTTP_PORTS:
            raise socket.gaierror(socket.EAI_NONAME, f"{host}: only http is served here")
        return resolve("127.0.0.1", port, *arguments, **options)

    socket.getaddrinfo = local


def main() -> None:
    name, url, folder, port = sys.argv[1:5]
    if name.startswith("news-please"):
        os.environ["http_proxy"] = f"http://127.0.0.1:{port}"
    else:
        stay_local(int(port))
    sys.stdout.write("\n" + json.dumps({"articles": BASELINES[name](url, Path(folder))}) + "\n")


if __name__ == "__main__":
    main()
