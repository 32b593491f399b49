"""`scrapy checksites`, `genspider` and `bless`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, ClassVar

import pytest
from project import ROOT
from scrapy.utils.project import get_project_settings

from newsspider.cli.goldens import differences, faults
from newsspider.cli.site_files.checks import recorded_problems, site_problems
from newsspider.cli.site_pages import module_name, site_spiders
from newsspider.pages.article import ArticlePage
from newsspider.site_spider import SiteSpider
from newsspider.sites.selectors import is_selector, selector_problems

Run = Callable[..., CompletedProcess[str]]


@pytest.mark.parametrize("name", sorted(site_spiders(get_project_settings())))
def test_every_site_file_holds_together(name: str) -> None:
    assert list(site_problems(site_spiders(get_project_settings())[name], ROOT / "fixtures")) == []


class BrokenPage(ArticlePage):
    title_selector = "h1["
    body_selector = "//div["


class BrokenSpider(SiteSpider):
    name = "Broken Site"
    seeds: ClassVar[tuple[str, ...]] = ("ftp://a.example/", "https://b.example/list/")
    allowed_domains: ClassVar[tuple[str, ...]] = ("https://b.example/",)
    article_pattern = "list"
    listing_pattern = "("
    page_class = BrokenPage

    def kind_of(self, page: ArticlePage, context: Any) -> str:
        return "article"


def test_every_mistake_of_a_site_file_is_told(tmp_path: Path) -> None:
    told = "\n".join(site_problems(BrokenSpider, tmp_path))
    for part in (
        "name 'Broken Site'",
        "the file should be called",
        "seed 'ftp://a.example/'",
        "allowed_domains: 'https://b.example/'",
        "takes a seed for an article",
        "listing_pattern '('",
        "kind_of: other crawls of the site do not run it",
        "BrokenPage.title_selector: 'h1['",
        "BrokenPage.body_selector: '//div['",
        "no recorded pages in",
    ):
        assert part in told


class MisspeltPage(ArticlePage):
    auther_selector = "span.by"


def test_a_selector_that_nothing_reads_is_named() -> None:
    assert list(selector_problems(MisspeltPage)) == [
        "MisspeltPage.auther_selector: nothing reads it: do you mean authors_selector?"
    ]


class UselessPage(ArticlePage):
    title_selector = "h1.nosuch"


class ChangedPage(ArticlePage):
    title_selector = "p"


def test_recorded_pages_contradict_selectors(tmp_path: Path) -> None:
    case = next((ROOT / "fixtures" / "linhe").glob("yaowen-2024-0406*"))
    shutil.copytree(case, tmp_path / case.name)

    class Spider(SiteSpider):
        seeds: ClassVar[tuple[str, ...]] = ("https://www.linhe-news.example/yaowen/",)
        page_class = UselessPage

    assert list(recorded_problems(Spider, tmp_path)) == [
        "UselessPage.title_selector: 'h1.nosuch' matches on none of the 1 articles"
    ]
    Spider.page_class = ChangedPage
    (line,) = recorded_problems(Spider, tmp_path)
    assert "title: " in line and "(scrapy bless -n" in line
    (tmp_path / case.name / "expected.json").unlink()
    assert "has an expected.json" in next(recorded_problems(Spider, tmp_path))


@pytest.mark.parametrize("text", ["h1", "//h1/text()", "h1::text", "(//p)[1]", ".//p", "div.a > p:first-child"])
def test_selectors(text: str) -> None:
    assert is_selector(text)


def test_checksites(run_scrapy: Run) -> None:
    done = run_scrapy("checksites", "linhe")
    assert (done.returncode, done.stdout) == (0, "linhe\tok\n")
    assert run_scrapy("checksites", "nosuch").returncode == 2


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project to write site files into."""
    copy = tmp_path / "project"
    copy.mkdir()
    shutil.copy(ROOT / "scrapy.cfg", copy)
    shutil.copytree(ROOT / "newsspider", copy / "newsspider")  # with its byte code
    return copy


