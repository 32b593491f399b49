"""A site file holds whichever spider or command meets its site."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from library_site import QUICK, library, path, stored

SITE_FILE = ("-s", "SPIDER_MODULES=newsspider.spiders,tests.hezhou_site_file")
LATER = ("-s", "REVISIT_ARTICLE_S=0")


def outcome(done: Any) -> tuple[int, int, int]:
    found = re.search(r"(\d+) new, (\d+) changed, (\d+) unchanged", done.stderr)
    assert found is not None, done.stderr
    return int(found[1]), int(found[2]), int(found[3])


def test_changing_between_a_site_file_and_news_changes_no_article(
    run_scrapy: Callable[..., Any], site_server: Any, mongo: Any
) -> None:
    server = site_server(library())
    for number in range(1, 19):
        server.behave(path(number), "no-validators")  # so that each visit reads the page again
    options, url = (*QUICK, *SITE_FILE, *LATER), server.url("/news/")
    assert outcome(run_scrapy("crawl", "hezhou", "-a", f"url={url}", *options)) == (12, 0, 0)
    texts = {article["_id"]: article["text"] for article in mongo["articles"].find()}
    for spider in ("news", "hezhou"):
        assert outcome(run_scrapy("crawl", spider, "-a", f"url={url}", *options))[:2] == (0, 0)
    assert outcome(run_scrapy("crawl", "news", "-a", "due=1", *options))[:2] == (0, 0)
    assert mongo["revisions"].count_documents({}) == 0
    assert {article["_id"]: article["text"] for article in mongo["articles"].find()} == texts
    # two pages of the listing, no related links: the file's limits and its policy, by whichever spider
    assert stored(mongo) == set(range(1, 13))
    assert {page["interval_s"] for page in mongo["pages"].find({"interval_s": {"$exists": True}})} >= {7200}
    page = server.url(path(1))
    extracted = json.loads(run_scrapy("extract", page, *SITE_FILE).stdout)
    assert extracted["text"] == texts[extracted["_id"]]
    shown = run_scrapy("shell", page, "-c", "print(article.text)", *SITE_FILE, *QUICK)
    assert texts[extracted["_id"]] in shown.stdout


def test_a_setting_that_is_not_of_one_site_is_refused(
    run_scrapy: Callable[..., Any], tmp_path: Any, scrapy_environment: dict[str, str]
) -> None:
    code = (
        "from newsspider import SiteSpider\n"
        "class Wrong(SiteSpider):\n    name = 'wrong'\n    seeds = ('https://wrong.example/',)\n"
        "    custom_settings = {'ITEM_PIPELINES': {}}\n"
    )
    (tmp_path / "wrong_site.py").write_text(code)
    env = {"PYTHONPATH": f"{tmp_path}:{scrapy_environment['PYTHONPATH']}"}
    done = run_scrapy(
        "crawl", "news", "-a", "url=https://a.example/", "-s", "SPIDER_MODULES=newsspider.spiders,wrong_site", env=env
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.splitlines() == [
        "newsspider: site file wrong: custom_settings: ITEM_PIPELINES is not a setting of one site "
        "(use -s, or newsspider/settings.py)"
    ]
