"""Load-more addresses: where a list that the page does not show begins, and how cursors lead on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsspider.pages.document import Document
from newsspider.pages.listing import ListingPage
from newsspider.pages.load_more.buttons import is_beyond

HOST = "https://www.sample.example"
FETCHED_AT = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
TITLES = ["东湖新桥今日通车运营首日客流破万", "西山茶农迎来秋收新茶价格稳中有升", "南城地铁延长线开工预计三年建成"]


def rows(first: int = 10_283) -> str:
    return "".join(
        f'<div class="item" data-id="{first - n}"><a href="/a/{first - n}.html">{title}</a></div>'
        for n, title in enumerate(TITLES)
    )


LIST = f'<div id="stream">{rows()}</div>'
RANKING = f"<aside><h4>24小时热榜</h4>{rows(9_000).replace('data-id', 'data-rank')}</aside>"


def page(body: str, path: str = "/c/yaowen") -> ListingPage:
    html = f"<html><head><title>要闻</title></head><body>{body}</body></html>"
    return ListingPage(Document.from_text(html, HOST + path, FETCHED_AT))


def steps(body: str) -> list[tuple[str, bool]]:
    return [(step.url.removeprefix(HOST), step.is_first) for step in page(body).load_more()]


HIDDEN = {
    "numbered attribute": (
        '<div class="feed-list" data-api="/api/list?c=x&amp;size=10&amp;page=1"><p>加载中…</p></div>',
        "/api/list?c=x&size=10&page=1",
    ),
    "number beside": ('<div class="feed-list" data-api="/api/list?c=x" data-page="1"></div>', "/api/list?c=x&page=1"),
    "configuration": (
        '<script>window.__CONFIG__={"listApi":"/api/v2/feed?c=x&page={page}"};</script>',
        "/api/v2/feed?c=x&page=1",
    ),
    "counter": (
        '<script>var page=1;function load(){$.get("/api/list?page="+page,f);page++}load();</script>',
        "/api/list?page=1",
    ),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_a_list_that_the_page_does_not_show_begins_at_the_first_page(name: str) -> None:
    markup, expected = HIDDEN[name]
    assert steps(markup) == [(expected, True)]
    assert steps(markup + RANKING) == [(expected, True)]


def test_an_empty_list_beside_another_one_begins_at_the_first_page() -> None:
    assert steps(LIST + HIDDEN["number beside"][0]) == [("/api/list?c=x&page=1", True)]


def test_a_server_without_a_first_page_is_asked_for_the_second() -> None:
    (step,) = page('<script>var u = {"listApi": "/more/list_{page}.json"};</script>').load_more()
    assert (step.url, step.fallback_url) == (f"{HOST}/more/list_1.json", f"{HOST}/more/list_2.json")


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<button class="more" data-url="/api/list?page=1">加载更多</button>', "/api/list?page=2"),
        ('<div class="load-more" data-url="/api/list" data-page="1"></div>', "/api/list?page=2"),
        (HIDDEN["configuration"][0], "/api/v2/feed?c=x&page=2"),
    ],
)
def test_a_list_that_the_page_shows_goes_on_with_the_second_page(markup: str, expected: str) -> None:
    assert steps(LIST + markup) == [(expected, False)]


CURSORS = {
    "button": '<button class="js-more" data-url="/ajax/more" data-last-id="10281">加载更多</button>',
    "script": '<script>var last=$("#stream .item").last().data("id");$.get("/ajax/more?last_id="+last,f);</script>',
}


@pytest.mark.parametrize("name", CURSORS)
def test_a_cursor_begins_after_the_last_row_shown(name: str) -> None:
    assert steps(LIST + CURSORS[name]) == [("/ajax/more?last_id=10281", False)]


def test_an_unknown_variable_is_no_cursor_without_rows() -> None:
    assert steps(CURSORS["script"]) == []


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ('<span class="js-cursor" data-last-id="10272"></span>', ["/ajax/more?last_id=10272"]),
        ("", ["/ajax/more?last_id=10280"]),
        ('<i data-last-id="10272" data-has-more="0"></i>', []),
    ],
)
def test_the_cursor_of_an_answer_leads_on(end: str, expected: list[str]) -> None:
    url = f"{HOST}/ajax/more?last_id=10283"
    fragment = ListingPage.parse_fragment((rows(10_282) + end).encode(), url, FETCHED_AT)
    assert [following.removeprefix(HOST) for following in fragment.next_page()] == expected


def test_an_answer_without_rows_ends_the_list() -> None:
    fragment = ListingPage.parse_fragment(b"<!-- end -->", f"{HOST}/ajax/more?last_id=10283", FETCHED_AT)
    assert fragment.next_page() == []


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b'{"data": [{"no": 1, "words": "a"}, {"no": 2}, {"no": 3}]}', True),
        (b'{"data": []}', False),
        (b'{"data": [{"no": 1}], "ok": true}', False),
    ],
)
def test_rows_without_a_headline_are_told_from_no_rows(payload: bytes, expected: bool) -> None:
    assert ListingPage.parse_fragment(payload, f"{HOST}/api?page=1", FETCHED_AT).is_foreign is expected


WRITTEN = {
    "joined": (
        '<script>var cid=12;var page=2;$.ajax({url:"/api/list?cid="+cid+"&page="+page,success:f});page++</script>',
        "/api/list?cid=12&page=2",
    ),
    "template": (
        '<script>const base="/data/news";let page=1;async function f(){page++;'
        "const r=await fetch(`${base}/list_${page}.json`)}</script>",
        "/data/news/list_2.json",
    ),
    "data attribute": (
        '<div id="box" data-cid="77"></div><script>var cid=$("#box").data("cid"),p=1;'
        '$("#m").click(function(){p++;$.get("/list/more",{cid:cid,p:p},f)})</script>',
        "/list/more?cid=77&p=2",
    ),
    "dataset": (
        '<section class="flow" data-channel="gn"></section><script>let n=1;const el=document.querySelector(".flow");'
        'fetch("/flow/"+el.dataset.channel+"/"+(n+1)+".json")</script>',
        "/flow/gn/2.json",
    ),
    "hidden input": (
        '<input type="hidden" id="columnId" value="305"><script>var pageNo=2;'
        'var url="/ajax/col?columnId="+document.getElementById("columnId").value;'
        '$.getJSON(url+"&pageNo="+pageNo,function(d){pageNo++})</script>',
        "/ajax/col?columnId=305&pageNo=2",
    ),
    "another script": (
        '<script>window.CFG={api:"/x/api",cat:"society"}</script><script>let page=2;'
        'axios.get(CFG.api+"/news",{params:{category:CFG.cat,page,size:20}}).then(r=>{page++})</script>',
        "/x/api/news?category=society&page=2&size=20",
    ),
    "location": (
        '<script>var u=location.protocol+"//"+location.host+"/roll/list.php?page="+(page+1);$.get(u,f)</script>',
        "/roll/list.php?page=2",
    ),
    "sum in the data": (
        '<script>var page=1;$.ajax({type:"GET",url:"/api/getList",data:{siteId:5,pageIndex:page+1}})</script>',
        "/api/getList?siteId=5&pageIndex=2",
    ),
    "URLSearchParams": (
        '<script>fetch("/api/feed?"+new URLSearchParams({cat:"gn",page:page}))</script>',
        "/api/feed?cat=gn&page=2",
    ),
    "relative": ('<script>var p=1;function next(){p+=1;$.get("list_"+p+".html",f)}</script>', "/c/list_2.html"),
    "argument": (
        '<a class="btn" onclick="loadMore(\'/channel/gn/more\', 2)">加载更多</a>'
        "<script>function loadMore(url, page) { fetch(url + '?page=' + page).then(draw); }</script>",
        "/channel/gn/more?page=2",
    ),
    "script file": (
        '<script>var curPage=1,col="/gn/";function next(){curPage++;$.getScript(col+"data_"+curPage+".js",f)}</script>',
        "/gn/data_2.js",
    ),
    "method": (
        "<script>new Vue({data(){return{page:1,size:10,cat:'gn'}},methods:{load(){this.page++;"
        "axios.get(`/api/news?cat=${this.cat}&page=${this.page}&size=${this.size}`)}}})</script>",
        "/api/news?cat=gn&page=2&size=10",
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_an_address_put_together_by_a_script_is_read_as_data(name: str) -> None:
    markup, expected = WRITTEN[name]
    assert steps(LIST.replace(" data-id", " data-n") + markup) == [(expected, False)]


@pytest.mark.parametrize(
    "script",
    [
        '$.get("/api/list?cid="+unknown+"&page="+page,f)',
        '$.get(secret + "/list?page=" + page, f)',
        '$.get("/api/list?cid="+pick(3)+"&page="+page,f)',
        '$.post("/api/list?page="+page,f)',
        'function more(url){$.get(url+"?page="+page,f)} more("/list/a");more("/list/b")',
        '$.getScript("/js/list.js",f)',
        'fetch("/api/stat?page="+page)',
        'var tpl="/list/{cid}_{page}.html";load(tpl)',
        'var a=b+"/list?page="+page,b=a+"/x";$.get(a,f)',
    ],
)
def test_what_an_unknown_name_takes_part_in_is_no_address(script: str) -> None:
    assert steps(LIST.replace(" data-id", " data-n") + f"<script>var page=2;{script}</script>") == []


def test_of_two_addresses_that_differ_in_parameters_the_fuller_is_asked_for() -> None:
    markup = (
        '<div class="more" data-url="/api/more" data-cursor="61">更多</div>'
        '<script>let ch="gn",cursor=61;fetch("/api/more?type="+ch+"&cursor="+cursor)</script>'
    )
    assert steps(LIST.replace(" data-id", " data-n") + markup) == [("/api/more?type=gn&cursor=61", False)]


TURN = '<script>function gotoPage(n){window.location.href="list.jsp?code=sz&pageNo="+n}</script>'


@pytest.mark.parametrize(
    ("path", "position", "expected"),
    [
        ("/news/list.jsp?code=sz", "第1页/共3页", ["/news/list.jsp?code=sz&pageNo=2"]),
        ("/news/list.jsp?code=sz&pageNo=2", "第2页/共3页", ["/news/list.jsp?code=sz&pageNo=3"]),
        ("/news/list.jsp?code=sz&pageNo=3", "第3页/共3页", []),
        ("/news/list.jsp?code=sz&pageNo=3", "", ["/news/list.jsp?code=sz&pageNo=4"]),
    ],
)
def test_a_script_that_turns_pages_goes_on_from_the_page_shown(path: str, position: str, expected: list[str]) -> None:
    found = page(LIST.replace(" data-id", " data-n") + f"<div>{position}</div>" + TURN, path).load_more()
    assert [step.url.removeprefix(HOST) for step in found] == expected


@pytest.mark.parametrize("told", ["<script>var totalPage = 3;</script>", '<i data-total-pages="3"></i>'])
def test_the_number_of_pages_is_handed_on(told: str) -> None:
    markup = '<script>var page=2;$.get("/ajax/gn/list_"+page+".html",f);page++</script>'
    (step,) = page(LIST.replace(" data-id", " data-n") + markup + told).load_more()
    assert (step.url, step.last) == (f"{HOST}/ajax/gn/list_2.html", 3)
    assert [is_beyond(f"{HOST}/ajax/gn/list_{number}.html", step.last) for number in (3, 4)] == [False, True]
    assert not is_beyond(f"{HOST}/ajax/gn/list_9.html", None)


def test_two_numbers_of_pages_tell_nothing() -> None:
    markup = '<script>var page=2;$.get("/ajax/gn/list_"+page+".html",f);page++;var totalPage=3,pageCount=9</script>'
    (step,) = page(LIST.replace(" data-id", " data-n") + markup).load_more()
    assert step.last is None
