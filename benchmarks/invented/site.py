"""A site as data: what it answers at each URL, and the articles that a perfect crawl would find."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FETCHED_AT = datetime(2024, 4, 26, 2, 30, tzinfo=UTC)
EXTENSIONS = (("json", "json"), ("javascript", "txt"), ("xml", "xml"), ("html", "html"))
UNSAFE = re.compile(r"[^0-9A-Za-z]+")
MAX_SLUG = 60


@dataclass(slots=True)
class Page:
    """One answer: status, headers with lower-case names, body without content-encoding."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "text/html; charset=utf-8"})


@dataclass(slots=True)
class Truth:
    """What is right for one article; `published_at` is aware UTC, `addresses` are all its URLs, the canonical first."""

    addresses: list[str]
    title: str
    text: str
    published_at: datetime | None
    published_precision: str | None = "second"
    source: str | None = None
    authors: list[str] = field(default_factory=list)
    editor: str | None = None
    tags: list[str] = field(default_factory=list)
    section: str | None = None
    images: list[str] = field(default_factory=list)
    pages: int = 1
    related: dict[str, list[str]] = field(default_factory=dict)
    blocks: dict[str, int] = field(default_factory=dict)
    self_links: int = 0

    @property
    def url(self) -> str:
        return self.addresses[0]


@dataclass(slots=True)
class Site:
    """`pages` maps (host, path with query) to the answer; `articles` is the truth; `seeds` are where a crawl begins.

    `endless` maps the start of a path to a function that answers any such path: what only a live server has.
    `upgraded` lists (host, path) that are also linked to as http:// and redirect to https://.
    """

    name: str
    host: str
    seeds: list[str]
    pages: dict[tuple[str, str], Page] = field(default_factory=dict)
    articles: list[Truth] = field(default_factory=list)
    scheme: str = "https"
    endless: dict[str, Callable[[str], Page]] = field(default_factory=dict)
    upgraded: list[tuple[str, str]] = field(default_factory=list)

    def url(self, path: str, host: str | None = None) -> str:
        return f"{self.scheme}://{host or self.host}{path}"

    def add(self, path: str, page: Page, host: str | None = None) -> str:
        """Store `page` under `path` and return its absolute URL."""
        self.pages[(host or self.host, path)] = page
        return self.url(path, host)

    @property
    def hosts(self) -> list[str]:
        return sorted({host for host, _ in self.pages})

    def __iter__(self) -> Iterator[tuple[str, Page]]:
        for (host, path), page in sorted(self.pages.items()):
            yield self.url(path, host), page
        for host, path in self.upgraded:
            yield f"http://{host}{path}", redirect(self.url(path, host))


def html_page(text: str, encoding: str = "utf-8", charset: str | None = None, status: int = 200) -> Page:
    """Return an HTML answer in `encoding`; `charset` is what the header claims, "" leaves it out."""
    declared = encoding if charset is None else charset
    content_type = f"text/html; charset={declared}" if declared else "text/html"
    return Page(text.encode(encoding), status, {"content-type": content_type})


def text_page(text: str, content_type: str, encoding: str = "utf-8") -> Page:
    return Page(text.encode(encoding), 200, {"content-type": content_type})


def redirect(location: str, status: int = 301) -> Page:
    return Page(b"", status, {"content-type": "text/plain", "location": location})


def case_name(url: str) -> str:
    """Return a readable folder name for `url`'s path and query."""
    path = url.split("://", 1)[-1].partition("/")[2]
    slug = UNSAFE.sub("-", path).strip("-").lower() or "home"
    if len(slug) <= MAX_SLUG:
        return slug
    return f"{slug[:MAX_SLUG]}-{hashlib.sha256(url.encode()).hexdigest()[:6]}"


def extension(page: Page) -> str:
    content_type = page.headers.get("content-type", "")
    if not page.body or page.status in range(300, 400):
        return "txt"
    return next((name for part, name in EXTENSIONS if part in content_type), "txt")


def write_fixtures(site: Site, folder: Path) -> int:
    """Write `site` below `folder`/<site name>, replacing what is recorded there, and return the number of pages.

    A golden file (expected.json) beside a page that is still served is kept.
    """
    target = folder / site.name
    goldens = {path.parent.name: path.read_bytes() for path in sorted(target.glob("*/expected.json"))}
    shutil.rmtree(target, ignore_errors=True)
    taken: set[str] = set()
    for url, page in site:
        case = case_name(url)
        if case in taken or url.split("://", 1)[1].partition("/")[0] != site.host:
            case = f"{case}-{hashlib.sha256(url.encode()).hexdigest()[:6]}"
        taken.add(case)
        _write_case(target / case, url, page)
        if case in goldens:
            (target / case / "expected.json").write_bytes(goldens[case])
    return len(taken)


def _write_case(folder: Path, url: str, page: Page) -> None:
    folder.mkdir(parents=True)
    name = f"page.{extension(page)}"
    (folder / name).write_bytes(page.body)
    meta = {
        "url": url,
        "status": page.status,
        "headers": page.headers,
        "fetched_at": FETCHED_AT.isoformat().replace("+00:00", "Z"),
        "body": name,
    }
    (folder / "meta.json").write_text(json.dumps(meta, ensure_ascii=False, indent=1) + "\n", "utf-8")


def read_fixtures(folder: Path) -> Site:
    """Return the recorded site in `folder` as a Site without truth."""
    site = Site(folder.name, "", [])
    for meta_file in sorted(folder.glob("*/meta.json")):
        meta = json.loads(meta_file.read_text("utf-8"))
        scheme, _, rest = meta["url"].partition("://")
        host, _, path = rest.partition("/")
        body = (meta_file.parent / meta["body"]).read_bytes()
        site.scheme = scheme
        site.host = site.host or host
        site.pages[(host, f"/{path}")] = Page(body, meta["status"], dict(meta["headers"]))
    return site


def truth_json(site: Site) -> str:
    """Return the articles of `site` as JSON lines, times in ISO 8601."""

    def plain(value: Any) -> Any:
        return value.isoformat() if isinstance(value, datetime) else value

    rows = ({name: plain(value) for name, value in asdict(truth).items()} for truth in site.articles)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
