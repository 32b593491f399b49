"""Every page over a real MongoDB: what it says, as HTML, as JSON and as feeds, to whom, and to hostile requests."""

from __future__ import annotations

import base64
import csv
import io
import json
import random
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import feedparser
import pandas
import pytest
from project import ROOT
from pymongo import MongoClient, monitoring
from shown_archive import AT, BASE, HOUR, MARKUP, client_of, fill, settings_of

from newsspider.alarms.alarm import KINDS
from newsspider.items import FetchedPage
from newsspider.mongo.articles.documents import short_id
from newsspider.mongo.daily.expressions import COUNTED_FIELDS
from newsspider.mongo.server import connection as connection_module
from newsspider.recording.archive_settings import archive_options
from newsspider.recording.page_archive import PageArchive
from newsspider.recording.page_records import VisitedArticle
from newsspider.sites.control import STATES
from newsspider.web.access import AccessPolicy
from newsspider.web.answers import ERROR_TITLES
from newsspider.web.asking import language_of
from newsspider.web.pages import ROUTES
from newsspider.web.pages.description import PATHS
from newsspider.web.pages.operation import SORTS
from newsspider.web.pages.search import SHOWN_FACETS
from newsspider.web.remembering import Remembered
from newsspider.web.words import chinese

pytestmark = pytest.mark.server
FIRST, COPY, TRADITIONAL, LINKING, PICTURED, HOSTILE = (
    short_id(f"{site}.example/{number}")
    for number, site in enumerate(("hekou", "beian", "gangwan", "hekou", "hekou", "hekou"), 1)
)
PAGES = (
    *(
        "/",
        "/search?q=轮渡",
        "/coverage?until=2026-03-03",
        "/sources?until=2026-03-03",
        "/sites",
        "/sites/hekou.example",
    ),
    *("/runs", "/runs/r1", "/alarms", "/alarms?all=1", "/workers", "/help"),
    *(
        f"/articles/{name}{rest}"
        for name in (FIRST, LINKING, HOSTILE)
        for rest in ("", "/versions", "/story", "/graph")
    ),
    f"/articles/{PICTURED}?pictures=1",
)
READING = {
    "find",
    "aggregate",
    "count",
    "distinct",
    "getMore",
    "ping",
    "hello",
    "listCollections",
    "dbStats",
    "killCursors",
}


