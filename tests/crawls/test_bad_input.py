"""Bad bytes, bad folders, bad credentials: an article that can be read is read, anything else is one line."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from project import ROOT
from pymongo import MongoClient

from benchmarks.invented.site import Page, Site, html_page
from newsspider.mongo.server import mongod

Run = Callable[..., CompletedProcess[str]]
LINHE = ROOT / "fixtures" / "linhe"
HOST = "www.hezhou-news.example"
QUICK = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0", "-s", "RETRY_TIMES=0")
BODY = [
    "河州市图书馆四月二十四日起延长开放时间，自习区每晚开到十点，周末增设亲子朗读角，读者凭身份证即可办理借阅。",
    "馆长告诉记者，延时服务试行三个月，期间将按客流增减座位，并在二楼添置三十盏护眼台灯，饮水处也重新做了检修。",
    "家住北门的退休教师每天傍晚都来看报，她说晚间灯光比从前亮堂，孩子们写完作业还能挑两本书带回家慢慢读完。",
]


def title(name: str) -> str:
    return f"河州图书馆延长开放时间之{name}"


def markup(name: str, time: str = "2024-04-24 09:30:00", paragraph: str = "<p>{}</p>") -> str:
    body = "".join(paragraph.format(line) for line in BODY)
    return (
        f"<html><head><title>{title(name)}_河州新闻网</title></head><body><h1>{title(name)}</h1>"
        f"<div class='info'>来源：河州日报　时间：{time}</div><div class='content'>{body}</div></body></html>"
    )


def lying(text: str, encoding: str, header: str) -> Page:
    return Page(text.encode(encoding), 200, {"content-type": f"text/html; charset={header}"})


PAGES = {
    "甲": lying(markup("甲"), "gb18030", "utf-8"),
    "乙": lying(markup("乙"), "utf-8", "gb2312"),
    "丙": lying(markup("丙"), "gb18030", "iso-8859-1"),
    "丁": Page(markup("丁").replace("。", "。\0").encode()),
    "戊": html_page(markup("戊").replace("<h1>", "<div>" * 500 + "<h1>")),
    "己": html_page(markup("己").replace("</p>", "").replace("</div>", "").replace("</body></html>", "<div")),
    "庚": html_page(markup("庚").replace("<p>", "<p><b><i>").replace("</h1>", "</h1></body></html><body>")),
    "辛": Page(b"\xef\xbb\xbf" + markup("辛").encode(), 200, {"content-type": "text/html; charset=gbk"}),
}


def library(pages: dict[str, Page]) -> Site:
    site = Site("hezhou", HOST, [f"http://{HOST}/news/"], scheme="http")
    rows = ""
    for number, (name, page) in enumerate(pages.items(), 10_001):
        site.add(f"/news/2024/0424/{number}.html", page)
        rows += f"<li><a href='/news/2024/0424/{number}.html'>{title(name)}</a> <span>2024-04-24</span></li>"
    site.add("/news/", html_page(f"<html><title>新闻_河州新闻网</title><body><ul>{rows}</ul></body></html>"))
    return site


def test_link_too_long_to_ask_for_is_not_queued(run_scrapy: Run, site_server: Any, mongo: Any) -> None:
    site = library({"甲": PAGES["甲"], "乙": PAGES["乙"]})
    long = f"/news/2024/0424/10003.html?title={'9' * 2100}"
    listing = site.pages[(HOST, "/news/")].body.decode()
    row = f"<li><a href='{long}'>{title('丙')}</a> <span>2024-04-24</span></li></ul>"
    site.add("/news/", html_page(listing.replace("</ul>", row)))
    done = run_scrapy("crawl", "news", "-a", f"url={site_server(site).url('/news/')}", *QUICK)
    assert done.returncode == 0, done.stderr
    assert mongo.articles.count_documents({}) == 2
    assert mongo.pages.count_documents({"state": "queued"}) == 0


def test_articles_of_broken_pages_are_read_whole(run_scrapy: Run, site_server: Any, mongo: Any) -> None:
    server = site_server(library(PAGES))
    done = run_scrapy("crawl", "news", "-a", f"url={server.url('/news/')}", *QUICK)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    found = {document["title"]: document["text"] for document in mongo.articles.find()}
    assert sorted(found) == sorted(map(title, PAGES))
    for name, text in found.items():
        assert text.replace("\0", "").replace("\ufffd", "").split("\n") == BODY, name


def test_a_time_that_has_not_come_is_not_stored(run_scrapy: Run, site_server: Any, mongo: Any) -> None:
    year = datetime.now(UTC).year + 2
    names = ("甲", "乙", "丙", "丁")
    pages = {name: html_page(markup(name, f"{year if name == '乙' else 2024}-04-24 09:30:00")) for name in names}
    server = site_server(library(pages))
    done = run_scrapy("crawl", "news", "-a", f"url={server.url('/news/')}", *QUICK)
    assert done.returncode == 0, done.stderr
    found = {document["title"]: document["published_at"] for document in mongo.articles.find()}
    assert len(found) == len(names)
    assert all(moment is None or moment < datetime.now(UTC) for moment in found.values())


@pytest.fixture
def guarded_uri(tmp_path: Path) -> Iterator[str]:
    """The URI, with a wrong password, of a mongod that asks for one."""
    folder, port = tmp_path / "guarded", mongod.free_port()
    folder.mkdir()
    command = [str(mongod.binary()), "--dbpath", str(folder), "--port", str(port), "--bind_ip", "127.0.0.1", "--auth"]
    process = subprocess.Popen([*command, "--nounixsocket", "--logpath", str(folder / "log")])
    with MongoClient("127.0.0.1", port, serverSelectionTimeoutMS=20_000) as client:
        client.admin.command("createUser", "root", pwd="root", roles=["root"])
    yield f"mongodb://root:geheim@127.0.0.1:{port}/"
    process.terminate()
    process.wait()


def test_a_wrong_password_is_one_line_and_1(run_scrapy: Run, guarded_uri: str) -> None:
    done = run_scrapy("crawl", "linhe", "-s", f"REPLAY={LINHE}", env={"MONGO_URI": guarded_uri})
    assert done.returncode == 1
    assert sum("refuses user or password" in line for line in done.stderr.splitlines()) == 1
    assert "geheim" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("folder", ["/dev/null/x", "/proc/x"])
def test_a_data_folder_that_cannot_be_written_is_one_line_and_1(run_scrapy: Run, folder: str) -> None:
    done = run_scrapy("crawl", "linhe", "-s", f"REPLAY={LINHE}", env={"MONGO_URI": None, "MONGO_DATA_DIR": folder})
    assert done.returncode == 1
    assert sum(f"data folder {folder} cannot be written" in line for line in done.stderr.splitlines()) == 1
    assert done.stderr.splitlines()[-1] == "the crawl ended early: mongo_unavailable"
    assert "Traceback" not in done.stderr
