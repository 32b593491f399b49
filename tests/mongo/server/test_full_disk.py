"""A disk that runs full under mongod: articles go to the spool and from there, once there is room, to MongoDB."""

from __future__ import annotations

import asyncio
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from mongo_articles import article, article_store

from newsspider.mongo.articles.spool import Spool
from newsspider.mongo.articles.spool_import import import_spools
from newsspider.mongo.articles.store import ArticleStore
from newsspider.mongo.server import connection as connection_module

DISK_MB, LEFT_MB = 500, 12
ARTICLES = 40


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting a tmpfs needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Take up all but LEFT_MB of the disk."""
    ballast = folder / "ballast"
    free = int(subprocess.check_output(["df", "--output=avail", "-B1", str(folder)]).split()[-1])
    with ballast.open("wb") as stream:
        for _ in range(max(0, free // 1_000_000 - LEFT_MB)):
            stream.write(b"x" * 1_000_000)
    return ballast


@pytest.mark.server
def test_disk_full_under_mongod_costs_no_article(
    small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection_module.CLIENT_OPTIONS, "serverSelectionTimeoutMS", 500)
    spool = Spool(tmp_path / "spool", 100_000_000)
    made = [article(n, "".join(map(chr, range(0x4E00 + n, 0x4E00 + n + 20_000))) * 15) for n in range(ARTICLES)]

    async def overflow() -> Counter[str]:
        async with article_store(None, "news", small_disk, retry_s=1, spool=spool, batch_size=4) as store:
            ballast = fill(small_disk)
            outcomes = Counter(await asyncio.gather(*map(store.save, made)))
            ballast.unlink()
            return outcomes

    async def catch_up() -> tuple[int, int]:
        async with article_store(None, "news", small_disk) as store:
            reports = await import_spools(store, tmp_path / "spool")
            return sum(report.stored for report in reports), await count(store)

    async def count(store: ArticleStore) -> int:
        return await store.connection.db["articles"].count_documents({"revision": 1})

    outcomes = asyncio.run(overflow())
    assert outcomes["new"] + outcomes["spooled"] == ARTICLES and outcomes["spooled"]
    assert asyncio.run(catch_up()) == (outcomes["spooled"], ARTICLES)
