"""Encodings: what browsers know, what pages lie about, text that was mangled on its way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsspider.pages.markup.encoding import decode, decoded

PROSE = "河口镇的渡口停了三天，往来的货船都在下游等候，镇上的粮店照常开门。"
TRADITIONAL = "河口鎮的渡口停了三天，往來的貨船都在下游等候，鎮上的糧店照常開門。"
PAGE = f"<html><head><title>渡口</title></head><body><p>{PROSE}</p></body></html>"
HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=80)


def page(charset: str, prose: str = PROSE) -> str:
    return f"<html><head><meta charset={charset}><title>渡口</title></head><body><p>{prose}</p></body></html>"


@pytest.mark.parametrize(
    ("written", "declared", "prose", "expected"),
    [
        ("utf-8", "utf-8", PROSE, "utf-8"),
        ("gbk", "gbk", PROSE, "gb18030"),
        ("gbk", "gb2312", PROSE + "镕堃喆", "gb18030"),
        ("gb18030", "gb18030", PROSE + "㐀𠀀", "gb18030"),
        ("big5", "big5", TRADITIONAL, "big5hkscs"),
        ("big5hkscs", "big5-hkscs", TRADITIONAL + "啫", "big5hkscs"),
    ],
)
def test_declared_encoding_is_used(written: str, declared: str, prose: str, expected: str) -> None:
    html = page(declared, prose)
    assert decode(html.encode(written)) == (html, expected)
    bare = html.replace(f"<meta charset={declared}>", "")
    assert decode(bare.encode(written), f"text/html; charset={declared}") == (bare, expected)


@pytest.mark.parametrize(
    ("written", "prose", "expected"),
    [("utf-8", PROSE, "utf-8"), ("gbk", PROSE, "gb18030"), ("big5", TRADITIONAL, "big5hkscs")],
)
@pytest.mark.parametrize("declared", ["utf-8", "gb2312", "big5", "iso-8859-1", "x-unknown"])
def test_declaration_that_lies_is_overruled(written: str, prose: str, expected: str, declared: str) -> None:
    html = page(declared, prose)
    assert decode(html.encode(written)) == (html, expected)
    assert decode(html.encode(written), f"text/html; charset={declared}") == (html, expected)


def test_meta_is_right_where_the_header_lies() -> None:
    html = page("gbk")
    assert decode(html.encode("gbk"), "text/html; charset=ISO-8859-1") == (html, "gb18030")


@pytest.mark.parametrize(("written", "expected"), [("gbk", "gb18030"), ("utf-8", "utf-8")])
def test_page_without_declaration_is_decoded_by_its_characters(written: str, expected: str) -> None:
    assert decode(PAGE.encode(written)) == (PAGE, expected)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_mark_of_byte_order_comes_before_any_declaration(encoding: str) -> None:
    text, _ = decode(page("gbk").encode(encoding), "text/html; charset=gbk")
    assert text == page("gbk")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_known_by_its_nul_bytes(encoding: str) -> None:
    assert decode(PAGE.encode(encoding)) == (PAGE, encoding)


def test_single_nul_is_no_sign_of_utf_16() -> None:
    assert decode(b"<p>\0</p>" + PAGE.encode())[1] == "utf-8"


@pytest.mark.parametrize(("encoding", "cut"), [("utf-8", 1), ("utf-8", 2), ("gbk", 1)])
def test_broken_tail_leaves_the_rest_readable(encoding: str, cut: int) -> None:
    body = (page(encoding) + PROSE)[:-1].encode(encoding)
    text, _ = decode(body[:-cut])
    assert PROSE in text
    assert text.count("\ufffd") <= 1


def test_foreign_snippet_in_utf_8_does_not_turn_the_page() -> None:
    body = page("utf-8", PROSE * 5).encode() + "渡".encode("gbk")
    text, encoding = decode(body)
    assert encoding == "utf-8"
    assert PROSE in text


@pytest.mark.parametrize(("western", "words"), [("cp1252", "渡口停航三天货船等候"), ("latin-1", "镕渡口停航朱亰")])
def test_mangled_text_is_read_as_it_was_meant(western: str, words: str) -> None:
    meant = f"<p>{words * 20}</p>"
    text, encoding = decode(meant.encode("gb18030").decode(western).encode())
    assert text == meant
    assert encoding.startswith("gb18030 as ")


@pytest.mark.parametrize(
    "text",
    [
        "<p>" + "Où est le bac? Ça dépend du fleuve, à l'été. " * 20 + "</p>",
        "<p>" + "¶É¿ÚÍ£º½" * 3 + "</p>",
        "<p>" + "¶É¿ÚÍ£º½" * 20 + PROSE + "</p>",
        "<p>ferry</p>",
    ],
)
def test_accented_text_that_is_meant_or_short_stays(text: str) -> None:
    assert decode(text.encode()) == (text, "utf-8")


@given(st.binary(max_size=600), st.none() | st.text(max_size=40))
def test_any_bytes_give_text(body: bytes, content_type: str | None) -> None:
    text, encoding = decode(body, content_type)
    assert isinstance(text, str)
    assert encoding


@given(HAN, st.sampled_from(["utf-8", "gb18030", "gbk"]))
def test_text_comes_back_from_its_declared_encoding(prose: str, encoding: str) -> None:
    html = f"<p>{PROSE}{prose}</p>"
    assert decode(html.encode(encoding), f"text/html; charset={encoding}")[0] == html


@pytest.mark.parametrize(
    ("charset", "written", "read"),
    [
        ("gbk", b"\xa3\xa0\xa3\xa0", "\u3000\u3000"),
        ("gb18030", b"\xa6\xd9\xa8\xbc\xfe\x59", "\ufe10\u1e3f\u9fb4"),
        ("gb2312", b"\x80", "€"),
        ("big5", b"\xa1\x45\xa1\xe3\xa1\x4e\xa2\x44\xa3\xe1\xa1\xf3", "‧～﹑￥€⊙"),
        ("big5", b"\xc6\xde\xfa\xc5\x87\xa1\x87\xdf\x8e\x69\xa3\xc0", "〃卄𥣞鿋箸␀"),
    ],
)
def test_codes_that_python_reads_otherwise_are_those_of_the_encoding_standard(
    charset: str, written: bytes, read: str
) -> None:
    prose = TRADITIONAL if charset == "big5" else PROSE
    before = page(charset, prose).encode("big5hkscs" if charset == "big5" else "gb18030")
    body = before.replace("三天".encode("gb18030" if charset != "big5" else "big5"), written)
    assert decode(body)[0] == page(charset, prose).replace("三天", read)


def test_codes_of_no_character_are_one_replacement_each() -> None:
    assert decoded(b"\xa1\x40\x81\x81\xff\x81a", "big5hkscs") == "\u3000\ufffd\ufffd\ufffda"
