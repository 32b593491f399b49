"""The page archive: what is kept, read by others, cut off after a kill, bounded and removed."""

from __future__ import annotations

import fcntl
import gzip
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from newsspider.items import FetchedPage, FetchedPiece
from newsspider.recording.archive_files import ArchiveOptions, expire, finish_files, index_of, warc_files
from newsspider.recording.cases import RecordingError
from newsspider.recording.cdxj import IndexEntry, entries_with, surt_key
from newsspider.recording.kept_pages import KeptPages
from newsspider.recording.page_archive import PageArchive
from newsspider.recording.page_records import VisitedArticle, filler

AT = datetime(2026, 5, 4, 8, 30, tzinfo=UTC)
HTML = [("Content-Type", "text/html; charset=gbk"), ("Set-Cookie", "s=1"), ("X-Note", "甲\r\nX: 乙")]


def page(number: int, body: str | None = None, at: datetime = AT) -> FetchedPage:
    text = body or f"<html><body><h1>渡口第{number}则</h1></body></html>"
    return FetchedPage(f"https://www.hekou.example/a/{number}.html?b=2&a=1", 200, HTML, text.encode("gbk"), at)


def visited(number: int, at: datetime = AT) -> VisitedArticle:
    piece = FetchedPiece(page(900 + number, "<a href='/x'>相关</a>", at), "div", {"id": "rel"}, "相关阅读")
    first = page(number, None, at)
    whole = FetchedPage(
        *(first.url, first.status, first.headers, first.body, first.fetched_at),
        listed=("2026-05-04T08:00:00+00:00", "minute", "listing"),
        pieces=(piece,),
        unread={"推荐": "HTTP 500"},
        filled=frozenset({"相关阅读"}),
    )
    return VisitedArticle(
        f"hekou.example/a/{number}.html", (whole, page(100 + number, None, at)), "1.0+ab", "part 3: x"
    )


def archive(folder: Path, now: Callable[[], datetime] = lambda: AT, **options: int) -> PageArchive:
    return PageArchive(ArchiveOptions(folder, **options), now)


def written(folder: Path, count: int = 3) -> Path:
    opened = archive(folder)
    for number in range(count):
        opened.keep([visited(number)])
    opened.close()
    (path,) = warc_files(folder)
    return path


def records(path: Path) -> list[tuple[str, str | None]]:
    with path.open("rb") as stream:
        return [
            (record.rec_type, record.rec_headers.get_header("WARC-Target-URI"))
            for record in ArchiveIterator(stream, check_digests="raise")
        ]


def test_warcio_reads_what_was_written_and_the_index_names_every_record(tmp_path: Path) -> None:
    path = written(tmp_path)
    kinds = [kind for kind, _ in records(path)]
    assert kinds == ["warcinfo", *(["response"] * 3 + ["metadata"]) * 3]
    lines = index_of(path).read_text("utf-8").splitlines()
    assert lines == sorted(lines, key=str.encode)
    assert len(lines) == 12
    with path.open("rb") as stream:
        for line in lines:
            entry = IndexEntry.of(line)
            assert entry is not None
            stream.seek(entry.offset)
            (record,) = ArchiveIterator(stream.read(entry.length) and _slice(path, entry))
            assert record.rec_headers.get_header("WARC-Target-URI") == entry.url
            assert record.rec_headers.get_header("WARC-Date") == "2026-05-04T08:30:00Z"
            assert record.rec_headers.protocol == "WARC/1.1"
    (found,) = entries_with(index_of(path), "example,hekou)/a/1.html?a=1&b=2 ")
    assert (found.status, found.mime, found.at) == ("200", "text/html", AT)


def _slice(path: Path, entry: IndexEntry):  # type: ignore[no-untyped-def]
    import io

    data = path.read_bytes()[entry.offset : entry.offset + entry.length]
    return io.BytesIO(data)


