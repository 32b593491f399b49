"""`scrapy articles` and `scrapy sites` against a real MongoDB."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from mongo_articles import article

from newsspider.cli.archive import last_list
from newsspider.cli.importing.sources import article_from_json
from newsspider.mongo.articles.documents import document_of, short_id
from newsspider.recording.cases import RecordedResponse
from newsspider.recording.warc import WarcRecording

Run = Callable[..., CompletedProcess[str]]
SEEN = datetime(2026, 3, 3, tzinfo=UTC)


def stored(number: int, **fields: Any) -> dict[str, Any]:
    extra = {name: fields.pop(name) for name in ("revision", "first_seen_at") if name in fields}
    document = document_of(article(number, **fields))
    document["short_id"] = short_id(document["_id"])
    return document | {"revision": 1, "first_seen_at": SEEN, "last_seen_at": SEEN} | extra


@pytest.fixture
def three(mongo: Any) -> None:
    """Three articles of two sites, published on three days; the second is a copy of the first."""
    first = stored(
        1, published_at=datetime(2026, 3, 1, 1, tzinfo=UTC), source="河口日报", story_id="s1", authors=["老周"]
    )
    first["confidence"] = {"text": 0.8, "source": 0.96}
    copied = stored(
        2,
        published_at=datetime(2026, 3, 1, 16, 30, tzinfo=UTC),
        story_id="s1",
        duplicate_of=first["_id"],
        tags=["交通"],
    )
    copied["confidence"] = {"text": 0.79}
    copied |= {"text": "河口镇的渡船今天恢复通航。\n本网记者补充一句。", "body_html": "<p>a</p>\n<p>b</p>"}
    other = stored(3, title="=恶意公式", site="other.example", published_at=None, section="社会", language="zh-Hans")
    mongo["articles"].insert_many([first, copied, other])


def lines(done: CompletedProcess[str]) -> list[list[str]]:
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()][1:]


LIST_FILTERS: list[tuple[list[str], list[str]]] = [
    ([], ["2", "1", "3"]),
    (["--site", "hekou.example"], ["2", "1"]),
    (["--site", "https://www.other.example/x"], ["3"]),
    (["--source", "河口日报"], ["1"]),
    # 2 was published at 00:30 of 2 March in Beijing
    (["--since", "2026-03-02"], ["2", "3"]),
    (["--until", "2026-03-01"], ["1"]),
    (["--since", "2026-03-01", "--until", "2026-03-02"], ["2", "1"]),
    (["--since", "2026-03-03T00:00:00Z"], ["3"]),
    (["--text", "补充一句"], ["2"]),
    (["渡船 -补充 site:hekou.example"], ["1"]),
    (["渡船", "补充"], ["2"]),
    (["--text", "補充 渡ＳＨＩＰ"], []),
    (["--text", "恢復通航", "--author", "老周"], ["1"]),
    (["--tag", "交通"], ["2"]),
    (["--section", "社会", "--language", "zh-Hans"], ["3"]),
    (["--story", "s1"], ["2", "1"]),
    (["--text", "渡船", "--site", "other.example"], ["3"]),
    (["--limit", "1"], ["2"]),
    # of 3, read before there were any, none is known
    (["--unsure", "text=0.8"], ["2"]),
    (["--sure", "text=0.8"], ["1"]),
    (["--sure", "text=0.7", "--unsure", "source=1"], ["1"]),
]


@pytest.mark.usefixtures("three")
def test_list_filters(run_scrapy: Run) -> None:
    for options, ids in LIST_FILTERS:
        listed = lines(run_scrapy("articles", "list", *options))
        assert [row[-1].rpartition("/")[2] for row in listed] == ids, options
    nothing = run_scrapy("articles", "list", "--site", "nosuch.example")
    assert (nothing.returncode, "0 articles" in nothing.stderr) == (0, True)


@pytest.mark.usefixtures("three")
def test_search_shows_what_was_found_and_the_index_follows(run_scrapy: Run, mongo: Any) -> None:
    assert "3 articles read" in run_scrapy("articles", "index").stderr
    rows = lines(run_scrapy("articles", "search", "補充 渡船"))
    assert [(row[0], row[5], row[7].count("**渡船**")) for row in rows] == [
        ("河口镇渡船恢复通航第2天", short_id("news.hekou.example/2026/2"), 1)
    ]
    mongo["articles"].insert_one(stored(4, title="补充一条", text="渡船停航。"))
    found = run_scrapy("articles", "search", "渡船 补充", "--json", "--limit", "1").stdout
    hit = json.loads(found)
    assert hit["title"] == "补充一条" and {"text": "渡船", "is_hit": True} in hit["snippet"]
    exported = run_scrapy("articles", "export", "渡船 -补充", "--format", "jsonl", "--fields", "title").stdout
    assert len(exported.splitlines()) == 2
    assert "4 articles read" in run_scrapy("articles", "index", "--rebuild").stderr


@pytest.mark.usefixtures("three")
def test_show_story_and_stats(run_scrapy: Run) -> None:
    shown = run_scrapy("articles", "show", "https://news.hekou.example/2026/1").stdout
    assert "河口日报" in shown
    assert "水位已经退了两米" in shown
    story = lines(run_scrapy("articles", "story", "news.hekou.example/2026/2"))
    assert [row[-1].rpartition("/")[2] for row in story[:2]] == ["1", "2"]
    assert story[1][4] == "1/2"
    differing = {row[0].strip() for row in story[4:]}
    assert {"+ 本网记者补充一句。", "- 船工老周说，水位已经退了两米。"} <= differing
    assert not any("恢复通航。" in line for line in differing)
    by_site = [json.loads(line) for line in run_scrapy("articles", "stats", "--json").stdout.splitlines()]
    assert [(row["site"], row["articles"], row["copies"]) for row in by_site] == [
        ("hekou.example", 2, 1),
        ("other.example", 1, 0),
    ]
    assert [(row["authors"], row["published_at"], row["text"]) for row in by_site] == [(1, 2, 2), (0, 0, 1)]
    by_source = lines(run_scrapy("articles", "stats", "--by", "source"))
    assert "河口日报" in [row[0] for row in by_source]
    days = lines(run_scrapy("articles", "stats", "--by", "day"))
    # 2 was published at 00:30 of 2 March in Beijing, 3 was first seen on 3 March
    assert [row[0] for row in days] == ["2026-03-03", "2026-03-02", "2026-03-01"]


@pytest.mark.usefixtures("three")
def test_short_names_and_json(run_scrapy: Run, mongo: Any, tmp_path: Path) -> None:
    listed = [json.loads(line) for line in run_scrapy("articles", "list", "--json").stdout.splitlines()]
    assert [row["_id"].rpartition("/")[2] for row in listed] == ["2", "1", "3"]
    for length in (5, 16):
        shown = run_scrapy("articles", "show", listed[1]["short_id"][:length], "--json").stdout
        assert json.loads(shown)["_id"] == listed[1]["_id"]
    missing = run_scrapy("articles", "show", "2")
    assert (missing.returncode, missing.stderr.count("no article 2: the last list had 0")) == (1, 1)
    last_list.remember(tmp_path / "data", [row["_id"] for row in listed])
    assert "第2天" in run_scrapy("articles", "show", "1").stdout
    mongo["articles"].update_many({}, {"$set": {"short_id": "0123456789abcdef"}})
    several = run_scrapy("articles", "show", "0123")
    assert (several.returncode, several.stderr.count("the beginning of several short ids")) == (1, 1)
    mongo["articles"].update_many({}, {"$unset": {"short_id": ""}})
    assert "short ids: 3 documents" in run_scrapy("articles", "migrate").stdout
    assert mongo["articles"].count_documents({"short_id": listed[0]["short_id"]}) == 1


@pytest.mark.usefixtures("three")
def test_recluster_derives_the_stories_anew(run_scrapy: Run) -> None:
    done = run_scrapy("articles", "recluster")
    assert done.returncode == 0, done.stderr
    assert "3 articles" in done.stdout


def test_history_shows_what_each_version_changed(run_scrapy: Run, mongo: Any) -> None:
    now = stored(1, text="第一段。\n第三段。", title="新题", revision=2)
    before = {"_id": "x", "article_id": now["_id"], "revision": 1, "title": "旧题", "text": "第一段。\n第二段。"}
    mongo["articles"].insert_one(now)
    mongo["revisions"].insert_one(before)
    shown = run_scrapy("articles", "history", now["_id"]).stdout
    for line in ("revision 1", "revision 2", "title: - 旧题", "title: + 新题", "- 第二段。", "+ 第三段。"):
        assert line in shown
    assert "第一段" not in shown


@pytest.mark.usefixtures("three")
def test_export_reads_back_through_import(run_scrapy: Run, mongo: Any, tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    assert run_scrapy("articles", "export", "-o", str(path)).returncode == 0
    before = {found["_id"]: found["text"] for found in mongo["articles"].find()}
    mongo["articles"].delete_many({})
    path.write_text("{broken\n[]\n" + path.read_text())
    done = run_scrapy("articles", "import", str(path))
    assert done.returncode == 1
    assert done.stderr.count("not an article:") == 2
    assert "Traceback" not in done.stderr
    assert {found["_id"]: found["text"] for found in mongo["articles"].find()} == before


@pytest.mark.usefixtures("three")
def test_export_csv_runs_no_formula(run_scrapy: Run) -> None:
    done = run_scrapy("articles", "export", "-o", "-", "--format", "csv", "--site", "other.example")
    (row,) = csv.DictReader(io.StringIO(done.stdout.lstrip("\ufeff")))
    assert row["title"] == "'=恶意公式"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["list", "--since", "gestern"], 2, "--since 'gestern' is not a date"),
        (["list", "--limit", "-1"], 2, "--limit -1"),
        (["doctor", "more"], 2, "takes options only"),
        (["list", "title:"], 2, "title: needs a value"),
        (["search"], 2, "needs a query"),
        (["search", "渡船", "--site", "a.example"], 2, "say site:VALUE in the query"),
        (["list", "--sure", "text=2"], 2, "--sure 'text=2' is not a field of title, text"),
        (["list", "--unsure", "0.8"], 2, "--unsure '0.8' is not a field of title, text"),
        (["list", "--nonsense"], 2, "unknown option --nonsense"),
        (["show"], 2, "needs a name"),
        (["fly"], 2, "no action given: use one of list, search"),
        ([], 2, "no action given"),
        (["show", "nothing"], 1, "no article 'nothing'"),
        (["story", "nothing"], 1, "no article 'nothing'"),
        (["import", "/nowhere.jsonl"], 1, "no such file: /nowhere.jsonl"),
        (["import", __file__], 1, "neither .warc"),
        (["import", "/nowhere/*.warc.gz"], 1, "no such file: /nowhere/*.warc.gz"),
        (["import"], 2, "needs a name"),
        (["import", "x.jsonl", "--jobs", "0"], 2, "--jobs 0"),
        (["export", "-o", "/nowhere/x.csv"], 1, "cannot write /nowhere/x.csv"),
    ],
)
def test_wrong_use_is_one_line(run_scrapy: Run, arguments: list[str], code: int, message: str) -> None:
    done = run_scrapy("articles", *arguments)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_without_mongodb_one_line_and_no_password(run_scrapy: Run) -> None:
    done = run_scrapy("articles", "list", env={"MONGO_URI": "mongodb://user:geheim@127.0.0.1:9/"})
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "cannot be reached" in done.stderr
    assert "geheim" not in done.stderr


def test_spool_and_migrate_with_nothing_to_do(run_scrapy: Run) -> None:
    assert run_scrapy("articles", "import", "spool").returncode == 0
    assert "up to date" in run_scrapy("articles", "migrate").stdout


PAGE = """<html><head><title>{title}_河口网</title></head><body><h1>{title}</h1>
<p>2026-03-02 08:00 来源：河口日报</p><div class="content">{body}</div></body></html>"""


def news_page(number: int) -> bytes:
    words = ["渡船", "水位", "码头", "船工", "乘客", "货物", "堤岸", "灯塔"]
    paragraphs = [
        f"<p>河口镇第{number}号码头的{words[(number + i) % 8]}在今天上午恢复通航，"
        f"{words[(number * 3 + i) % 8]}已经退了{i + 2}米，"
        f"镇上的老周说，他们等了整整{number + 3}天，{words[(number + 2 * i) % 8]}终于可以运出去了。</p>"
        for i in range(6)
    ]
    return PAGE.format(title=f"河口镇第{number}号码头恢复通航", body="".join(paragraphs)).encode()


def test_warc_of_responses_is_imported_without_a_crawl(run_scrapy: Run, mongo: Any, tmp_path: Path) -> None:
    path = tmp_path / "CC-NEWS-x.warc.gz"
    recording = WarcRecording.open(path, writable=True)
    for number in range(12):
        url = f"https://news.hekou.example/2026/03/02/{number}.html"
        headers = [("content-type", "text/html; charset=utf-8")]
        recording.store(RecordedResponse(url, 200, headers, news_page(number), SEEN))
    recording.store(RecordedResponse("https://news.hekou.example/x", 404, [], b"gone", SEEN))
    recording.store(
        RecordedResponse("https://news.hekou.example/x.jpg", 200, [("content-type", "image/jpeg")], b"x", SEEN)
    )
    recording.close()
    done = run_scrapy("articles", "import", str(path))
    assert done.returncode == 0, done.stderr
    assert mongo["articles"].count_documents({"fetched_at": SEEN}) == 12
    path.write_bytes(path.read_bytes()[:-300])
    done = run_scrapy("articles", "import", str(path))
    assert done.returncode == 1
    assert f"corrupt WARC {path}" in done.stderr
    assert "Traceback" not in done.stderr


def test_sites_that_nothing_is_known_of(run_scrapy: Run) -> None:
    done = run_scrapy("sites", "show", "unknown.example")
    assert done.returncode == 1
    assert "unknown site unknown.example" in done.stderr


@pytest.mark.parametrize("line", ["", "[]", "{}", '{"_id": "a"}', '{"_id": 1, "fetched_at": "2026-03-02"}'])
def test_a_line_that_is_no_article_is_refused(line: str) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        article_from_json(line)


def test_a_line_gives_the_article_back() -> None:
    made = replace(article(1), published_at=SEEN)
    line = json.dumps(document_of(made), default=datetime.isoformat)
    assert article_from_json(line) == made
