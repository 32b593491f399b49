"""Compares reprint detectors on labelled pairs in one run; optionally also the index in MongoDB.

    python benchmarks/dedupe.py [PAIRS] [--lookup 10000 100000] [--stream 30000] [--workers 1 4] [--index-only]

PAIRS holds one JSON object a line: a, b, title_a, title_b, label (dup or not), edit_type. Recall is the mean over the
edit types, precision that over all pairs; "templates" is the share of templated notes taken for copies. --lookup fills
a database and measures look-ups and the index; --stream sends invented articles, reprints and notes in random order
through the index and compares the stories with the truth. Without PAIRS only the index is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import random
import re
import statistics
import sys
import tempfile
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import xxhash

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]
sys.path += [str(path) for path in ROOT.glob(".venv-bench/lib/python*/site-packages")]

from benchmarks.dedupe_lookup import look_up  # noqa: E402
from newsspider.fingerprint import Fingerprint, fingerprint, verify  # noqa: E402
from newsspider.items import Article  # noqa: E402
from newsspider.mongo.server.local_server import LocalServer  # noqa: E402
from newsspider.mongo.stories.stories import INDEXES, Stories  # noqa: E402

Pair = dict[str, Any]
START = datetime(2026, 5, 1, tzinfo=UTC)
STRIPPED = re.compile(r"[^0-9a-z\u3400-\u9fff]+")
DATASKETCH_THRESHOLD = 0.8
HAN = "".join(chr(code) for code in range(0x4E00, 0x4E00 + 3000))


def ours(pair: Pair) -> bool:
    a, b = fingerprint(pair["title_a"], pair["a"]), fingerprint(pair["title_b"], pair["b"])
    is_candidate = a.body_hash == b.body_hash or not set(a.keys).isdisjoint(b.keys)
    return is_candidate and verify(a, b).is_same_story


def candidates_alone(pair: Pair) -> bool:
    a, b = fingerprint(pair["title_a"], pair["a"]), fingerprint(pair["title_b"], pair["b"])
    return a.body_hash == b.body_hash or not set(a.keys).isdisjoint(b.keys)


def plain(text: str) -> str:
    return STRIPPED.sub("", unicodedata.normalize("NFKC", text).lower())


def exact_hash(pair: Pair) -> bool:
    return plain(pair["a"]) == plain(pair["b"])


def simhash(pair: Pair) -> bool:
    return (simhash_of(pair["a"]) ^ simhash_of(pair["b"])).bit_count() <= 3


def simhash_of(text: str) -> int:
    text = plain(text)
    grams = Counter(text[n : n + 4] for n in range(max(1, len(text) - 3)))
    hashes = np.array([xxhash.xxh3_64_intdigest(gram.encode()) for gram in grams], dtype=np.uint64)
    weights = np.array(list(grams.values()), dtype=np.int64)
    bits = (hashes[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
    total = ((bits.astype(np.int64) * 2 - 1) * weights[:, None]).sum(axis=0)
    return sum(1 << position for position in range(64) if total[position] > 0)


def datasketch_method() -> Callable[[Pair], bool] | None:
    try:
        from datasketch import MinHash, MinHashLSH
    except ImportError:
        return None

    def sketch(text: str) -> Any:
        text, made = plain(text), MinHash(num_perm=128)
        made.update_batch([text[n : n + 5].encode() for n in range(max(1, len(text) - 4))])
        return made

    def method(pair: Pair) -> bool:
        index = MinHashLSH(threshold=DATASKETCH_THRESHOLD, num_perm=128)
        index.insert("a", sketch(pair["a"]))
        return bool(index.query(sketch(pair["b"])))

    return method


def compare(pairs: Sequence[Pair]) -> None:
    methods: dict[str, Callable[[Pair], bool] | None] = {
        "newsspider": ours,
        "its keys alone": candidates_alone,
        "exact hash": exact_hash,
        "SimHash 64 <= 3": simhash,
        f"MinHashLSH {DATASKETCH_THRESHOLD}": datasketch_method(),
    }
    answers: dict[str, list[bool]] = {}
    print(
        f"{'method':18} {'recall':>7} {'least':>7} {'precision':>9} {'templates':>9} {'ms/pair':>8} {'articles/s':>10}"
    )
    for name, method in methods.items():
        if method is None:
            print(f"{name:18} skipped: datasketch is not installed (requirements-bench.txt)")
            continue
        method(pairs[0])
        started = time.perf_counter()
        answers[name] = [method(pair) for pair in pairs]
        print(f"{name:18} {summary(pairs, answers[name], time.perf_counter() - started)}")
    print()
    print(f"{'edit type':22} {'pairs':>6}  " + "  ".join(f"{name:>15}" for name in answers))
    kinds = sorted({(pair["label"], pair["edit_type"]) for pair in pairs})
    for label, kind in kinds:
        rows = [n for n, pair in enumerate(pairs) if (pair["label"], pair["edit_type"]) == (label, kind)]
        shares = (sum(given[n] for n in rows) / len(rows) for given in answers.values())
        print(f"{label} {kind:18} {len(rows):6}  " + "  ".join(f"{share:15.3f}" for share in shares))


def summary(pairs: Sequence[Pair], answers: Sequence[bool], seconds: float) -> str:
    by_type: dict[str, list[bool]] = defaultdict(list)
    for pair, answer in zip(pairs, answers, strict=True):
        by_type[pair["label"] + " " + pair["edit_type"]].append(answer)
    recalls = [sum(hits) / len(hits) for name, hits in by_type.items() if name.startswith("dup")]
    right = sum(sum(hits) for name, hits in by_type.items() if name.startswith("dup"))
    wrong = sum(sum(hits) for name, hits in by_type.items() if name.startswith("not"))
    notes = [hit for name, hits in by_type.items() if name.startswith("not tpl") for hit in hits]
    precision = right / (right + wrong) if right + wrong else 0.0
    merged = sum(notes) / len(notes) if notes else 0.0
    return (
        f"{statistics.mean(recalls):7.4f} {min(recalls):7.3f} {precision:9.4f} {merged:9.4f} "
        f"{1000 * seconds / len(pairs):8.2f} {2 * len(pairs) / seconds:10.0f}"
    )


def costs(pairs: Sequence[Pair]) -> None:
    texts = [(pair[f"title_{side}"], pair[side]) for pair in pairs for side in "ab"]
    started = time.perf_counter()
    prints = [fingerprint(*text) for text in texts]
    normalised = time.perf_counter()
    for print_ in prints:
        _ = print_.keys
    keyed = time.perf_counter()
    for a, b in zip(prints[::2], prints[1::2], strict=True):
        verify(a, b)
    done = time.perf_counter()
    one = 1000 / len(texts)
    print(f"\nms an article: normalise {one * (normalised - started):.2f}, keys {one * (keyed - normalised):.2f}")
    print(f"ms a pair: verify {2 * one * (done - keyed):.2f}")


def invented(seed: int, length: int) -> str:
    chance = random.Random(seed)
    words = ["".join(chance.choices(HAN, k=2)) for _ in range(200)]
    lines = []
    while sum(map(len, lines)) < length:
        lines.append("".join(chance.choices(words, k=chance.randint(15, 40))) + "。")
    return "\n".join(lines)


def note(seed: int) -> tuple[str, str]:
    """Return title and text of a templated finance note."""
    chance = random.Random(seed)
    name = "".join(chance.choices(HAN[:400], k=4))
    a, b, c, d, e, f = (f"{chance.uniform(1, 9000):.2f}" for _ in range(6))
    text = (
        f"{name}（{chance.randint(600000, 699999)}）{chance.randint(1, 12)}月{chance.randint(1, 28)}日获融资买入"
        f"{a}万元，占当日买入金额的{b}%，当前融资余额{c}亿元，占流通市值的{d}%，超过历史60%分位水平。\n融券方面，融券偿还{e}万股，融券卖出{f}股，"
        "按当日收盘价计算，卖出金额较前一交易日有所变化，融券余额低于历史40%分位水平，处于较低位置，投资者宜留意。"
    )
    return f"{name}：融资买入{a}万元", text


def edited(text: str, chance: random.Random) -> str:
    """Return a reprint: frame lines, a dropped paragraph, a cut end or single words replaced."""
    lines = text.split("\n")
    kind = chance.randrange(5)
    if kind == 0:
        return f"来源：某报\n{text}\n（编辑 王小明）"
    if kind == 1 and len(lines) > 4:
        del lines[chance.randrange(1, len(lines))]
        return "\n".join(lines)
    if kind == 2 and len(lines) > 6:
        return "\n".join(lines[: int(0.75 * len(lines))])
    if kind == 3:
        signs = list(text)
        for _ in range(len(signs) // 60):
            position = chance.randrange(len(signs))
            signs[position] = signs[position] if signs[position] in "。\n" else chance.choice(HAN)
        return "".join(signs)
    return text.replace("\n", "")


def stream(count: int, given: Sequence[tuple[str, str]], seed: int = 1) -> tuple[list[Article], dict[str, int]]:
    """Return articles in random order and article -> true story: invented and given ones with reprints, and notes."""
    chance = random.Random(seed)
    rows: list[tuple[int, str, str]] = []
    story = 0
    while len(rows) < count:
        story += 1
        if story % 5 == 0:
            rows.append((story, *note(story)))
            continue
        if story % 5 == 1 and story // 5 < len(given):
            title, text = given[story // 5]
        else:
            title, text = "".join(random.Random(story).choices(HAN, k=14)), invented(story, chance.randint(300, 1500))
        rows.append((story, title, text))
        if chance.random() < 0.2:
            rows += [(story, title, edited(text, chance)) for _ in range(chance.randint(1, 4))]
    chance.shuffle(rows)
    articles, truth = [], {}
    for number, (story, title, text) in enumerate(rows[:count]):
        key = f"s{number % 997}.example/{number:07}"
        seen = START + timedelta(seconds=40 * number % 1_700_000)
        articles.append(
            Article(key, f"https://{key}", f"s{number % 997}.example", title, text, "", seen, published_at=seen)
        )
        truth[key] = story
    return articles, truth


async def _connected(uri: str, database: str) -> Any:
    from pymongo import AsyncMongoClient

    client: AsyncMongoClient[Any] = AsyncMongoClient(uri, tz_aware=True, w="majority", journal=True)
    for collection, models in INDEXES.items():
        await client[database][collection].create_indexes(models)
    return client


def work(uri: str, database: str, articles: Sequence[Article], in_flight: int, answers: Any) -> None:
    """Place the articles with `in_flight` at once; put the seconds each took."""

    async def run() -> list[float]:
        client = await _connected(uri, database)
        stories, took = Stories(client[database]), []
        for start in range(0, len(articles), in_flight):
            batch = articles[start : start + in_flight]
            started = time.perf_counter()
            await stories.assign(batch)
            took += [time.perf_counter() - started] * len(batch)
        await client.close()
        return took

    answers.put(asyncio.run(run()))


def run_stream(uri: str, count: int, given: Sequence[tuple[str, str]], workers: int, in_flight: int) -> frozenset[Any]:
    from pymongo import MongoClient

    database = f"stream_{workers}"
    articles, truth = stream(count, given)
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    parts = [(uri, database, articles[n::workers], in_flight, answers) for n in range(workers)]
    processes = [context.Process(target=work, args=part) for part in parts]
    started = time.perf_counter()
    for process in processes:
        process.start()
    took = sorted(second for _ in processes for second in answers.get())
    seconds = time.perf_counter() - started
    for process in processes:
        process.join()
    with MongoClient(uri) as client:
        roots = {found["_id"]: found["cl"] for found in client[database]["fingerprints"].find({}, {"cl": True})}
        client.drop_database(database)
    report(roots, truth)
    p50, p99 = (1000 * took[int(share * len(took))] for share in (0.5, 0.99))
    speed = f"{count / seconds:.0f} articles/s"
    print(f"  {workers} workers: {speed}; {in_flight} at once: p50 {p50:.0f} ms, p99 {p99:.0f} ms")
    groups: dict[str, set[str]] = defaultdict(set)
    for key, root in roots.items():
        groups[root].add(key)
    return frozenset(frozenset(group) for group in groups.values())


def report(roots: dict[str, str], truth: dict[str, int]) -> None:
    true: dict[int, list[str]] = defaultdict(list)
    found: dict[str, list[str]] = defaultdict(list)
    for key, root in roots.items():
        true[truth[key]].append(key)
        found[root].append(key)
    split = sum(len({roots[key] for key in keys}) > 1 for keys in true.values())
    wrong = sum(len(keys) - max(Counter(truth[key] for key in keys).values()) for keys in found.values())
    several = sum(len(keys) > 1 for keys in true.values())
    largest = max(map(len, found.values())), max(map(len, true.values()))
    beyond = max(len(keys) - max(len(true[truth[key]]) for key in keys) for keys in found.values())
    print(
        f"  {len(roots)} articles, {several} stories with copies: split {split}, wrongly merged articles {wrong}, ",
        end="",
    )
    print(f"largest story {largest[0]} (truth {largest[1]}), at most {beyond} more than the truth")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", type=Path, nargs="?")
    parser.add_argument("--lookup", type=int, nargs="+", default=[], metavar="N")
    parser.add_argument("--stream", type=int, default=0, metavar="N")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--in-flight", type=int, default=8)
    parser.add_argument("--index-only", action="store_true", help="leave the comparison out")
    options = parser.parse_args()
    pairs: list[Pair] = []
    if options.pairs is not None:
        pairs = [json.loads(line) for line in options.pairs.read_text("utf-8").splitlines() if line.strip()]
    elif not options.stream:
        options.lookup = options.lookup or [10_000, 100_000]
    if pairs and not options.index_only:
        compare(pairs)
        costs(pairs)
    if not options.lookup and not options.stream:
        return
    with tempfile.TemporaryDirectory() as folder:
        server = LocalServer.start(Path(folder))
        try:
            if options.lookup:
                print("\nlook-up of ranked candidates")
                look_up(server.uri, options.lookup)
            if options.stream:
                print(f"\nstream of {options.stream}")
                given = _given(pairs)
                ended = [
                    run_stream(server.uri, options.stream, given, workers, options.in_flight)
                    for workers in options.workers
                ]
                print("  the same stories:", "yes" if len(set(ended)) == 1 else "NO")
        finally:
            server.release()


def _given(pairs: Sequence[Pair]) -> list[tuple[str, str]]:
    """Return real articles of the pairs, one of each pair of random ones: none is a copy of another."""
    seen: dict[str, tuple[str, str]] = {}
    for pair in pairs:
        if pair["edit_type"] == "random":
            print_: Fingerprint = fingerprint(pair["title_a"], pair["a"])
            seen.setdefault(print_.body_hash, (pair["title_a"], pair["a"]))
    return list(seen.values())


if __name__ == "__main__":
    main()
