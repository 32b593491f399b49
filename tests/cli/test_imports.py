"""`scrapy articles import` of many files: shared out, cut off and gone on with, each file known by what is in it."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from project import ROOT, scrapy_command

from newsspider.cli.importing.jobs import files_of, shared_out
from newsspider.mongo.archive import ArchiveError

Run = Callable[..., CompletedProcess[str]]
BATCH = 20
BODY = (
    "河口镇第{n}号码头四月二十四日恢复通航，首班渡轮早晨六点离岸，载客九十六人，往返一趟约四十分钟，票价仍为三元。",
    "镇交通站站长说，停航期间完成了第{n}座趸船的除锈和加固，新装了两道护栏，夜航灯也换成了节能的一种。",
    "住在南岸的菜农第{n}次排在队首，她说往后不必再绕行二十里的公路桥，赶早市能多睡一个钟头，菜也新鲜。",
)


def page(number: int) -> bytes:
    paragraphs = "".join(f"<p>{line.format(n=number)}{chr(0x4E00 + number * 7) * 12}</p>" for line in BODY)
    title = f"河口镇第{number}号码头恢复通航"
    return (
        f"<html><head><title>{title}_河口新闻网</title></head><body><h1>{title}</h1>"
        f"<div class='info'>来源：河口日报　时间：2024-04-24 09:30:00</div><div class='content'>{paragraphs}</div>"
    ).encode()


def write_warc(path: Path, numbers: Iterable[int], mode: str = "wb") -> Path:
    with path.open(mode) as stream:
        for number in numbers:
            content = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page(number)
            head = (
                "WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: 2024-04-25T01:30:00Z\r\n"
                f"WARC-Record-ID: <urn:uuid:{number}>\r\nContent-Type: application/http\r\n"
                f"WARC-Target-URI: http://www.hekou.example/2024/0424/{10_000 + number}.html\r\n"
                f"Content-Length: {len(content)}\r\n\r\n"
            )
            stream.write(gzip.compress(head.encode() + content + b"\r\n\r\n"))
    return path


def test_names_stand_for_files_folders_and_patterns(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    names = ["a/1.warc.gz", "a/2.jsonl", "a/b/3.warc.zst", "a/b/notes.txt"]
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    wanted = [tmp_path / name for name in names[:3]]
    assert files_of([str(tmp_path / "a"), str(tmp_path / "a" / "*.jsonl")]) == wanted
    assert files_of([str(tmp_path / "**" / "*.warc*")]) == [wanted[0], wanted[2]]
    with pytest.raises(ArchiveError, match=r"notes\.txt: neither"):
        files_of([str(tmp_path / "a" / "b" / "*")])
    with pytest.raises(ArchiveError, match="no such file"):
        files_of([str(tmp_path / "c*")])


def test_files_are_shared_out_by_size(tmp_path: Path) -> None:
    paths = [tmp_path / str(size) for size in (1, 2, 3, 10)]
    for path in paths:
        path.write_bytes(bytes(int(path.name)))
    groups = shared_out(paths, 2)
    assert sorted(sorted(int(path.name) for path in group) for group in groups) == [[1, 2, 3], [10]]
    assert len(shared_out(paths, 9)) == 4


@pytest.mark.server
def test_an_import_goes_on_with_what_is_new_in_a_file(run_scrapy: Run, mongo: Any, tmp_path: Path) -> None:
    path = write_warc(tmp_path / "x.warc.gz", range(5))
    assert "5 new" in run_scrapy("articles", "import", str(path)).stderr
    state = mongo["imports"].find_one()
    assert (state["_id"], state["state"], state["offset"]) == (str(path), "done", path.stat().st_size)
    again = run_scrapy("articles", "import", str(path))
    assert (again.returncode, "imported before and have not changed" in again.stderr) == (0, True)
    write_warc(path, range(5, 8), "ab")
    grown = run_scrapy("articles", "import", str(path))
    assert "3 new, 0 changed, 0 unchanged" in grown.stderr
    assert mongo["imports"].find_one()["counts"] == {"records": 8, "articles": 8, "skipped_bytes": 0, "unresolved": 0}
    assert "0 new, 0 changed, 8 unchanged" in run_scrapy("articles", "import", "--again", str(path)).stderr
    write_warc(path, range(20, 23))
    assert "3 new" in run_scrapy("articles", "import", str(path)).stderr
    assert mongo["articles"].count_documents({}) == 11


@pytest.mark.server
def test_many_files_in_several_processes(run_scrapy: Run, mongo: Any, tmp_path: Path) -> None:
    for number in range(5):
        write_warc(tmp_path / f"{number}.warc.gz", range(number * 6, number * 6 + 6))
    damaged = tmp_path / "3.warc.gz"
    content = damaged.read_bytes()
    damaged.write_bytes(content[:100] + content[150:])
    done = run_scrapy("articles", "import", "--jobs", "2", str(tmp_path / "*.warc.gz"))
    assert done.returncode == 1
    assert done.stderr.count("bytes unreadable from byte") == 1
    assert "Traceback" not in done.stderr
    assert mongo["articles"].count_documents({}) == 29
    assert mongo["imports"].count_documents({"state": "done"}) == 5
    assert mongo["imports"].find_one({"counts.skipped_bytes": {"$gt": 0}})["_id"] == str(damaged)


@pytest.mark.server
def test_a_killed_import_loses_nothing_and_repeats_a_batch_at_most(
    run_scrapy: Run, start_scrapy: Callable[..., Any], mongo: Any, tmp_path: Path
) -> None:
    count = 8 * BATCH
    path = write_warc(tmp_path / "x.warc.gz", range(count))
    victim = start_scrapy("articles", "import", str(path), "-s", f"STORE_BATCH_SIZE={BATCH}")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and (mongo["imports"].find_one() or {}).get("offset", 0) == 0:
        time.sleep(0.05)
    victim.kill()
    victim.wait()
    state, stored = mongo["imports"].find_one(), mongo["articles"].count_documents({})
    assert state["state"] == "running"
    assert state["counts"]["articles"] <= stored <= state["counts"]["articles"] + BATCH
    done = run_scrapy("articles", "import", str(path), "-s", f"STORE_BATCH_SIZE={BATCH}")
    assert done.returncode == 0, done.stderr
    assert f"{count - stored} new, 0 changed, {stored - state['counts']['articles']} unchanged" in done.stderr
    assert mongo["articles"].count_documents({}) == count
    assert mongo["imports"].find_one()["counts"]["records"] == count


@pytest.mark.server
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_stopped_import_ends_in_order_and_is_gone_on_with(
    jobs: int, run_scrapy: Run, scrapy_environment: dict[str, str], mongo: Any, tmp_path: Path
) -> None:
    count = 12 * BATCH
    for number in range(2):
        write_warc(tmp_path / f"{number}.warc.gz", range(number * count, number * count + count))
    arguments = ("articles", "import", str(tmp_path), "--jobs", str(jobs), "-s", f"STORE_BATCH_SIZE={BATCH}")
    victim = subprocess.Popen(
        scrapy_command(*arguments),
        cwd=ROOT,
        env=scrapy_environment,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and (mongo["imports"].find_one() or {}).get("offset", 0) == 0:
        time.sleep(0.05)
    os.killpg(victim.pid, signal.SIGINT)  # what a terminal does
    _, said = victim.communicate(timeout=60)
    assert "Traceback" not in said, said
    stored = mongo["articles"].count_documents({})
    assert 0 < stored < 2 * count
    assert mongo["imports"].count_documents({"state": "done"}) < 2
    done = run_scrapy(*arguments)
    assert done.returncode == 0, done.stderr
    assert mongo["articles"].count_documents({}) == 2 * count
