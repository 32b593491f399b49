"""`scrapy extract` on files, fixtures and URLs."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from project import ROOT

from newsspider.cli.extraction import UnreadablePageError, read_page, stated_url
from newsspider.commands.extract import Reading, answers

Run = Callable[..., CompletedProcess[str]]
BODY = "".join(
    f"<p>河口镇的渡船今天恢复通航，水位已经退了{n}米，镇上的人等了很久，终于可以运货出去了。</p>" for n in range(6)
)
PAGE = f"""<html><head><title>渡船恢复通航_河口网</title>
<link rel="canonical" href="https://news.hekou.example/2026/1.html?a=1&amp;b=2"></head>
<body><h1>渡船恢复通航</h1><div>2026-03-02 08:00 来源：河口日报</div><div class="content">{BODY}</div></body></html>"""
CASE = ROOT / "fixtures" / "linhe"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "seite 1.html"
    path.write_text(PAGE)
    return path


def test_one_line_a_file_in_order_whatever_fails(run_scrapy: Run, page: Path, tmp_path: Path) -> None:
    (tmp_path / "image.html").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (tmp_path / "empty.html").write_bytes(b" \n")
    names = [str(tmp_path / name) for name in ("missing.html", "image.html", "empty.html")]
    done = run_scrapy("extract", names[0], str(page), names[1], str(page), names[2], "--jobs", "2")
    assert done.returncode == 1
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [fields["id"] for fields in found] == ["seite 1", "seite 1"]
    assert found[0]["title"] == "渡船恢复通航"
    assert found[0]["url"] == "https://news.hekou.example/2026/1.html?a=1&b=2"
    assert datetime.fromisoformat(found[0]["fetched_at"]).tzinfo is not None
    assert len(done.stderr.strip().splitlines()) == 3
    for name, reason in zip(names, ("No such file", "binary", "empty"), strict=True):
        assert f"{name}: {reason}" in done.stderr


def test_url_and_time_given_by_hand(run_scrapy: Run, page: Path) -> None:
    options = ("--url", "https://other.example/x.html", "--fetched-at", "2026-03-05T00:00:00+08:00")
    (line,) = run_scrapy("extract", str(page), *options).stdout.splitlines()
    fields = json.loads(line)
    assert fields["_id"] == "other.example/x.html"
    assert datetime.fromisoformat(fields["fetched_at"]) == datetime(2026, 3, 4, 16, tzinfo=UTC)


def test_a_fixture_has_its_own_address_and_time(run_scrapy: Run) -> None:
    case = next(CASE.glob("yaowen-2024-0406*"))
    meta = json.loads((case / "meta.json").read_text())
    for name in (case, case / "page.html"):
        fields = json.loads(run_scrapy("extract", str(name)).stdout)
        assert (fields["id"], fields["url"]) == (case.name, meta["url"])
        assert datetime.fromisoformat(fields["fetched_at"]) == datetime.fromisoformat(meta["fetched_at"])


def test_explain_names_value_method_and_what_was_removed(run_scrapy: Run, page: Path) -> None:
    told = run_scrapy("extract", str(page), "--explain").stdout
    assert "渡船恢复通航" in told
    assert "by header" in told
    assert re.search(r"candidate +\d+\.\d\d  .*渡船恢复通航", told)
    for field in ("title", "source", "published_at", "text", "related"):
        assert f"  {field}" in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "no page given"),
        (["x.html", "--jobs", "0"], "--jobs 0"),
        (["x.html", "y.html", "--url", "https://a.example/"], "--url needs exactly one file"),
        (["x.html", "--url", "a.example"], "is not an http(s) URL"),
        (["x.html", "--fetched-at", "2026-03-05T00:00"], "has no time zone"),
        (["x.html", "--fetched-at", "today"], "is not an ISO 8601 time"),
        (["x.html", "--wrong"], "unknown option --wrong"),
    ],
)
def test_wrong_use_is_one_line_and_2(run_scrapy: Run, arguments: list[str], message: str) -> None:
    done = run_scrapy("extract", *arguments)
    assert done.returncode == 2
    assert message in done.stderr


def test_dead_url_is_one_line(run_scrapy: Run) -> None:
    done = run_scrapy("extract", "http://127.0.0.1:9/x.html", "-s", "RETRY_TIMES=0")
    assert done.returncode == 1
    assert "http://127.0.0.1:9/x.html: robots.txt of 127.0.0.1:9 cannot be read (connection refused)" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("html", "address"),
    [
        (b'<link href="https://a.example/1" rel=canonical>', "https://a.example/1"),
        (b"<LINK REL='canonical' HREF='https://a.example/2#x'>", "https://a.example/2"),
        (b'<meta property="og:url" content="https://a.example/3">', "https://a.example/3"),
        (b'<meta content="https://a.example/4" property="og:url">', "https://a.example/4"),
        (
            b'<base href="https://a.example/5/"><meta property="og:url" content="https://a.example/6">',
            "https://a.example/6",
        ),
        (b'<base href="https://a.example/5/">', "https://a.example/5/"),
        (b'<link rel="canonical" href="/relative">', None),
        (b'<link rel="stylesheet" href="https://a.example/x.css">', None),
        (b"<p>https://a.example/</p>", None),
    ],
)
def test_stated_address(html: bytes, address: str | None) -> None:
    assert stated_url(html) == address


def test_time_of_a_file_is_its_modification_time(page: Path) -> None:
    moment = datetime(2026, 3, 2, 1, 2, 3, tzinfo=UTC)
    os.utime(page, (moment.timestamp(), moment.timestamp()))
    assert read_page(page).fetched_at == moment
    os.utime(page, (0, 0))
    assert read_page(page).fetched_at.year > 2000


def test_a_file_without_address_gets_one_of_its_name(tmp_path: Path) -> None:
    path = tmp_path / "ein 页.html"
    path.write_text("<p>x</p>")
    assert read_page(path).url == "https://file.invalid/ein%20%E9%A1%B5.html"


@pytest.mark.parametrize("body", [b"", b"\0\0\0\0", b"%PDF-1.7", b"\x1f\x8b\x08", b"PK\x03\x04", b"ab" + bytes(1000)])
def test_what_is_no_page(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "x.html"
    path.write_bytes(body)
    with pytest.raises(UnreadablePageError, match=r"x\.html: (empty|binary)"):
        read_page(path)


def test_utf_16_and_single_nul_bytes_are_pages(tmp_path: Path) -> None:
    for body in ("<p>中</p>".encode("utf-16"), b"<p>a\0b" + b"x" * 100):
        path = tmp_path / "x.html"
        path.write_bytes(body)
        assert read_page(path).body == body


@pytest.mark.server
def test_answers_keep_the_order_over_processes(page: Path) -> None:
    reading = Reading(None, None, False, {})
    sources = [str(page) if number % 3 else f"/missing/{number}" for number in range(40)]
    outcomes = [bool(answer.problem) for answer in answers(sources, reading, {}, 2)]
    assert outcomes == [number % 3 == 0 for number in range(40)]