def test_genspider_makes_a_site_file_that_works(run_scrapy: Run, project: Path) -> None:
    here: dict[str, Any] = {"cwd": project, "env": {"PYTHONPATH": str(project)}}
    made = run_scrapy("genspider", "-t", "site", "hekou", "www.hekou-news.example/list/", **here)
    assert made.returncode == 0, made.stderr
    source = (project / "newsspider" / "spiders" / "hekou_news_example.py").read_text()
    assert len(source.splitlines()) <= 20
    checked = run_scrapy("checksites", "hekou", **here)
    assert checked.stderr.splitlines() == [
        "newsspider: hekou: no recorded pages in fixtures/hekou (scrapy record fixtures/hekou --crawl hekou)"
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["Bad-Name", "a.example"], 2, ""),
        (["name"], 2, ""),
        (["name", "http://"], 2, ""),
        (["name", "notaurl"], 2, "is not a URL"),
        (["-t", "nothing", "name", "a.example"], 2, ""),
        (["linhe", "www.linhe-news.example"], 1, "exists"),
    ],
)
def test_genspider_refuses(run_scrapy: Run, arguments: list[str], code: int, said: str) -> None:
    before = sorted((ROOT / "newsspider" / "spiders").glob("*.py"))
    done = run_scrapy("genspider", *arguments)
    assert (done.returncode, said in done.stderr) == (code, True)
    assert "Traceback" not in done.stderr
    assert sorted((ROOT / "newsspider" / "spiders").glob("*.py")) == before


@pytest.mark.parametrize(
    ("url", "module"),
    [("https://www.hekou-news.example/x", "hekou_news_example"), ("http://163.com/", "site_163_com")],
)
def test_module_name(url: str, module: str) -> None:
    assert module_name(url) == module


GOOD = {"title": "渡船恢复通航", "text": "第一段。\n第二段。", "published_at": "2026-03-02T08:00:00+08:00", "tags": []}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"title": "渡船恢复通航_河口网"}, "ends in a site's name"),
        ({"title": "渡船恢复通航 - 河口日报"}, "ends in a site's name"),
        ({"title": ""}, "title: empty"),
        ({"text": "æ²³å\x8f£é\x95\x87"}, "text: mojibake"),
        ({"text": "锟斤拷"}, "text: mojibake"),
        ({"text": "x\ufffd"}, "text: mojibake"),
        ({"published_at": "2026-03-02T08:00:00"}, "no time zone"),
        ({}, ""),
        ({"title": "中央政法委:依法从重打击电信诈骗"}, ""),
        ({"title": "从河口到临江——一条河的故事"}, ""),
        ({"published_at": None}, ""),
        ({"text": "Café Äpfel Åland"}, ""),
    ],
)
def test_faults_of_a_golden(change: dict[str, Any], fault: str) -> None:
    found = faults(GOOD | change)
    assert len(found) == bool(fault)
    assert all(fault in line for line in found)


def test_differences_are_told_by_field() -> None:
    after = GOOD | {"title": "新题", "text": "第一段。\n第三段。", "tags": ["河口"]}
    assert list(differences(GOOD, after)) == [
        "title: 渡船恢复通航 -> 新题",
        "text: - 第二段。",
        "text: + 第三段。",
        "tags: + 河口",
    ]


def test_bless_writes_a_first_golden_and_then_shows_what_changes(run_scrapy: Run, tmp_path: Path) -> None:
    case = tmp_path / "linhe" / "case"
    shutil.copytree(next((ROOT / "fixtures" / "linhe").glob("yaowen-2024-0406*")), case)
    (case / "expected.json").unlink(missing_ok=True)
    assert "0 cases" in run_scrapy("bless", str(tmp_path)).stdout
    first = run_scrapy("bless", str(case))
    assert first.returncode == 0, first.stderr
    assert "1 cases, 1 changed" in first.stdout
    golden = json.loads((case / "expected.json").read_text())
    assert golden["title"]
    assert "1 cases, 0 changed" in run_scrapy("bless", str(tmp_path)).stdout
    (case / "expected.json").write_text(json.dumps(golden | {"title": "anders"}))
    dry = run_scrapy("bless", "--dry-run", str(tmp_path))
    assert f"title: anders -> {golden['title']}" in dry.stdout
    assert json.loads((case / "expected.json").read_text())["title"] == "anders"


def test_bless_refuses_what_is_wrong_for_certain(run_scrapy: Run, tmp_path: Path) -> None:
    case = tmp_path / "case"
    case.mkdir()
    body = "".join(f"<p>河口镇的渡船\ufffd恢复通航，水位已经退了{n}米，镇上的人等了很久才等到。</p>" for n in range(5))
    (case / "page.html").write_text(f"<h1>渡船恢复通航</h1><div>{body}</div>")
    meta = {"url": "https://a.example/1.html", "status": 200, "headers": {}, "fetched_at": "2026-03-02T00:00:00Z"}
    (case / "meta.json").write_text(json.dumps(meta | {"body": "page.html"}))
    done = run_scrapy("bless", str(case))
    assert done.returncode == 1
    assert "refused: " in done.stderr
    assert not (case / "expected.json").exists()
    assert run_scrapy("bless", "/nowhere").returncode == 1
