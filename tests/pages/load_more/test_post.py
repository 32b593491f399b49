"""Load-more calls that send a POST: which are followed, and what they send."""

from __future__ import annotations

import pytest
from lxml import html

from newsspider.pages.load_more.buttons import load_more
from newsspider.pages.load_more.post import posted
from newsspider.urls.paging import range_url

PLACE = "https://www.qinghe.example/news/"
FORM = "page=2&size=8"
JSON = '{"page": 2, "size": 8}'


def sent(script: str, extra: str = "") -> list[tuple[str, str, str]]:
    """Return (form, URL, body) of what the page's first further rows are asked for with."""
    page = html.fromstring(f"<html><body>{extra}<ul><li>a</li></ul><script>{script}</script></body></html>")
    found = []
    for step in load_more(page, PLACE):
        if step.post is not None:
            url, body = posted(step.url, step.post.form, step.post.names)
            found.append((step.post.form, url, body.decode()))
    return found


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("var page=2;$.post('/api/list',{page:page,size:8},function(d){page++})", ("form", FORM)),
        ("var page=2;$.post('/api/list','page='+page+'&size=8',function(d){page++})", ("form", FORM)),
        ("var page=2;$.ajax({url:'/api/list',type:'POST',data:{page:page,size:8},success:f});page++", ("form", FORM)),
        ("var page=2;$.ajax({type:'post',data:{page:page,size:8},url:'/api/list',success:f});page++", ("form", FORM)),
        ("var page=1;$.ajax({url:'/api/list',method:'POST',data:{page:++page,size:8}})", ("form", FORM)),
        (
            "var page=2;$.ajax({url:'/api/list',type:'POST',contentType:'application/json',"
            "data:JSON.stringify({page:page,size:8}),success:f});page++",
            ("json", JSON),
        ),
        (
            "let page=2;fetch('/api/list',{method:'POST',body:JSON.stringify({page,size:8})}).then(f);page++",
            ("json", JSON),
        ),
        (
            "let page=2;fetch('/api/list',{method:'POST',body:new URLSearchParams({page:page,size:8})}).then(f);page++",
            ("form", FORM),
        ),
        ("let page=2;fetch('/api/list',{method:'POST',body:`page=${page}&size=8`}).then(f);page++", ("form", FORM)),
        (
            "let page=2;const fd=new FormData();fd.append('page',page);fd.append('size','8');"
            "fetch('/api/list',{method:'POST',body:fd}).then(f);page++",
            ("form", FORM),
        ),
        ("let page=2;axios.post('/api/list',{page:page,size:8}).then(f);page++", ("json", JSON)),
        ("let page=2;axios({method:'post',url:'/api/list',data:{page:page,size:8}}).then(f);page++", ("json", JSON)),
        ("let page=2;const q={page:page,size:8};axios.post('/api/list',q).then(f);page++", ("json", JSON)),
        (
            "var page=2,x=new XMLHttpRequest();x.open('POST','/api/list',true);x.send('page='+page+'&size=8');page++",
            ("form", FORM),
        ),
    ],
)
def test_the_fields_of_the_body_are_read_from_the_call(script, expected):
    form, body = expected
    assert sent(script) == [(form, "https://www.qinghe.example/api/list", body)]


def test_texts_stay_texts_in_json_and_fields_of_unknown_value_are_left_out():
    script = "let page=2;axios.post('/api/list?site=4',{page:page,channel:'12',sign:makeSign()}).then(f);page++"
    assert sent(script) == [("json", "https://www.qinghe.example/api/list?site=4", '{"page": 2, "channel": "12"}')]


@pytest.mark.parametrize(
    "script",
    [
        "$.post('/api/comment/list',{page:page})",
        "$.post('/api/saveList',{page:page})",
        "$.post('/user/login',{name:'a',page:page})",
        "$.post('/api/list',{id:7})",
        "fetch('/api/hits',{method:'POST',body:JSON.stringify({page:page})})",
    ],
)
def test_what_writes_or_does_not_go_on_is_not_sent(script):
    assert sent(f"var page=2;{script}") == []


OPTIONS = (
    "jQuery(function($){$('#88').jpage({startrecord:1,endrecord:45,perpage:15,totalRecord:131,openCookie:false,"
    "proxyUrl:'/web/proxy.jsp',col:1,columnid:88,path:'/',unitid:'312'})})"
)


def test_pager_that_names_a_range_of_rows_goes_on_with_the_next_one() -> None:
    url = "https://www.qinghe.example/web/proxy.jsp?startrecord=46&endrecord=90&perpage=15"
    assert sent(OPTIONS) == [("form", url, "col=1&columnid=88&path=%2F&unitid=312")]


@pytest.mark.parametrize(
    "script",
    [
        "$('#88').jpage({perpage:15,totalRecord:131,proxyUrl:'/web/proxy.jsp',col:1})",  # no range
        "$('#88').chart({start:1,end:45,color:'red'})",  # no URL
        "$('#88').calendar({start:20260101,end:20260131,url:'/days',kind:1})",
    ],
)
def test_options_without_url_or_range_name_no_list(script: str) -> None:
    assert sent(script) == []


def test_literal_range_is_posted_as_it_stands() -> None:
    script = "function more(){$.post('/web/rows.do',{beginRow:16,endRow:30,channel:'yw'},show)}"
    assert sent(script) == [("form", "https://www.qinghe.example/web/rows.do", "beginRow=16&endRow=30&channel=yw")]


@pytest.mark.parametrize(
    ("query", "following"),
    [
        ("startrecord=46&endrecord=90&c=1", "startrecord=91&endrecord=135&c=1"),
        ("begin=0&end=14", "begin=15&end=29"),
        ("begin=0&end=15", "begin=15&end=30"),
        ("startIndex=1&endIndex=8", "startIndex=9&endIndex=16"),
        ("start=20&end=7", None),
        ("start=20", None),
        ("from=20260101&to=20260131", None),
    ],
)
def test_range_goes_on_behind_its_last_row(query: str, following: str | None) -> None:
    found = range_url(f"https://www.qinghe.example/rows?{query}")
    assert found == (f"https://www.qinghe.example/rows?{following}" if following else None)
