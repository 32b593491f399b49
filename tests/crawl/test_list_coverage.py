"""Which lists need not be read on once the front page was turned to its end."""

from newsspider.crawl.list_coverage import ListCoverage
from newsspider.crawl.request_context import RequestContext

FRONT, CHANNEL = "sample.example", "sample.example/category/money"


def page(number: int, before: int = 0, first: str = FRONT, kind: str = "listing") -> RequestContext:
    return RequestContext(kind=kind, key=f"{first}/{number}", first_page_key=first, page=number, found_before=before)


def read(*channel: str, last: int = 2, kind: str = "listing") -> ListCoverage:
    lists = ListCoverage()
    lists.front_keys.add(FRONT)
    lists.read(page(1, kind="seed"), {"a", "b", "c"})
    lists.read(page(1, first=CHANNEL), set(channel))
    lists.read(page(2, 3, kind=kind), {"d", "e"})
    lists.ended(page(2, 3, kind=kind), last)
    return lists


def test_a_channel_within_the_list_of_the_front_page_is_not_turned() -> None:
    assert read("a", "d").is_covered(page(2, first=CHANNEL))


def test_a_channel_with_something_else_is() -> None:
    assert not read("a", "z").is_covered(page(2, first=CHANNEL))


def test_a_front_page_that_breaks_off_at_a_limit_covers_nothing() -> None:
    assert not read("a", "d", last=3).is_covered(page(2, first=CHANNEL))


def test_a_front_page_that_scrolls_covers_nothing() -> None:
    assert not read("a", "d", kind="more").is_covered(page(2, first=CHANNEL))


def test_first_pages_and_the_front_itself_are_always_asked_for() -> None:
    lists = read("a", "d")
    assert not lists.is_covered(page(1, first="sample.example/category/sport"))
    assert not lists.is_covered(page(1, first=CHANNEL))
    assert not lists.is_covered(page(3))
