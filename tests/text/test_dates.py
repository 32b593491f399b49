"""The grammar of dates: every form against a fixed reference, bad dates refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsspider.text.dates import find_dates, parse_date, parse_labelled_date
from newsspider.text.zone import BEIJING

REFERENCE = datetime(2023, 8, 7, 4, 0, tzinfo=UTC)  # noon in China
WIDE = str.maketrans("0123456789:/.-", "０１２３４５６７８９：／．－")

FORMS = [
    ("2023-08-06 14:25:32", "2023-08-06 14:25:32", "second"),
    ("2023年8月6日14时25分", "2023-08-06 14:25:00", "minute"),
    ("2023年08月06日（星期日） 14:25", "2023-08-06 14:25:00", "minute"),
    ("2023/8/6", "2023-08-06 00:00:00", "day"),
    ("2023.08.06", "2023-08-06 00:00:00", "day"),
    ("2023-08-0614:25", "2023-08-06 14:25:00", "minute"),
    ("08-06 14:25", "2023-08-06 14:25:00", "minute"),
    ("8月6日 14:25", "2023-08-06 14:25:00", "minute"),
    ("昨天 08:30", "2023-08-06 08:30:00", "minute"),
    ("前天", "2023-08-05 00:00:00", "day"),
    ("今天08:30", "2023-08-07 08:30:00", "minute"),
    ("2小时前", "2023-08-07 10:00:00", "minute"),
    ("5 小時前", "2023-08-07 07:00:00", "minute"),
    ("1小时10分前", "2023-08-07 10:50:00", "minute"),
    ("半小时前", "2023-08-07 11:30:00", "minute"),
    ("3天前", "2023-08-04 00:00:00", "day"),
    ("刚刚", "2023-08-07 12:00:00", "minute"),
    ("下午3点", "2023-08-06 15:00:00", "minute"),
    ("上午10:05", "2023-08-07 10:05:00", "minute"),
    ("2023-08-06 下午3点半", "2023-08-06 15:30:00", "minute"),
    ("民國112年8月6日", "2023-08-06 00:00:00", "day"),
    ("二〇二三年八月二十六日", None, None),
    ("二〇二三年八月六日", "2023-08-06 00:00:00", "day"),
    ("2023-08-06T14:25:32+08:00", "2023-08-06 14:25:32", "second"),
    ("2023-08-06T06:25:32Z", "2023-08-06 14:25:32", "second"),
    ("2023-08-06T06:25:32.123Z", "2023-08-06 14:25:32", "second"),
    ("Sun, 06 Aug 2023 06:25:32 GMT", "2023-08-06 14:25:32", "second"),
    ("Sun Aug 06 14:25:32 CST 2023", "2023-08-06 14:25:32", "second"),
    ("1691303132", "2023-08-06 14:25:32", "second"),
    ("1691303132000", "2023-08-06 14:25:32", "second"),
    ("20230806142532", "2023-08-06 14:25:32", "second"),
    ("八月 6th, 2023", "2023-08-06 00:00:00", "day"),
    ("十一月 6, 2022 10:30 上午", "2022-11-06 10:30:00", "minute"),
    ("11 月 6, 2022", "2022-11-06 00:00:00", "day"),
    ("八月 60, 2023", None, None),
    ("Sept 7, 2019", "2019-09-07 00:00:00", "day"),
    ("December 5, 2022 3:04 PM", "2022-12-05 15:04:00", "minute"),
    ("2023年8月6日 6:47 PM来源", "2023-08-06 18:47:00", "minute"),
    ("August 6, 2023 at 6:47 p.m. ET", "2023-08-06 18:47:00", "minute"),
    ("2023-08-06 6:47 pms", "2023-08-06 06:47:00", "minute"),
    ("2023/08/06(日) 14:25", "2023-08-06 14:25:00", "minute"),
    ("2023-08-06 Sun 14:25", "2023-08-06 14:25:00", "minute"),
    ("2023年8月6日 | 14:25", "2023-08-06 14:25:00", "minute"),
    ("2023-08-06 | 14次", "2023-08-06 00:00:00", "day"),
    ("发布 14:25:32 2023/08/06", "2023-08-06 14:25:32", "second"),
    ("2023-08-05 14:25 2023/08/06", "2023-08-05 14:25:00", "minute"),
    ("2023-08-06 24:00", "2023-08-07 00:00:00", "minute"),
    ("12-25 10:00", "2022-12-25 10:00:00", "minute"),
    ("被判13年2022年11月25日上午", "2022-11-25 00:00:00", "day"),
    ("来源:河口日报时间:2023-08-06 14:25:32", "2023-08-06 14:25:32", "second"),
]


@pytest.mark.parametrize(("text", "local", "precision"), FORMS)
def test_parse_date(text: str, local: str | None, precision: str | None) -> None:
    found = parse_date(text, REFERENCE)
    if local is None:
        assert found is None
    else:
        assert found is not None
        assert found.at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S") == local
        assert found.precision == precision
        assert found.at.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "2023年2月30日",
        "2023-13-45",
        "2024-08-06",
        "",
        "二十一世纪",
        "5/6",
        "比分 3-1 12:00",
        "1970-01-01",
        "0",
        "13800138000",
    ],
)
def test_what_is_no_date_gives_none(text: str) -> None:
    assert parse_date(text, REFERENCE) is None


@pytest.mark.parametrize("text", ["电话0931-2023-0806", "编号120230806145", "共3-5人", "21点", "比率1.2.3"])
def test_numbers_in_text_are_no_dates(text: str) -> None:
    assert find_dates(text, REFERENCE) == []


def test_zone_is_assumed_only_where_none_is_written() -> None:
    shown, zoned = parse_date("2023-08-06 14:25", REFERENCE), parse_date("2023-08-06T14:25+08:00", REFERENCE)
    assert shown is not None
    assert zoned is not None
    assert (shown.tz_assumed, zoned.tz_assumed) == (True, False)
    assert shown.at == zoned.at


def test_find_dates_gives_each_with_its_place() -> None:
    text = "发布：2023-08-05 10:00 更新：2023-08-06 11:00"
    found = find_dates(text, REFERENCE)
    assert [text[start:end] for start, end, _ in found] == ["2023-08-05 10:00", "2023-08-06 11:00"]


@given(st.datetimes(datetime(1991, 1, 1), datetime(2023, 8, 6)))  # noqa: DTZ001 - made aware below
def test_every_form_of_a_time_reads_the_same(naive: datetime) -> None:
    local = naive.replace(second=0, microsecond=0, tzinfo=BEIJING)
    for form in (
        f"{local:%Y-%m-%d %H:%M}",
        f"{local:%Y/%m/%d %H:%M}",
        f"{local.year}年{local.month}月{local.day}日{local.hour}时{local.minute}分",
        f"{local:%Y-%m-%d %H:%M}".translate(WIDE),
        local.isoformat(),
        f"{local.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        f"{local.year - 1911}年".join(["民國", f"{local.month}月{local.day}日 {local:%H:%M}"]),
    ):
        found = parse_date(form, REFERENCE)
        assert found is not None, form
        assert found.at == local, form


@given(st.integers(1, 12), st.integers(1, 31), st.integers(0, 23), st.integers(0, 59))
def test_a_missing_year_never_gives_the_future(month: int, day: int, hour: int, minute: int) -> None:
    found = parse_date(f"{month:02}-{day:02} {hour:02}:{minute:02}", REFERENCE)
    if found is not None:
        assert found.at <= REFERENCE + timedelta(days=1)
        assert (found.at.astimezone(BEIJING).month, found.at.astimezone(BEIJING).day) == (month, day)


@given(st.text(alphabet="0123456789年月日时分秒前昨今天-/.: 　：上下午点半TZ+星期一", max_size=60))
def test_any_text_gives_a_sound_date_or_none(text: str) -> None:
    for start, end, moment in find_dates(text, REFERENCE):
        assert 0 <= start < end <= len(text)
        assert moment.at.tzinfo is UTC
        assert moment.at <= REFERENCE + timedelta(days=1)
    parse_date(text, REFERENCE)


@pytest.mark.parametrize(
    ("text", "local"),
    [("6 août 2023 14:25", "2023-08-06 14:25"), ("2023-08-06 14:25", "2023-08-06 14:25"), ("昨天", "2023-08-06 00:00")],
)
def test_labelled_dates_of_other_languages(text: str, local: str) -> None:
    found = parse_labelled_date(text, REFERENCE)
    assert found is not None
    assert found.at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M") == local


@pytest.mark.parametrize("text", ["", "河口日报", "2023 是个好年", "第12期 总2023号", "6 août 2033"])
def test_labelled_text_that_is_no_date(text: str) -> None:
    assert parse_labelled_date(text, REFERENCE) is None
