"""The spool file: durable, bounded, readable around any damage."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from mongo_articles import MONDAY

from newsspider.mongo.articles.spool import Record, Spool, SpoolError, SpoolFile, claimed, dismiss

RECORDS = [Record("article", {"_id": str(number), "text": "河" * 100, "at": MONDAY}) for number in range(5)]


def written(folder: Path) -> Path:
    spool = Spool(folder, 1_000_000)
    spool.append(RECORDS[:3])
    spool.append(RECORDS[3:])
    spool.close()
    assert spool.path is not None
    return spool.path


def identities(file: SpoolFile) -> list[str]:
    return [record.document["_id"] for record in file]


def test_records_come_back_as_written(tmp_path: Path) -> None:
    file = SpoolFile(written(tmp_path))
    assert list(file) == RECORDS
    assert file.damaged_bytes == 0


def test_torn_tail_loses_the_torn_record_only(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_bytes(path.read_bytes()[:-7])
    file = SpoolFile(path)
    assert identities(file) == ["0", "1", "2", "3"]
    assert file.damaged_bytes > 0


@pytest.mark.parametrize("cut", [0, 3, 8, 12, 25, 200])
def test_bytes_missing_in_the_middle_lose_one_record_only(tmp_path: Path, cut: int) -> None:
    path = written(tmp_path)
    data = path.read_bytes()
    start = len(data) // 5 + cut
    path.write_bytes(data[:start] + data[start + 11 :])
    file = SpoolFile(path)
    assert identities(file) == ["0", "2", "3", "4"]
    dismiss(file)
    assert not path.exists()
    assert path.with_name(path.name + ".damaged").exists()


def test_garbage_is_no_record(tmp_path: Path) -> None:
    path = tmp_path / "x.spool"
    path.write_bytes(bytes(range(256)) * 10)
    assert list(SpoolFile(path)) == []


def test_spool_is_bounded_and_says_so(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 1200)
    spool.append(RECORDS[:2])
    with pytest.raises(SpoolError, match=r"is full: SPOOL_MAX_MB="):
        spool.append(RECORDS)
    assert spool.path is not None
    assert identities(SpoolFile(spool.path)) == ["0", "1"]


def test_file_of_a_living_process_is_not_claimed(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 1_000_000)
    spool.append(RECORDS)
    assert spool.path is not None
    assert claimed(spool.path) is None
    spool.close()
    assert claimed(spool.path) is not None


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A tmpfs of 64 KB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting a tmpfs needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.server
def test_full_disk_leaves_what_was_written_whole(small_disk: Path) -> None:
    spool = Spool(small_disk, 1_000_000)
    spool.append(RECORDS)
    with pytest.raises(SpoolError, match="No space left on device"):
        spool.append([Record("article", {"_id": "large", "text": "x" * 100_000})])
    assert spool.path is not None
    file = SpoolFile(spool.path)
    assert identities(file) == ["0", "1", "2", "3", "4"]
    assert file.damaged_bytes == 0


def test_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SpoolError, match="cannot write to the spool folder"):
        Spool(tmp_path / "file" / "spool", 1_000_000).append(RECORDS)