class Commands(monitoring.CommandListener):
    """Collects the names of the commands that a client sends, and those that write."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.unlimited: list[str] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.names.add(event.command_name)
        if event.command_name in ("find", "aggregate") and "maxTimeMS" not in event.command:
            self.unlimited.append(str(event.command)[:300])
        if event.command_name == "aggregate":
            assert not any({"$out", "$merge"} & stage.keys() for stage in event.command["pipeline"])

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        pass

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass


@pytest.fixture(scope="module")
def settings(mongo_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    name, folder = f"test_{uuid.uuid4().hex[:16]}", tmp_path_factory.mktemp("archive")
    fill(mongo_uri, name, folder)
    yield settings_of(mongo_uri, name, folder)
    with MongoClient(mongo_uri) as client:
        client.drop_database(name)


@pytest.fixture(scope="module")
def client(settings: Any) -> Iterator[Any]:
    with client_of(settings) as opened:
        yield opened


def test_every_page_is_html_and_json_and_only_reads(
    settings: Any, mongo_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = Commands()
    monkeypatch.setitem(connection_module.CLIENT_OPTIONS, "event_listeners", [commands])
    # what follows the articles for the index waits for them, without a limit
    own = settings_of(mongo_uri, settings["MONGO_DATABASE"], tmp_path, SEARCH_INDEX=False)
    with client_of(own, listener=commands) as client:
        commands.unlimited.clear()
        for page in PAGES:
            for language in ("zh", "en"):
                answer = client.get(page, headers={"Accept-Language": language})
                assert answer.status_code == 200, page
                assert f'<html lang="{"zh-Hans" if language == "zh" else "en"}">' in answer.text
                assert "{count}" not in answer.text and "Undefined" not in answer.text
            path, _, query = page.partition("?")
            found = client.get(f"{'/search' if path == '/' else path}.json?{query}")
            assert found.headers["content-type"] == "application/json" and isinstance(found.json(), dict), page
            assert client.get(page, headers={"Accept": "application/json"}).json().keys() == found.json().keys()
        assert commands.names <= READING
        assert commands.unlimited == []


def test_no_stored_markup_reaches_the_reader(client: Any) -> None:
    for page in (*PAGES, f"/search?q={quote(MARKUP)}", "/feed.rss", "/feed.atom"):
        answer = client.get(page)
        assert answer.headers["content-security-policy"].startswith("default-src 'self'; script-src 'none'")
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert not re.search(r"<script|<iframe|onerror=alert\(1\)>|onclick|href=\"javascript|style=", answer.text), page


def test_pictures_are_loaded_when_the_reader_asks_alone(client: Any) -> None:
    plain = client.get(f"/articles/{PICTURED}")
    assert "<img" not in plain.text and "img.hekou.example" not in plain.headers["content-security-policy"]
    shown = client.get(f"/articles/{PICTURED}?pictures=1")
    assert shown.text.count("<img") == 1 and 'alt="江边的柳树"' in shown.text  # that of a private host stays out
    assert "img-src 'self' https://img.hekou.example" in shown.headers["content-security-policy"]


def test_search_in_either_script_with_facets_and_cursors(client: Any) -> None:
    for word in ("輪渡 時刻表", "轮渡 时刻表"):
        assert client.get("/search.json", params={"q": word}).json()["total"] == 3
    page = client.get("/search", params={"q": "轮渡 时刻表"}).text
    assert "<mark>轮渡</mark>" in page and f'href="/articles/{FIRST}"' in page
    assert quote("site:beian.example") in page
    path, seen = "/search.json?limit=2", []
    while path:
        found = client.get(path).json()
        seen += [item["id"] for item in found["items"]]
        path = found["next"]
    assert len(seen) == len(set(seen)) == found["total"] == 6


def test_story_names_the_first_the_sources_and_no_difference_of_script(client: Any) -> None:
    found = client.get(f"/articles/{COPY}/story.json").json()
    assert [item["site"] for item in found["items"]] == ["hekou.example", "beian.example", "gangwan.example"]
    assert found["original_source"] == "河口日报"
    assert all(item["shared_paragraphs"] == item["paragraphs"] for item in found["items"])
    page = client.get(f"/stories/{COPY}?lang=en").text
    assert "do not count: beian.example, gangwan.example" in page and "+ 5 h" in page


def test_versions_side_by_side(client: Any) -> None:
    page = client.get(f"/articles/{LINKING}/versions?lang=en").text
    assert "<ins>秋</ins>" in page and "<del>春</del>" in page and "<ins>后来又添了一段。</ins>" in page
    assert client.get(f"/articles/{LINKING}/versions?old=7").status_code == 400


def test_links_lead_both_ways(client: Any) -> None:
    assert client.get(f"/articles/{FIRST}.json").json()["linked_from"] == ["hekou.example/4"]
    page = client.get(f"/articles/{LINKING}?lang=en").text
    assert f'href="/articles/{FIRST}?lang=en"' in page and "not in the archive" in page
    graph = client.get(f"/articles/{LINKING}/graph.json").json()
    ends = {(edge["from"], edge["to"], edge["kind"]) for edge in graph["edges"]}
    assert ("hekou.example/4", "hekou.example/1", "related") in ends
    assert ("gangwan.example/3", "hekou.example/1", "reprint") in ends
    assert [node["is_stored"] for node in graph["nodes"] if node["id"] == "elsewhere.example/9"] == [False]
    moved = client.get("/articles", params={"id": "https://hekou.example/1"})
    assert (moved.status_code, moved.headers["location"]) == (303, f"/articles/{FIRST}")


def test_the_kept_page_is_a_download_of_plain_text(client: Any, settings: Any) -> None:
    at = AT + 30 * HOUR
    page = FetchedPage("https://hekou.example/1", 200, KEPT_AS, f"<h1>轮渡</h1>{MARKUP}".encode("gbk"), at)
    archive = PageArchive(archive_options(settings), lambda: at)
    archive.keep([VisitedArticle("hekou.example/1", (page,), "1.0")])
    archive.close()
    answer = client.get(f"/articles/{FIRST}/kept")
    assert answer.content == page.body and answer.headers["content-type"] == "text/plain; charset=gbk"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert client.get(f"/articles/{FIRST}/kept?part=2").status_code == 404


def test_coverage_and_sources_are_those_of_the_articles(client: Any) -> None:
    found = client.get("/coverage.json?since=2026-02-20&until=2026-03-10").json()
    assert {row["site"]: row["articles"] for row in found["sites"]} == {
        "hekou.example": 4,
        "beian.example": 1,
        "gangwan.example": 1,
    }
    assert sum(row["copies"] for row in found["days"]) == 2
    page = client.get("/coverage?since=2026-02-20&until=2026-03-10&lang=en").text
    assert "6 articles of 3 sites" in page and page.count('<svg viewBox="0 0 760') == 3
    pairs = client.get("/sources.json?since=2026-02-20&until=2026-03-10").json()["items"]
    assert {"site": "beian.example", "source": "河口日报", "articles": 1} in pairs


def test_lists_go_on(client: Any) -> None:
    first = client.get("/runs.json").json()
    second = client.get(first["next"]).json()
    assert [len(first["items"]), len(second["items"]), second["next"]] == [50, 10, None]
    assert not {run["id"] for run in first["items"]} & {run["id"] for run in second["items"]}


def test_feeds_are_read_by_a_feed_reader(client: Any) -> None:
    for path in ("/feed.rss", "/feed.atom"):
        feed = feedparser.parse(client.get(path, params={"q": "轮渡 时刻表"}).content)
        assert not feed.bozo and len(feed.entries) == 3
        assert {entry.link for entry in feed.entries} == {
            f"{BASE}/articles/{name}" for name in (FIRST, COPY, TRADITIONAL)
        }
    found = client.get("/feed.json", params={"q": "轮渡 时刻表"}).json()
    assert found["version"].endswith("1.1") and found["items"][0]["date_published"].endswith("Z")


def test_exports_hold_the_whole_search(client: Any) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("/export?format=csv&q=轮渡").content.decode("utf-8-sig"))))
    lines = client.get("/export?format=jsonl&q=轮渡").text.splitlines()
    table = pandas.read_parquet(io.BytesIO(client.get("/export?format=parquet&q=轮渡").content))
    ids = client.get("/search.json?q=轮渡").json()["items"]
    wanted = {item["id"] for item in ids}
    assert {row["_id"] for row in rows} == {json.loads(line)["_id"] for line in lines} == set(table["_id"]) == wanted
    assert client.get("/export?format=xlsx").content[:2] == b"PK"


def test_the_description_names_what_there_is(client: Any) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    names = {"/sites/{name}.json": "hekou.example", "/runs/{name}.json": "r1"}
    for path in paths:
        answer = client.get(path.replace("{name}", names.get(path, FIRST)))
        # the page may be kept by another test, and ?id= is missing
        assert answer.status_code == {"/articles": 303}.get(path, 200) or path == "/articles/{name}/kept", path
        if answer.status_code != 200:
            continue
        (media_type,) = paths[path]["get"]["responses"]["200"]["content"]
        assert media_type == "application/octet-stream" or media_type in answer.headers.get("content-type", media_type)
    described = {path.removesuffix(".json") for path in PATHS}
    assert {path for path in ROUTES if path.removesuffix(".json") not in described} == {
        *("/", "/articles/{name}/story", "/help", "/openapi.json", "/robots.txt", "/static/{name}"),
    }
    assert "newsspider_articles_stored 6.0" in client.get("/metrics").text
    assert client.get("/healthz").text == "ok\n"


def test_nothing_can_be_written(client: Any) -> None:
    for method in ("post", "put", "delete", "patch"):
        assert getattr(client, method)("/search").status_code == 405


@pytest.mark.parametrize(
    ("host", "status"),
    [
        *(
            (name, 200)
            for name in ("127.0.0.1:8000", "localhost", "LOCALHOST:8000", "[::1]:8000", "192.168.7.7", "10.0.0.1:1")
        ),
        *(
            (name, 421)
            for name in ("evil.example", "localhost.evil.example:8000", "127.0.0.1.nip.example", "", "a b", "x@y")
        ),
    ],
)
def test_only_our_own_names_are_answered(client: Any, host: str, status: int) -> None:
    assert client.get("/help", headers={"Host": host}).status_code == status


def test_a_token_is_asked_for(settings: Any, mongo_uri: str, tmp_path: Path) -> None:
    token = "0123456789abcdef"
    own = settings_of(mongo_uri, settings["MONGO_DATABASE"], tmp_path, SERVE_TOKEN=token, SERVE_ADDRESS="0.0.0.0")
    basic = base64.b64encode(f"reader:{token}".encode()).decode()
    with client_of(own) as client:
        for authorization in ("", "Bearer", f"Bearer {token[:-1]}", "Basic !!!", "Basic bm9uZQ==", f"Token {token}"):
            refused = client.get("/", headers={"Authorization": authorization})
            assert refused.status_code == 401 and "Basic" in refused.headers["www-authenticate"]
            assert "x-content-type-options" in refused.headers
        for authorization in (f"Bearer {token}", f"bearer {token}", f"Basic {basic}"):
            headers = {"Authorization": authorization, "Host": "archive.example"}
            assert client.get("/", headers=headers).status_code == 200
        assert client.get("/healthz").status_code == 200


def test_what_listens_to_others_has_a_token_or_a_proxy() -> None:
    assert AccessPolicy("127.0.0.1", 8000).problem() is None and AccessPolicy("::1", 8000).problem() is None
    assert "SERVE_TOKEN" in str(AccessPolicy("0.0.0.0", 8000).problem())
    assert AccessPolicy("0.0.0.0", 8000, "short").problem() is not None
    assert AccessPolicy("0.0.0.0", 8000, "0123456789abcdef").problem() is None
    assert AccessPolicy("0.0.0.0", 8000, is_behind_proxy=True).problem() is None
    assert AccessPolicy("127.0.0.1", 8000, hosts=frozenset({"a.example"})).answers_to("a.example")


@pytest.mark.parametrize(
    ("parameter", "accepted", "language"),
    [
        (None, "", "en"),
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, "en-US,en;q=0.9,zh;q=0.8", "en"),
        (None, "fr,zh-TW;q=0.3", "zh"),
        (None, ";;;q=,zh;q=9,=", "en"),
        ("zh", "en", "zh"),
        ("xx", "zh", "zh"),
    ],
)
def test_language_of_a_page(parameter: str | None, accepted: str, language: str) -> None:
    assert language_of(parameter, accepted) == language


KEPT_AS = [("Content-Type", "text/html; charset=gbk")]
HOSTILE_VALUES = (
    *("'", '"', "\\", "$where", '{"$gt": ""}', "[$ne]=1", "../../etc/passwd", "%00", "\x00", "%", "%zz", "a" * 5_000),
    *(
        MARKUP,
        "-",
        "OR",
        "((((",
        ")",
        "title:",
        'source:"',
        "since:x",
        "since:9999-99",
        "a:b:c",
        "*",
        "(?:a+)+$",
        "NaN",
    ),
    *("\ud83d\ude00", "\u202e", "\ufeff", "-1", "0", "1e9", "99999999999999999999", "2026-13-45", "0000-00-00", "١٢٣"),
    *("n" + "f" * 16, "r99999", "r00000", "nzz", "2026-03-02T00:00:00+00:00", "2026-03-02", "9999-12-31T23:59:59Z"),
    *(
        "constructor",
        "__proto__",
        "{{7*7}}",
        "${7*7}",
        "%0d%0aSet-Cookie: a=b",
        "\r\nX: y",
        " " * 300,
        "http://[::1",
        "xn--",
    ),
)
PARAMETERS = (
    *(
        "q",
        "sort",
        "limit",
        "after",
        "before",
        "since",
        "until",
        "site",
        "state",
        "all",
        "old",
        "new",
        "part",
        "format",
    ),
    *("id", "with", "lang", "pictures", "$where", "q[$ne]", "q.$gt"),
)


HEADERS = ("Accept", "Accept-Language", "Range", "X-Forwarded-Host", "Referer", "If-Modified-Since")


def _parameter(chance: random.Random) -> str:
    value = quote(chance.choice(HOSTILE_VALUES), safe=chance.choice(("", "%&=")), errors="replace")
    return f"{quote(chance.choice(PARAMETERS))}={value}"


def test_hostile_requests_get_an_answer_and_never_an_error(client: Any, soak: Any) -> None:
    chance = random.Random(20260302)
    paths = [*ROUTES, "/nothing", "/articles/{name}.json", "/{name}", "/%2e%2e/{name}", "//{name}"]
    for _ in range(soak(400, 10_000)):
        name = quote(chance.choice(HOSTILE_VALUES), safe=chance.choice(("", "/%")), errors="replace")
        path = chance.choice(paths).replace("{name}", chance.choice((name, FIRST, HOSTILE)))
        query = "&".join(_parameter(chance) for _ in range(chance.randint(0, 3)))
        headers = {chance.choice(HEADERS): re.sub(r"[^ -~]", "", chance.choice(HOSTILE_VALUES))}
        answer = client.get(f"{BASE}{path}?{query}", headers=headers)
        asked = f"{path}?{query} {headers}"
        assert answer.status_code in (200, 303, 400, 404), f"{answer.status_code} {asked}"
        assert "Traceback" not in answer.text and "pymongo" not in answer.text.lower(), asked
        assert "set-cookie" not in answer.headers and "x" not in answer.headers, asked
        if answer.headers.get("content-type", "").startswith("text/html"):
            assert "<script" not in answer.text and "onerror=alert(1)>" not in answer.text, asked
        elif answer.headers.get("content-type", "").startswith("application/json"):
            answer.json()


def test_a_database_that_is_away_is_said(settings: Any, mongo_uri: str, tmp_path: Path) -> None:
    with client_of(settings_of(mongo_uri, settings["MONGO_DATABASE"], tmp_path, SERVE_QUERY_S=0.000001)) as client:
        answer = client.get("/coverage")
        assert answer.status_code == 503 and "took longer" in answer.text


def test_every_word_of_the_pages_has_its_chinese() -> None:
    folder = ROOT / "newsspider" / "web"
    said: set[str] = set()
    for path in folder.glob("templates/*.html"):
        said |= set(re.findall(r"(?:_|counted)\('([^']+)'[,)]", path.read_text("utf-8")))
    for path in folder.rglob("*.py"):
        said |= set(re.findall(r"(?:say|language\))\(\s*\"([^\"]+)\"", path.read_text("utf-8")))
    said |= {*COUNTED_FIELDS, *KINDS, *STATES, *ERROR_TITLES.values(), *SORTS, *SHOWN_FACETS}
    missing = {text for text in said if text not in chinese()}
    assert missing == set()
    differing = {
        text: shown
        for text, shown in chinese().items()
        if set(re.findall(r"\{\w+\}", text)) != set(re.findall(r"\{\w+\}", shown))
    }
    assert differing == {}


def test_answers_are_remembered_for_a_minute() -> None:
    now, asked = [0.0], []
    remembered = Remembered(60, lambda: now[0])

    def ask(key: int) -> int:
        return remembered.answer(key, lambda: asked.append(key) or len(asked))

    assert [ask(1), ask(1), ask(2)] == [1, 1, 2]
    now[0] = 59.9
    assert ask(1) == 1
    now[0] = 60.0
    assert ask(1) == 3
    for key in range(1_000):
        ask(key)
    assert ask(999) == len(asked) and ask(0) == len(asked)
