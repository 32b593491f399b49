"""WARC files as other tools and accidents leave them: every whole record is read, and what is not is named."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from pathlib import Path

import brotli
import pytest
from backports import zstd

from newsspider.recording.cases import request_key
from newsspider.recording.http_bodies import decoded_body
from newsspider.recording.warc import ResponseScan, WarcRecording

PAGE = "<html><body><h1>临河港恢复通航</h1><p>三号码头今天上午开闸放船。</p></body></html>".encode()
DATE = "2024-04-05T01:30:00Z"


def record(number: int, body: bytes = PAGE, *headers: str, kind: str = "response", extra: str = "") -> bytes:
    """Return a record as it stands in a file that is not compressed."""
    http = "".join(f"{line}\r\n" for line in ("HTTP/1.1 200 OK", "Content-Type: text/html", *headers)).encode()
    content = http + b"\r\n" + body
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: http://www.linhe.example/{number}.html\r\n"
        f"WARC-Date: {DATE}\r\nWARC-Record-ID: <urn:uuid:{number}>\r\n{extra}"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content + b"\r\n\r\n"


def packed(*records: bytes) -> bytes:
    return b"".join(gzip.compress(one) for one in records)


def scanned(path: Path, start: int = 0) -> tuple[list[int], ResponseScan]:
    """Return the numbers of the answers that are read whole, and the scan."""
    scan = ResponseScan(path, start)
    found = [(int(answer.url.rpartition("/")[2].partition(".")[0]), answer.body) for answer in scan]
    assert all(body == PAGE for _, body in found)
    return [number for number, _ in found], scan


def chunked(body: bytes) -> bytes:
    return b"".join(
        b"%x;a=b\r\n%s\r\n" % (len(body[at : at + 50]), body[at : at + 50]) for at in range(0, len(body), 50)
    ) + (b"0\r\n\r\n")


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(PAGE)),
        ("x-gzip", gzip.compress(PAGE)),
        ("deflate", zlib.compress(PAGE)),
        ("deflate", zlib.compress(PAGE)[2:-4]),
        ("br", brotli.compress(PAGE)),
        ("zstd", zstd.compress(PAGE)),
        ("gzip, br", brotli.compress(gzip.compress(PAGE))),
        ("identity", PAGE),
        ("br", PAGE),  # decoded by who wrote the file
        ("gzip", PAGE),
    ],
)
def test_encoded_and_chunked_bodies_are_decoded(encoding: str, body: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    whole = record(1, body, f"Content-Encoding: {encoding}")
    parted = record(2, chunked(body), f"Content-Encoding: {encoding}", "Transfer-Encoding: chunked")
    joined = record(3, body, f"Content-Encoding: {encoding}", "Transfer-Encoding: chunked")
    path.write_bytes(packed(whole, parted, joined))
    numbers, scan = scanned(path)
    assert (numbers, scan.problems) == ([1, 2, 3], [])


def test_a_body_that_is_cut_short_gives_what_is_there() -> None:
    body = decoded_body(gzip.compress(PAGE * 50, mtime=0)[:-30], {"content-encoding": "gzip"})
    assert body
    assert (PAGE * 50).startswith(body)


def test_a_bomb_is_cut_off() -> None:
    bomb = io.BytesIO()
    with gzip.GzipFile(fileobj=bomb, mode="wb", compresslevel=9) as writer:
        for _ in range(80):
            writer.write(bytes(1 << 20))
    assert len(decoded_body(bomb.getvalue(), {"content-encoding": "gzip"})) == 64 << 20


@pytest.mark.parametrize("end", [b"", b"\r\n", b"\n", b"\r\n\r\n", b"\r\n\r\n\r\n"])
@pytest.mark.parametrize("suffix", [".warc", ".warc.gz"])
def test_line_ends_at_the_end_may_be_fewer_or_more(end: bytes, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"x{suffix}"
    records = [record(1), record(2), record(3).removesuffix(b"\r\n\r\n") + end]
    path.write_bytes(packed(*records) if suffix == ".warc.gz" else b"".join(records))
    numbers, scan = scanned(path)
    assert (numbers, scan.problems, scan.end) == ([1, 2, 3], [], scan.size)


@pytest.mark.parametrize("suffix", [".warc", ".warc.gz"])
@pytest.mark.parametrize("damage", ["cut", "flip", "garbage"])
def test_damage_in_the_middle_costs_the_records_it_hits(damage: str, suffix: str, tmp_path: Path) -> None:
    records = [record(number) for number in range(1, 6)]
    pieces = [packed(one) if suffix == ".warc.gz" else one for one in records]
    if damage == "cut":
        pieces[2] = pieces[2][:-160] + pieces[2][-120:]
    elif damage == "flip":
        pieces[2] = (
            pieces[2].replace(b"WARC/1.0", b"WARX/1.0")
            if suffix == ".warc"
            else pieces[2][:60] + bytes(20) + pieces[2][80:]
        )
    else:
        pieces[2] += b"\x00garb\x1f\x8b\x08\n\n" * 30
    path = tmp_path / f"x{suffix}"
    path.write_bytes(b"".join(pieces))
    numbers, scan = scanned(path)
    hit = [] if damage == "garbage" else [3]
    assert numbers == [number for number in range(1, 6) if number not in hit]
    assert len(scan.problems) == 1
    size = len(pieces[2]) if hit else 300
    assert f"{size} bytes unreadable from byte" in scan.problems[0]


def test_a_file_is_read_on_from_where_an_answer_ended(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(packed(*map(record, range(1, 6))))
    scan = ResponseScan(path)
    answers = iter(scan)
    for _ in range(2):
        next(answers)
    assert scanned(path, scan.end)[0] == [3, 4, 5]
    assert scanned(path, scan.size)[0] == []


def revisit(number: int, digest: str) -> bytes:
    extra = (
        "WARC-Profile: http://netpreserve.org/warc/1.0/revisit/identical-payload-digest\r\n"
        f"WARC-Payload-Digest: {digest}\r\n"
    )
    return record(number, b"", kind="revisit", extra=extra)


def test_a_revisit_record_has_the_answer_that_it_names(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    digest = f"sha1:{hashlib.sha1(PAGE, usedforsecurity=False).hexdigest()}"
    first = record(1, brotli.compress(PAGE), "Content-Encoding: br", extra=f"WARC-Payload-Digest: {digest}\r\n")
    path.write_bytes(packed(first, record(2), revisit(3, digest), revisit(4, "sha1:ELSEWHERE")))
    numbers, scan = scanned(path)
    assert (numbers, scan.unresolved, scan.problems) == ([1, 2, 3], 1, [])
    assert scanned(path, len(packed(first)))[0] == [2, 3]
    recording = WarcRecording.open(path, writable=False)
    found = recording.find(request_key("GET", "http://www.linhe.example/3.html"))
    assert found is not None
    assert found.body == PAGE
    recording.close()


@pytest.mark.parametrize("has_dictionary", [False, True])
def test_zstd_files_are_read_with_and_without_dictionary(has_dictionary: bool, tmp_path: Path) -> None:
    path = tmp_path / "x.warc.zst"
    content, dictionary, head = bytes(range(256)) * 4 + PAGE * 3, None, b""
    if has_dictionary:
        dictionary = zstd.ZstdDict(content, is_raw=True)
        head = b"\x5d\x2a\x4d\x18" + len(content).to_bytes(4, "little") + content
    frames = [zstd.compress(record(number), zstd_dict=dictionary) for number in (1, 2, 3)]
    frames[1] = frames[1][:30] + frames[1][40:]
    path.write_bytes(head + b"".join(frames))
    numbers, scan = scanned(path)
    assert numbers == [1, 3]
    assert len(scan.problems) == 1


def test_a_file_packed_as_a_whole_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(gzip.compress(b"".join(map(record, range(1, 30)))))
    numbers, scan = scanned(path)
    assert (numbers, scan.problems) == (list(range(1, 30)), [])


def test_a_garbled_answer_costs_itself_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.warc"
    bad_status = record(2).replace(b"HTTP/1.1 200 OK", b"HTTP/1.1 abc OK")
    no_date = record(3).replace(f"WARC-Date: {DATE}\r\n".encode(), b"")
    no_text = record(4).replace(b"HTTP/1.1 200 OK", b"HTTP/1.1 200   ")
    path.write_bytes(b"".join((record(1), bad_status, no_date, no_text, record(5))))
    numbers, scan = scanned(path)
    assert (numbers, scan.problems) == ([1, 4, 5], [])