def test_an_article_comes_back_as_it_was_visited(tmp_path: Path) -> None:
    written(tmp_path)
    kept = KeptPages(tmp_path)
    keys = {f"hekou.example/a/{number}.html" for number in range(3)}
    found = kept.visits(keys | {"hekou.example/none"})
    assert found.keys() == keys
    back = kept.read("hekou.example/a/1.html", found["hekou.example/a/1.html"][0])
    given = visited(1)
    assert (back.id, back.rules_version, back.gap, len(back.pages)) == (given.id, "1.0+ab", "part 3: x", 2)
    first, wanted = back.pages[0], given.pages[0]
    for name in ("url", "status", "body", "fetched_at", "listed", "unread", "filled"):
        assert getattr(first, name) == getattr(wanted, name), name
    assert dict(first.headers)["content-type"] == "text/html; charset=gbk"
    assert "set-cookie" not in dict(first.headers)
    assert "x" not in dict(first.headers)
    (piece,) = first.pieces
    assert (piece.name, piece.attributes, piece.block, piece.page.body) == (
        *("div", {"id": "rel"}, "相关阅读"),
        wanted.pieces[0].page.body,
    )


def test_of_visits_of_one_second_the_one_kept_later_is_the_later(tmp_path: Path) -> None:
    writers = [archive(tmp_path) for _ in range(2)]
    for number, writer in enumerate(writers):
        writer.keep([visited(number)])
    first, last = sorted(writers, key=lambda writer: str(writer._file and writer._file.path))
    for writer, body in ((last, "old"), (first, "new")):
        writer.keep([VisitedArticle("a.example/9", (page(9, body),))])
    kept = KeptPages(tmp_path)
    found = [kept.read("a.example/9", visit) for visit in kept.visits(["a.example/9"])["a.example/9"]]
    assert [visit.pages[0].body.decode() for visit in found] == ["old", "new"]
    for writer in writers:
        writer.close()


def test_a_file_being_written_is_read_and_left_alone(tmp_path: Path) -> None:
    opened = archive(tmp_path)
    opened.keep([visited(1)])
    opened.keep([visited(1, AT + timedelta(minutes=1))])
    assert finish_files(tmp_path) == 0
    visits = KeptPages(tmp_path).visits({"hekou.example/a/1.html"})["hekou.example/a/1.html"]
    assert [visit.at.minute for visit in visits] == [30, 31]
    opened.close()
    assert len(KeptPages(tmp_path).visits({"hekou.example/a/1.html"})["hekou.example/a/1.html"]) == 2


@pytest.mark.parametrize("torn", [1, 9, 40, 300])
def test_a_torn_end_is_cut_off_by_whoever_comes_next(tmp_path: Path, torn: int) -> None:
    path = written(tmp_path)
    whole = path.stat().st_size
    last = max(
        entry.offset for line in index_of(path).read_text("utf-8").splitlines() if (entry := IndexEntry.of(line))
    )
    index_of(path).unlink()
    os.truncate(path, min(last + torn, whole - 1))
    (path.parent / f"{path.name}.index").write_text("torn")
    visits = KeptPages(tmp_path).visits({f"hekou.example/a/{number}.html" for number in range(3)})
    assert sorted(visits) == ["hekou.example/a/0.html", "hekou.example/a/1.html"]
    assert path.stat().st_size == last
    assert len(records(path)) == 1 + 4 * 2 + 3
    assert not (path.parent / f"{path.name}.index").exists()


def test_full_files_end_and_the_oldest_go(tmp_path: Path) -> None:
    clock = [AT]
    opened = archive(tmp_path, lambda: clock[0], file_bytes=3000, max_bytes=40_000, days=5)
    for number in range(60):
        opened.keep([visited(number)])
    assert sum(path.stat().st_size for path in warc_files(tmp_path)) <= 40_000
    assert len(warc_files(tmp_path)) > 5
    assert len(list(tmp_path.glob("*.cdxj"))) == len(warc_files(tmp_path)) - 1
    clock[0] += timedelta(days=7)
    opened.keep([visited(99, clock[0])])
    (left,) = warc_files(tmp_path)
    assert clock[0].strftime("pages-%Y%m%d-") in left.name
    opened.close()
    assert expire(ArchiveOptions(tmp_path, days=0, max_bytes=0), clock[0] + timedelta(days=900)) == []


