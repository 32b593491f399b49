"""An article's page: one method a field. A site file overrides a field with a selector or with the method."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar, Final

from lxml import etree
from parsel import Selector

from newsspider.items import Article, Image, RelatedBlock, RelatedLink
from newsspider.pages.article.body_html import rendered
from newsspider.pages.article.embedded_state import stated_document
from newsspider.pages.article.explain import explanation
from newsspider.pages.article.images import body_images
from newsspider.pages.article.keywords import tags
from newsspider.pages.article.page_figures import page_figures
from newsspider.pages.article.page_kind import PageKind, verdict
from newsspider.pages.article.page_text import text_confidence
from newsspider.pages.article.section import section
from newsspider.pages.article.title import Title, find_title
from newsspider.pages.body.body import Body, find_body, keep_lines
from newsspider.pages.byline.byline import Byline, byline
from newsspider.pages.byline.confidence import confidence, title_confidence
from newsspider.pages.byline.listed_time import ListedTime, listed_time
from newsspider.pages.document import Document
from newsspider.pages.listing.pager import next_article_page
from newsspider.pages.markup.page_source import PageSource
from newsspider.pages.payloads import payloads
from newsspider.pages.related.blocks import related_blocks
from newsspider.pages.related.stated import add_stated, stating_scripts
from newsspider.text import language_of, squeeze
from newsspider.text.dates import Published, parse_labelled_date
from newsspider.urls import article_key, canonical_url, is_bare_url, is_mirror_url, registered_domain, resolve

_MARK: Final = "data-newsspider-body"
SELECTED: Final = ("title", "body", "source", "authors", "editor", "published_at", "tags", "section")


class ArticlePage:
    """Reads one page. Every `*_selector` is CSS or XPath (it begins with / or .) and overrules what is found without.

    Methods return None, "" or an empty list for what the page does not have; times are aware UTC.
    """

    title_selector: ClassVar[str | None] = None
    body_selector: ClassVar[str | None] = None
    source_selector: ClassVar[str | None] = None
    authors_selector: ClassVar[str | None] = None
    editor_selector: ClassVar[str | None] = None
    published_at_selector: ClassVar[str | None] = None
    tags_selector: ClassVar[str | None] = None
    section_selector: ClassVar[str | None] = None

    def __init__(self, document: Document) -> None:
        has_selector = any(getattr(self, f"{name}_selector") for name in SELECTED)
        if self.body_selector:
            document = _marked(document, selected(document, self.body_selector))
        shown = document if has_selector else document.focused()
        stated = stated_document(shown)
        self.document, self._place = stated if stated else (shown, "")

    def title(self) -> str:
        return self._selected_text(self.title_selector) or self._title.text

    def text(self) -> str:
        """Return the paragraphs joined by a line feed."""
        return self._text

    def body_html(self) -> str:
        """Return simple HTML, a line for each line of the text; not yet sanitized."""
        return "\n".join(html for _, html in self._rendered)

    def source(self) -> str | None:
        return self._selected_text(self.source_selector) or self._byline.source

    def authors(self) -> list[str]:
        return self._selected_texts(self.authors_selector) or self._byline.authors

    def editor(self) -> str | None:
        return self._selected_text(self.editor_selector) or self._byline.editor

    def published_at(self) -> Published | None:
        if self.published_at_selector and (shown := self._selected_text(self.published_at_selector)):
            return parse_labelled_date(shown, self.document.fetched_at)
        return self._byline.published

    def images(self) -> list[Image]:
        return [image for images in self._images.values() for image in images]

    def tags(self) -> list[str]:
        return self._selected_texts(self.tags_selector) or self._tags[0]

    def section(self) -> str | None:
        return self._selected_text(self.section_selector) or section(self.document, self._title.line)

    def language(self) -> str | None:
        """Return zh-Hans, zh-Hant or another code, by the characters of title and text."""
        return language_of(f"{self.title()}\n{self.text()}")

    def related(self) -> list[RelatedLink]:
        return self._related[1]

    def related_blocks(self) -> list[RelatedBlock]:
        return self._related[0]

    def kind(self) -> str:
        """Return article, listing, topic, gallery, video, login, error, shell or empty."""
        return self._verdict.kind

    def kind_reasons(self) -> list[str]:
        """Return why the page is of its kind."""
        return list(self._verdict.reasons)

    def next_page(self) -> str | None:
        """Return the address of the article's next part, or of its full text."""
        return next_article_page(self.document)

    def url(self) -> str:
        """Return the canonical address: the page's own word for it where that is the same article."""
        return self._url

    @cached_property
    def _url(self) -> str:
        own = canonical_url(self.document.url)
        for stated in self._stated_urls():
            is_same = article_key(stated) == article_key(own) or is_mirror_url(stated, own)
            if is_same or is_bare_url(stated, own):
                return canonical_url(stated)
        return own

    def to_item(self, listed: ListedTime | None = None) -> Article:
        """Return the article as found; `clean_article` makes of it what is stored."""
        url = self.url()
        found, methods = self.published_at(), self.methods()
        own = found.at if found else None
        if listed and (given := listed_time(own, methods.get("published_at"), listed, self.document.fetched_at)):
            found, methods["published_at"], _ = given
        return Article(
            _id=article_key(url),
            url=url,
            site=registered_domain(url),
            title=self.title(),
            text=self.text(),
            body_html=self.body_html(),
            fetched_at=self.document.fetched_at,
            source=self.source(),
            source_url=self._byline.source_url,
            source_trailer=self._byline.source_trailer,
            authors=self.authors(),
            editor=self.editor(),
            published_at=found.at if found else None,
            published_raw=found.raw if found else None,
            published_precision=found.precision if found else None,
            tz_assumed=found.tz_assumed if found else False,
            images=self.images(),
            tags=self.tags(),
            section=self.section(),
            language=self.language(),
            related=self.related(),
            related_blocks=self.related_blocks(),
            kind=self.kind(),
            kind_reasons=self.kind_reasons(),
            methods=methods,
            confidence=self.confidence(),
        )

    def methods(self) -> dict[str, str]:
        """Return field -> how it was found."""
        found = {
            "title": self._title.method,
            "text": (self._place or self._body.method) if self._body else "none",
            **self._byline.methods,
        }
        if self._tags[1]:
            found["tags"] = self._tags[1]
        for name in SELECTED:
            if selected(self.document, getattr(self, f"{name}_selector")):
                found["text" if name == "body" else name] = "selector"
        return {name: method for name, method in found.items() if method}

    def confidence(self) -> dict[str, float]:
        """Return field -> certainty (0 to 1) of the title, text, source, authors and published_at that were found.

        It is the share of such answers that were right on sites nobody had seen. A text that a selector found has none.
        """
        found, title = confidence(self._byline), self._title
        if title.text:
            is_shown = title.line is not None
            found["title"] = title_confidence(title.text, title.method, is_shown=is_shown, candidates=title.candidates)
        if self._figures and self.text():
            found["text"] = round(text_confidence(self._figures), 2)
        return found

    def explain(self) -> dict[str, dict[str, Any]]:
        """Return field -> {"value", "method", "candidates": [{"score", "value", "method"}, best first]}."""
        item = self.to_item()
        return explanation(self.document, item, self._title, self._body, self._byline, self._verdict)

    @cached_property
    def _body(self) -> Body | None:
        body = find_body(self.document, _marked_range(self.document) if self.body_selector else None)
        return body

    @cached_property
    def _title(self) -> Title:
        return find_title(self.document, self._body.range if self._body else None)

    @cached_property
    def _range(self) -> tuple[int, int] | None:
        """The body's first and last line, what stands above the headline left out."""
        body, line = self._body, self._title.line
        if body is None:
            return None
        if line is not None and body.first <= line < body.last:
            body.first = line + 1
        return body.range

    @cached_property
    def _byline(self) -> Byline:
        return byline(self.document, self._title.line, self._range)

    @cached_property
    def _related(self) -> tuple[list[RelatedBlock], list[RelatedLink], set[int]]:
        document = self.document
        found = related_blocks(document, self._range, self.url(), self.title(), self._byline.published)
        if scripts := stating_scripts(document):
            add_stated(document, payloads(scripts), self.url(), found[0], found[1])
        return found

    @cached_property
    def _lines(self) -> list[int]:
        """The indexes of the body's lines."""
        if self._range is None or self._body is None:
            return []
        if not self._body.lines:
            keep_lines(self.document, self._body, self._related[2])
        return self._body.lines

    @cached_property
    def _images(self) -> dict[int, list[Image]]:
        return body_images(self.document, self._lines)

    @cached_property
    def _rendered(self) -> list[tuple[str, str]]:
        """(text, HTML) of each line."""
        return rendered(self.document, self._lines, self._images)

    @cached_property
    def _text(self) -> str:
        return "\n".join([text for text, _ in self._rendered])

    @cached_property
    def _tags(self) -> tuple[list[str], str | None]:
        return tags(self.document, self._range)

    @cached_property
    def _figures(self) -> list[float]:
        """What speaks for and against the page being an article, [] where no range of its lines may be text."""
        if self._body is None or not self._body.candidates:
            return []
        is_dated = self.published_at() is not None
        return page_figures(self.document, self.title(), self.text(), self._body, is_dated=is_dated)

    @cached_property
    def _verdict(self) -> PageKind:
        return verdict(self.document, self.title(), self.text(), self._body, len(self.images()), self._figures)

    def _stated_urls(self) -> list[str]:
        """Return what the page gives as its address: canonical link, og:url."""
        stated = resolve(self.document.base_url, self.document.meta.get("og:url", ""))
        return [*self.document.head_links("canonical"), *([stated] if stated else [])]

    def _selected_texts(self, selector: str | None) -> list[str]:
        texts = [
            found if isinstance(found, str) else "".join(found.itertext())
            for found in selected(self.document, selector)
        ]
        return [text for raw in texts if (text := squeeze(raw))]

    def _selected_text(self, selector: str | None) -> str | None:
        return next(iter(self._selected_texts(selector)), None)


def selected(document: Document, selector: str | None) -> list[Any]:
    """Return the elements and strings that a CSS or XPath selector finds in a page."""
    if not selector:
        return []
    root = Selector(root=document.root, type="html")
    is_path = selector.lstrip("(").startswith(("/", "./"))
    return [found.root for found in (root.xpath(selector) if is_path else root.css(selector))]


def _marked(document: Document, elements: list[Any]) -> Document:
    """Return the page written anew from its tree, with `elements` marked for the walk."""
    chosen = [element for element in elements if not isinstance(element, str)]
    for element in chosen:
        element.set(_MARK, "")
    markup = etree.tostring(document.root, encoding="unicode", method="html")
    for element in chosen:
        del element.attrib[_MARK]
    return Document(PageSource(markup), document.url, document.fetched_at, document.encoding)


def _marked_range(document: Document) -> tuple[int, int] | None:
    """Return the first and last line inside the marked elements, None where none is there."""
    blocks: set[int] = set()
    for index, block in enumerate(document.blocks):
        if block.parent in blocks or _MARK in block.tag.raw:
            blocks.add(index)
    inside = [line.index for line in document.lines if line.block in blocks]
    return (inside[0], inside[-1]) if inside else None
