"""What an operator types about sites, on the command line and in files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from newsspider.cli.sites.seed_files import NewSite, read_seeds
from newsspider.cli.sites.values import control_changes, moment, seconds, site_of, url_of
from newsspider.mongo.archive import ArchiveError


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://www.hekou.example/news/", "https://www.hekou.example/news/"),
        ("http://10.0.0.7:8080/x?y=1", "http://10.0.0.7:8080/x?y=1"),
        ("www.hekou.example", "https://www.hekou.example/"),
        ("hekou.example/news", "https://hekou.example/news"),
        ("https://河口.example", "https://河口.example/"),
    ],
)
def test_urls(text: str, url: str) -> None:
    assert url_of(text) == url


@pytest.mark.parametrize("text", ["", "hekou", "ftp://a.example/", "https://", "https://a b.example/", "http://[x/"])
def test_what_is_not_a_url(text: str) -> None:
    with pytest.raises(ValueError, match="is not a"):
        url_of(text)


def test_a_site_is_named_by_domain_host_or_url() -> None:
    assert {site_of(name) for name in ("hekou.example", "www.hekou.example", "http://m.hekou.example/x")} == {
        "hekou.example"
    }


def test_times_are_beijing_time_unless_they_name_a_zone() -> None:
    assert moment("2026-12-24T08:00") == moment("2026-12-24T01:00+01:00") == datetime(2026, 12, 24, tzinfo=UTC)
    with pytest.raises(ValueError, match="'tomorrow' is not a date"):
        moment("tomorrow")


@pytest.mark.parametrize(("text", "value"), [("90", 90), ("30m", 1800), ("6h", 21600), ("1.5d", 129600)])
def test_spans(text: str, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize(
    ("given", "changes"),
    [
        ({"labels": "省报，日报;日报"}, {"labels": ["省报", "日报"]}),
        ({"interval": "6h", "daily_budget": "500"}, {"interval_s": 21600.0, "daily_budget": 500}),
        ({"interval": "", "daily_budget": " ", "owner": ""}, {"interval_s": None, "daily_budget": None, "owner": None}),
        ({"quiet_hours": "01:00-06:30"}, {"quiet_hours": "01:00-06:30", "quiet_hours_zone": "Asia/Shanghai"}),
        (
            {"quiet_hours": "22:00-04:00 Europe/Berlin"},
            {"quiet_hours": "22:00-04:00", "quiet_hours_zone": "Europe/Berlin"},
        ),
        ({"notes": " 周末\n停更 "}, {"notes": "周末 停更"}),
    ],
)
def test_what_is_said_of_a_site(given: dict[str, str], changes: dict[str, Any]) -> None:
    assert control_changes(given) == changes


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"interval": "soon"}, "interval: 'soon' is not a span of time"),
        ({"interval": "0"}, "interval: '0' is not"),
        ({"daily_budget": "-1"}, "daily_budget: '-1' is not a whole number"),
        ({"quiet_hours": "night"}, "quiet_hours: 'night' is not a span of time"),
        ({"quiet_hours": "01:00-02:00 Mars/North"}, "quiet_hours: 'Mars/North' is not a time zone"),
        ({"labels": "x" * 41}, "labels: the label"),
    ],
)
def test_what_cannot_be_meant(given: dict[str, str], told: str) -> None:
    with pytest.raises(ValueError) as error:
        control_changes(given)
    assert str(error.value).startswith(told)


def test_a_list_of_urls_names_its_wrong_lines(tmp_path: Path) -> None:
    path = tmp_path / "sites.txt"
    path.write_text("# 省报\nwww.hekou.example\n\nftp://x.example/\nhttps://linjiang.example/a/\n", "utf-8")
    assert list(read_seeds(path)) == [
        NewSite("https://www.hekou.example/"),
        f"{path}, line 4: 'ftp://x.example/' is not an http(s) URL",
        NewSite("https://linjiang.example/a/"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_says_more_of_each_site(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "sites.csv"
    rows = 'URL;Labels;Daily budget\nwww.hekou.example;"省报;日报";500\nb.example;;many\nc.example;;;x\n;;\nd.example\n'
    path.write_bytes(rows.encode(encoding))
    assert list(read_seeds(path)) == [
        NewSite("https://www.hekou.example/", {"labels": ["省报", "日报"], "daily_budget": 500}),
        f"{path}, line 3: daily_budget: 'many' is not a whole number from 1",
        f"{path}, line 4: 4 cells under 3 headings",
        NewSite("https://d.example/"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", b"host\nx.example\n", "no column url"),
        ("a.csv", b"url,colour\n", "unknown column 'colour'"),
        ("a.txt", b"\xff\xff\xff", "neither UTF-8 nor GB18030"),
    ],
)
def test_files_that_cannot_be_meant(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ArchiveError) as error:
        list(read_seeds(path))
    assert told in str(error.value)
    with pytest.raises(ArchiveError, match="cannot read"):
        list(read_seeds(tmp_path / "nosuch.txt"))
