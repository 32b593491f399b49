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

from newsspider.cli.importing.choice import may_be_chinese, read_list, read_sites
from newsspider.cli.importing.jobs import files_of, largest_first
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
    path.open(mode).close()
    for number in numbers:
        write_response(path, f"http://www.hekou.example/2024/0424/{10_000 + number}.html", page(number))
    return path


def write_response(path: Path, url: str, body: bytes) -> None:
    """Add the answer to a request for `url` to a WARC file."""
    content = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: 2024-04-25T01:30:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:{url}>\r\nContent-Type: application/http\r\n"
        f"WARC-Target-URI: {url}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    with path.open("ab") as stream:
        stream.write(gzip.compress(head.encode() + content + b"\r\n\r\n"))


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


def test_large_files_are_begun_first(tmp_path: Path) -> None:
    paths = [tmp_path / str(size) for size in (1, 10, 3)]
    for path in paths:
        path.write_bytes(bytes(int(path.name)))
    assert [path.name for path in largest_first(paths)] == ["10", "3", "1"]


HAN = "河口镇码头恢复通航，首班渡轮早晨六点离岸，载客九十六人，往返一趟约四十分钟。"


@pytest.mark.parametrize(
    ("body", "is_chinese"),
    [
        (HAN.encode(), True),
        (HAN.encode("gbk"), True),
        (HAN.replace("，", "").encode("big5", "ignore"), True),
        (HAN.encode("gb18030"), True),
        (b"<meta charset=gb2312>" + HAN[:8].encode("gbk"), True),
        (HAN.encode("utf-16"), True),
        (HAN.encode("hz"), True),
        ("".join(f"&#{ord(letter)};" for letter in HAN).encode(), True),
        (HAN.encode("unicode_escape"), True),
        (f"<p>{'Ferries are back in Hekou. ' * 40}</p><a>中文</a>".encode(), False),
        ("Les bacs sont de retour à Hékou, près de la côte, où l’été était déjà là. ".encode() * 9, False),
        ("Les bacs sont de retour à Hékou, près de la côte, où l’été était déjà là. ".encode("cp1252") * 9, False),
        ("河口町の港で渡し船の運航が再開され、朝六時の始発便には九十六人が乗りました。".encode() * 3, False),
        ("허커우 나루에서 배가 다시 다닌다. 첫 배는 여섯 시에 떠난다 河口".encode() * 3, False),
        (b"", False),
    ],
)
def test_a_page_without_a_chinese_article_is_told_by_its_bytes(body: bytes, is_chinese: bool) -> None:
    assert may_be_chinese(body) is is_chinese


def test_lists_of_files_and_sites(tmp_path: Path) -> None:
    (tmp_path / "1.warc.gz").write_bytes(b"x")
    (tmp_path / "files.gz").write_bytes(gzip.compress(b"1.warc.gz\n# no file\n\n/nowhere/2.warc.gz\n"))
    assert read_list(str(tmp_path / "files.gz")) == [str(tmp_path / "1.warc.gz"), "/nowhere/2.warc.gz"]
    (tmp_path / "sites.txt").write_text("\ufeff# sites\nwww.hekou.example\nhttps://news.shiqiao.example/1.html\n")
    (tmp_path / "sites.csv").write_text("name,url\nHekou,http://www.hekou.example/\n")
    assert read_sites(str(tmp_path / "sites.txt")) == {"hekou.example", "shiqiao.example"}
    assert read_sites(str(tmp_path / "sites.csv")) == {"hekou.example"}
    (tmp_path / "empty.txt").write_text("\n")
    for name, message in (("empty.txt", "names no sites"), ("none.txt", "cannot read")):
        with pytest.raises(ArchiveError, match=message):
            read_sites(str(tmp_path / name))


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
def test_two_commands_share_files_and_one_does_the_rest_of_the_other(
    run_scrapy: Run, start_scrapy: Callable[..., Any], mongo: Any, tmp_path: Path
) -> None:
    for number in range(20):
        write_warc(tmp_path / f"{number}.warc.gz", range(number * BATCH, number * BATCH + BATCH))
    (tmp_path / "names.txt").write_text("".join(f"{number}.warc.gz\n" for number in range(20)))
    command = ("articles", "import", "--list", str(tmp_path / "names.txt"), "-s", f"STORE_BATCH_SIZE={BATCH}")
    victim, other = start_scrapy(*command), start_scrapy(*command)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and mongo["imports"].count_documents({"state": "done"}) < 5:
        time.sleep(0.05)
    victim.kill()
    victim.wait()
    assert other.wait(120) == 0
    files = list(mongo["imports"].find())
    assert [file["state"] for file in files] == ["done"] * 20
    assert sum(file["counts"]["records"] for file in files) == 20 * BATCH
    assert not [file for file in files if "owner" in file]
    assert mongo["articles"].count_documents({}) == 20 * BATCH
    read_twice = mongo["pages"].count_documents({"visits": {"$gt": 1}})
    assert read_twice <= BATCH


@pytest.mark.server
def test_records_in_other_languages_and_of_other_sites_are_left_out(
    run_scrapy: Run, mongo: Any, tmp_path: Path
) -> None:
    path = write_warc(tmp_path / "x.warc.gz", range(4))
    text = "".join(f"<p>{'Ferries are back in Hekou since this morning. ' * 8}</p>" for _ in range(3))
    write_response(path, "http://www.hekou.example/2024/0424/2.html", f"<h1>Ferries are back</h1>{text}".encode())
    write_response(path, "http://www.shiqiao.example/2024/0424/3.html", page(9))
    (tmp_path / "sites.txt").write_text("hekou.example\n")
    command = ("articles", "import", str(path), "--language", "zh", "--sites", str(tmp_path / "sites.txt"))
    done = run_scrapy(*command)
    assert "4 new" in done.stderr
    assert "left out: 1 not in Chinese, 1 of other sites" in done.stderr
    assert "imported before" in run_scrapy(*command).stderr
    assert "1 new, 0 changed, 4 unchanged" in run_scrapy(*command[:-2]).stderr, "another choice is read anew"
    assert run_scrapy("articles", "import", str(path), "--language", "en").returncode == 2


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
    count = 6 * BATCH
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
