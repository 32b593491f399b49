"""Invented news stories: the same seed gives the same stories on every run and every machine."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from benchmarks.invented import material
from newsspider.text.zone import BEIJING

DAYS = "一二三四五六日"
FIRST_DAY = datetime(2024, 4, 1, 7, 0, tzinfo=BEIJING)


@dataclass(slots=True)
class Story:
    """One story as its author wrote it; `published` is China time, `number` counts from 1 in its site."""

    number: int
    title: str
    paragraphs: list[str]
    published: datetime
    source: str
    section: str
    reporter: str
    editor: str
    tags: list[str]
    subheads: dict[int, str] = field(default_factory=dict)
    caption: str = ""

    @property
    def text(self) -> str:
        return "\n".join(self.paragraphs)

    def snippet(self, width: int = 66) -> str:
        """Return the start of the text cut to `width` bytes of GBK, as listings do."""
        return cut_bytes(self.paragraphs[0], width)


def cut_bytes(text: str, width: int) -> str:
    """Return the longest start of `text` that has at most `width` bytes in GB18030."""
    return text.encode("gb18030")[:width].decode("gb18030", "ignore")


class Words(dict[str, str]):
    """Fills slots: fixed values first, then {n} 3-98, {n2} 100-989, {N} 1,000-9,999, {digit}, {pct}, {month}, {day},
    {person}, {place} drawn anew at each use."""

    def __init__(self, rng: random.Random, fixed: dict[str, str]) -> None:
        super().__init__(fixed)
        self.rng = rng

    def __missing__(self, slot: str) -> str:
        rng = self.rng
        if slot == "person":
            return person(rng)
        if slot == "place":
            return place(rng)
        if slot == "pct":
            return f"{rng.randint(11, 89)}.{rng.randint(1, 9)}%"
        if slot == "day":
            return rng.choice(DAYS[:5])
        low, high = {"n": (3, 98), "n2": (100, 989), "N": (1000, 9999), "digit": (2, 9), "month": (3, 11)}[slot]
        return str(rng.randint(low, high))


def person(rng: random.Random) -> str:
    return rng.choice(material.SURNAMES) + "".join(rng.sample(material.GIVEN, rng.choice((1, 2, 2))))


def place(rng: random.Random) -> str:
    return rng.choice(material.PLACE_HEADS) + rng.choice(material.PLACE_TAILS) + rng.choice("市县区镇")


class Deck:
    """Deals the cards of a sequence in random order and shuffles anew only when all have been dealt."""

    def __init__(self, rng: random.Random, cards: Sequence[str]) -> None:
        self._rng = rng
        self._cards = tuple(cards)
        self._left: list[str] = []

    def deal(self) -> str:
        if not self._left:
            self._left = list(self._cards)
            self._rng.shuffle(self._left)
        return self._left.pop()


class Newsroom:
    """Writes stories that differ clearly from one another; `house` is the site's own name as a source."""

    def __init__(self, seed: str, house: str) -> None:
        self._rng = random.Random(seed)
        self._house = house
        self._decks: dict[Sequence[str], Deck] = {}
        self._titles: set[str] = set()

    def _deal(self, cards: Sequence[str]) -> str:
        if cards not in self._decks:
            self._decks[cards] = Deck(self._rng, cards)
        return self._decks[cards].deal()

    def write(self, count: int, first: int = 1, topics: Sequence[material.Topic] = material.TOPICS) -> list[Story]:
        """Return `count` stories, newest last, about three an invented day from `FIRST_DAY` on."""
        return [self._story(number, topics[number % len(topics)]) for number in range(first, first + count)]

    def _story(self, number: int, topic: material.Topic) -> Story:
        rng = self._rng
        published = FIRST_DAY + timedelta(hours=6 * number, minutes=rng.randint(0, 300), seconds=rng.randint(0, 59))
        city = place(rng)
        words = Words(
            rng,
            {
                "org": city[:-1] + self._deal(topic.offices),
                "thing": self._deal(topic.things),
                "when": f"{published.month}月{published.day}日",
            },
        )
        title = self._title(topic, rng, city, words["thing"])
        paragraphs = self._paragraphs(topic, words, rng.choice((1, 2, 3, 4, 5, 6)))
        return Story(
            number,
            title,
            paragraphs,
            published,
            self._house if number % 3 == 0 else self._deal(material.MEDIA),
            topic.section,
            person(rng),
            person(rng),
            [words["thing"], *rng.sample(topic.tags, 2)],
            {len(paragraphs) // 2: self._deal(material.SUBHEADS)} if len(paragraphs) > 5 else {},
            self._deal(material.CAPTIONS).format_map(words),
        )

    def _title(self, topic: material.Topic, rng: random.Random, city: str, thing: str) -> str:
        while True:
            title = self._deal(topic.titles).format_map(Words(rng, {"place": city[:-1], "thing": thing}))
            if title not in self._titles:
                self._titles.add(title)
                return title
            city = place(rng)

    def _paragraphs(self, topic: material.Topic, words: Words, count: int) -> list[str]:
        lead = f"{self._deal(material.LEADS)}，{self._deal(topic.facts)}，{self._deal(topic.effects)}。"
        paragraphs = [lead]
        for index in range(count):
            link = self._deal(material.LINKS)
            sentences = f"{link}{self._deal(topic.facts)}，{self._deal(topic.effects)}。"
            if index % 2 == 0:
                sentences += self._deal(topic.quotes)
            if words.rng.random() < 0.6:
                sentences += f"{self._deal(topic.facts)}，{self._deal(topic.facts)}。"
            paragraphs.append(sentences)
        paragraphs.append(self._deal(material.ENDINGS))
        return [paragraph.format_map(words) for paragraph in paragraphs]