def test_short_runs_of_one_day_share_a_file(tmp_path: Path) -> None:
    for number in range(3):
        running = archive(tmp_path) if number == 2 else None
        if running:
            running.keep([visited(9)])
        opened = archive(tmp_path)
        opened.keep([visited(number)])
        opened.close()
    assert len(warc_files(tmp_path)) == 2
    keys = {f"hekou.example/a/{number}.html" for number in (0, 1, 2, 9)}
    assert KeptPages(tmp_path).visits(keys, [AT]).keys() == keys
    assert KeptPages(tmp_path).visits(keys, [AT - timedelta(days=9)]) == {}
    for path in warc_files(tmp_path):
        assert [kind for kind, _ in records(path)].count("warcinfo") == 1


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordingError, match="cannot keep pages in"):
        archive(tmp_path / "file").keep([visited(1)])


def test_removed_records_are_overwritten_and_nothing_else(tmp_path: Path) -> None:
    path = written(tmp_path)
    before = records(path)
    size = path.stat().st_size
    kept = KeptPages(tmp_path)
    assert kept.erase({"hekou.example/a/1.html"}) == 4
    assert kept.erase({"hekou.example/a/1.html"}) == 0
    assert path.stat().st_size == size
    after = records(path)
    assert after == [*before[:5], *[("metadata", "urn:newsspider:removed")] * 4, *before[9:]]
    assert "渡口第1则".encode("gbk") not in gzip.decompress(path.read_bytes())
    assert "a/1.html" not in index_of(path).read_text("utf-8")
    visits = kept.visits({"hekou.example/a/2.html"})["hekou.example/a/2.html"]
    assert kept.read("hekou.example/a/2.html", visits[0]).pages[0].body == visited(2).pages[0].body
    with path.open("r+b") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_removal_in_a_file_being_written(tmp_path: Path) -> None:
    opened = archive(tmp_path)
    opened.keep([visited(1), visited(2)])
    kept = KeptPages(tmp_path)
    visit = kept.visits({"hekou.example/a/1.html"})["hekou.example/a/1.html"][0]
    kept.erase({"hekou.example/a/1.html"})
    opened.keep([visited(3)])
    opened.close()
    with pytest.raises(RecordingError, match="was removed"):
        kept.read("hekou.example/a/1.html", visit)
    (path,) = warc_files(tmp_path)
    assert "渡口第1则".encode("gbk") not in gzip.decompress(path.read_bytes())
    assert len(records(path)) == 1 + 12


def test_a_filler_fills() -> None:
    for length in (250, 300, 5000, 70_000):
        assert len(filler(length)) == length
        assert b"urn:newsspider:removed" in gzip.decompress(filler(length))
    with pytest.raises(ValueError, match="too short"):
        filler(100)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.Example.com/A/B.html?z=2&a=1#x", "com,example)/a/b.html?a=1&z=2"),
        ("http://example.com", "com,example)/"),
        ("http://news.example.com:8080/a/", "com,example,news:8080)/a"),
        ("http://127.0.0.1:8000/a", "1,0,0,127:8000)/a"),
        ("http://例子.cn/中//x/../文?q=%E4", "cn,xn--fsqu00a)/%e4%b8%ad/%e6%96%87?q=%e4"),
        ("http://www2.example.com/?PHPSESSID=0123456789abcdef0123456789abcdef&a=1", "com,example)/?a=1"),
        ("https://example.com:443/?b", "com,example)/?b"),
        ("urn:newsspider:article:a.example/X 1", "urn:newsspider:article:a.example/x%201"),
    ],
)
def test_surt_keys(url: str, key: str) -> None:
    assert surt_key(url) == key


def test_a_prefix_is_found_by_bisection(tmp_path: Path) -> None:
    entries = [
        IndexEntry(f"http://example.com/{number:03}", AT, "text/html", "200", "", number, 1, "x")
        for number in range(0, 500, 2)
    ]
    path = tmp_path / "x.cdxj"
    path.write_text("".join(f"{entry.line()}\n" for entry in entries), "utf-8")
    for number in (0, 2, 248, 498):
        assert [entry.offset for entry in entries_with(path, f"com,example)/{number:03} ")] == [number]
    assert list(entries_with(path, "com,example)/001 ")) == []
    assert len(list(entries_with(path, "com,example)/1"))) == 50
    path.write_text("")
    assert list(entries_with(path, "com")) == []
    assert IndexEntry.of("com) 2026 {") is None
    assert json.loads(entries[0].line().split(" ", 2)[2])["length"] == "1"
