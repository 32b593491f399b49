"""The grammar of dates: every form against a fixed reference, bad dates refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsspider.text.dates import find_dates, languages_of, parse_date, parse_labelled_date, republic_date
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
    # zones
    ("Sun Aug 06 2023 14:25:32 GMT+0800 (中国标准时间)", "2023-08-06 14:25:32", "second"),
    ("2023-08-06 14:25 UTC+8", "2023-08-06 14:25:00", "minute"),
    ("2023-08-06 14:25:32 UTC+08:00", "2023-08-06 14:25:32", "second"),
    ("2023-08-06 14:25:32+08", "2023-08-06 14:25:32", "second"),
    ("Sun, 06 Aug 2023 14:25:32 CST", "2023-08-06 14:25:32", "second"),
    ("2023-08-06 02:25:32 EDT", "2023-08-06 14:25:32", "second"),
    ("2023-08-06T02:25:32-04:00", "2023-08-06 14:25:32", "second"),
    ("2023-08-06 14:25-16:30", "2023-08-06 14:25:00", "minute"),
    # clocks of twelve hours
    ("2023/8/6 上午 12:30", "2023-08-06 00:30:00", "minute"),
    ("2023年8月6日上午12点", "2023-08-06 12:00:00", "minute"),
    ("2023年8月6日下午12:30", "2023-08-06 12:30:00", "minute"),
    ("2023年8月5日晚上12:30", "2023-08-06 00:30:00", "minute"),
    ("2023年8月6日凌晨12:10", "2023-08-06 00:10:00", "minute"),
    ("2023年8月6日 午夜12:10", "2023-08-06 00:10:00", "minute"),
    ("2023年8月6日 正午12时", "2023-08-06 12:00:00", "minute"),
    ("2023年8月6日 中午1点半", "2023-08-06 13:30:00", "minute"),
    ("2023年8月6日三点一刻", "2023-08-06 03:15:00", "minute"),
    ("2023-08-06 12:30 AM", "2023-08-06 00:30:00", "minute"),
    # what stands between the day and its time
    ("2023年8月6日 农历六月二十 星期日 15:20", "2023-08-06 15:20:00", "minute"),
    ("2023年8月6日（癸卯年六月二十）星期日 15:20", "2023-08-06 15:20:00", "minute"),
    ("2023-08-06 周日 小雨转晴 24~31℃ 15:20", "2023-08-06 15:20:00", "minute"),
    ("2023-08-06 周日 立秋 09:20", "2023-08-06 09:20:00", "minute"),
    ("2023-08-06 北京时间 09:20", "2023-08-06 09:20:00", "minute"),
    # numerals
    ("二〇二三年八月六日下午三时二十分", "2023-08-06 15:20:00", "minute"),
    ("二零二三年七月廿八日", "2023-07-28 00:00:00", "day"),
    ("二〇二三年七月卅一日", "2023-07-31 00:00:00", "day"),
    ("民国一百一十二年八月六日", "2023-08-06 00:00:00", "day"),
    ("中華民國112年8月6日 下午3:20", "2023-08-06 15:20:00", "minute"),
    ("112年8月6日 下午3:20", "2023-08-06 15:20:00", "minute"),
    ("公元112年8月6日", None, None),
    # compact, short, in another order, set in blocks
    ("20230806 09:20", "2023-08-06 09:20:00", "minute"),
    ("20230806T142532", "2023-08-06 14:25:32", "second"),
    ("23-8-6 17:07", "2023-08-06 17:07:00", "minute"),
    ("23年8月6日", "2023-08-06 00:00:00", "day"),
    ("06\n2023/08 09:20", "2023-08-06 09:20:00", "minute"),
    ("062023/08", "2023-08-06 00:00:00", "day"),
    ("06\n2023年08月", "2023-08-06 00:00:00", "day"),
    ("08/06\n2023", "2023-08-06 00:00:00", "day"),
    ("2023\n08/06\n19:02", "2023-08-06 19:02:00", "minute"),
    ("6 8月 2023", "2023-08-06 00:00:00", "day"),
    ("8月6日, 2023", "2023-08-06 00:00:00", "day"),
    ("2023年08月\n12:30", None, None),
    ("Aug 6 Sun 2023 00:28", "2023-08-06 00:28:00", "minute"),
    ("06.08.2023 19:00", "2023-08-06 19:00:00", "minute"),
    ("25/07/2023 09:20", "2023-07-25 09:20:00", "minute"),
    ("07/25/2023 09:20", "2023-07-25 09:20:00", "minute"),
    ("6/8/2023 5:54:13 AM", "2023-06-08 05:54:13", "second"),
    ("06/07/2023 13:48", None, None),
    ("12/08/2022", None, None),
    ("10-0812:00", "2022-10-08 12:00:00", "minute"),
    ("1691303132000000", "2023-08-06 14:25:32", "second"),
    # spans before now
    ("1年2个月前", "2022-06-07 00:00:00", "day"),
    ("3周 2天前", "2023-07-15 00:00:00", "day"),
    ("2個月5天前", "2023-06-02 00:00:00", "day"),
    ("1天5小时前", "2023-08-06 00:00:00", "day"),
    ("一个半小时前", "2023-08-07 10:30:00", "minute"),
    ("1.5小时前", "2023-08-07 10:30:00", "minute"),
    ("十分钟前", "2023-08-07 11:50:00", "minute"),
    ("半年前", "2023-02-07 00:00:00", "day"),
    ("1 year, 2 months ago", "2022-06-07 00:00:00", "day"),
    ("an hour ago", "2023-08-07 11:00:00", "minute"),
    ("yesterday at 12:30", "2023-08-06 12:30:00", "minute"),
    ("上周五 09:20", "2023-08-04 09:20:00", "minute"),
    ("第3年前", None, None),
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


@pytest.mark.parametrize(
    ("text", "extent"),
    [("2023-08-06", "full"), ("08-06 14:25", "no year"), ("昨天", "relative"), ("3天前", "relative")],
)
def test_extent_says_how_much_of_a_date_is_written(text: str, extent: str) -> None:
    found = parse_date(text, REFERENCE)
    assert found is not None
    assert found.extent == extent


@pytest.mark.parametrize(
    ("text", "local"),
    [("112/08/06", "2023-08-06"), ("112.8.6 下午3:20", "2023-08-06"), ("1.112.08.06", None), ("212/08/06", None)],
)
def test_years_of_the_republic_are_read_where_asked_for(text: str, local: str | None) -> None:
    found = republic_date(text, REFERENCE)
    assert (found and found.at.astimezone(BEIJING).strftime("%Y-%m-%d")) == local
    assert parse_date("112/08/06", REFERENCE) is None


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


@pytest.mark.parametrize(
    "text",
    [
        "18 мая 2022 г.",
        "18 травня 2022",
        "mercredi 18 mai 2022",
        "18. Mai 2022",
        "18 toukokuuta 2022",
        "18 tháng 5, 2022",
    ],
)
def test_labelled_days_of_other_scripts_and_months(text: str) -> None:
    found = parse_labelled_date(text, REFERENCE)
    assert found is not None and found.at == datetime(2022, 5, 17, 16, tzinfo=UTC)


@pytest.mark.parametrize("text", ["Xyzzy 18 foo 2022 bar", "release 2022 build 18", "Vol. 18, Issue 2022"])
def test_words_that_name_no_month_are_not_looked_up_in_other_languages(text: str) -> None:
    assert languages_of(text) == () and parse_labelled_date(text, REFERENCE) is None
