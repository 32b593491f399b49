"""What the index holds of an article. Text is not in it: hits are read from MongoDB."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import tantivy

from newsspider.search.facets import facet_values
from newsspider.search.matching import FACT_FIELDS, field_values, host_of_url, moment_of
from newsspider.search.results import FACETS, order_key
from newsspider.search.units import indexed
from newsspider.text import fold

# raised with every change of what follows: an index of another format is built anew
FORMAT: Final = 1
# what an article is indexed by
INDEXED_FIELDS: Final = (*FACT_FIELDS, "title", "text")
FIELD_NAMES: Final = ("source", "author", "tag", "section")
ARTICLE, MARK = "article", "mark"
_SPACED: Final = "spaced"


def schema() -> tantivy.Schema:
    """Return the fields. `*_pairs` hold neighbouring units with positions, `*_units` single ones without."""
    builder = tantivy.SchemaBuilder()
    for name in ("id", "mark"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("title", "text"):
        builder.add_text_field(f"{name}_pairs", tokenizer_name=_SPACED, index_option="position")
        builder.add_text_field(f"{name}_units", tokenizer_name=_SPACED, index_option="basic")
    for name in ("kind", *FIELD_NAMES, "site", "host", "code", "story", "copy"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in FACETS:
        builder.add_text_field(facet_field(name), tokenizer_name="raw", index_option="basic", fast=True)
    for name in ("at", "seen"):
        builder.add_integer_field(name, fast=True)
    builder.add_unsigned_field("key", fast=True)
    return builder.build()


def facet_field(name: str) -> str:
    """Return the field that counts the values of a facet."""
    return f"facet_{name}"


def register(index: tantivy.Index) -> None:
    """Tell `index` how its fields are cut: at spaces, which is how `entry` joins units."""
    index.register_tokenizer(_SPACED, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())


def entry(article: Mapping[str, Any]) -> tantivy.Document:
    """Return what is written for an article with INDEXED_FIELDS."""
    made = tantivy.Document()
    add = made.add_text
    add("kind", ARTICLE)
    add("id", article["_id"])
    for name in ("title", "text"):
        in_pairs, single = indexed(article.get(name) or "")
        add(f"{name}_pairs", in_pairs)
        add(f"{name}_units", single)
    for name in FIELD_NAMES:
        for value in field_values(article, name):
            add(name, fold(value))
    add("site", article["site"])
    add("host", host_of_url(article["url"]))
    add("code", (article.get("language") or "").lower())
    add("story", article.get("story_id") or "")
    add("copy", is_copy(article.get("duplicate_of") is not None))
    for name, value in facet_values(article).items():
        add(facet_field(name), value)
    made.add_unsigned("key", order_key(article))
    made.add_integer("at", milliseconds(moment_of(article)))
    made.add_integer("seen", milliseconds(article.get("version_seen_at") or article["first_seen_at"]))
    return made


def mark(text: str) -> tantivy.Document:
    """Return the entry that says up to where the index has followed the database."""
    made = tantivy.Document()
    made.add_text("kind", MARK)
    made.add_text("mark", text)
    return made


def is_copy(value: bool) -> str:
    """Return how the index says that an article is a copy, or is none."""
    return "y" if value else "n"


def milliseconds(moment: datetime) -> int:
    """Return a time as whole milliseconds since 1970, rounded up."""
    return -(-int(moment.timestamp() * 1_000_000) // 1000)
