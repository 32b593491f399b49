"""Answers of gates, servers and programs are told from short articles."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsspider.pages.article import ArticlePage
from newsspider.pages.block_page import block_page
from newsspider.pages.document import Document

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
MENU = "".join(f"<li><a href='/c{number}/'>栏目{number}</a></li>" for number in range(16))


def judged(html: str, status: int = 200):
    document = Document.from_text(html, "https://www.luchuan.example/news/1.html", NOW)
    return block_page(document, ArticlePage(document).text(), status)


def page(title: str, *paragraphs: str, head: str = "") -> str:
    rows = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"<html><head><title>{title}</title>{head}</head><body><h1>{title}</h1>{rows}</body></html>"


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        (page("安全验证", "请完成下方拼图后继续浏览。"), "challenge"),
        (page("访问验证", "为保障您的使用体验，请拖动滑块完成拼图。"), "challenge"),
        (page("请稍候…", "正在检查您的浏览器，完成后会自动进入。"), "challenge"),
        (page("Just a moment...", "Enable JavaScript and cookies to continue"), "challenge"),
        (page("人機驗證", "請勾選「我不是機器人」後繼續。"), "challenge"),
        (page("鹿川在线", "请输入图片中的验证码后继续访问"), "challenge"),
        (page("提示", "您的访问过于频繁，请稍后再试！"), "refused"),
        (
            page(
                "405",
                "很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。",
                "您的请求可疑，请求编号 8a1f",
            ),
            "refused",
        ),
        (page("访问受限", "当前IP已被封禁，申诉请致电网站管理员。"), "refused"),
        (page("Access Denied", "You don't have permission to access this page."), "refused"),
        (page("429 Too Many Requests", "nginx"), "refused"),
        (page("系统繁忙", "数据库连接失败，请稍后再试。技术支持：鹿川信息中心。"), "outage"),
        (page("网站维护中", "为给您带来更好的体验，本站正在升级，预计今晚恢复，给您带来不便敬请谅解。"), "outage"),
        (page("502 Bad Gateway", "openresty"), "outage"),
        (page("服务器开小差了", "刷新试试"), "outage"),
        (page("站点已暂停", "该网站因欠费已被停用。"), "outage"),
        ("Fatal error: Uncaught Error: Call to undefined function show() in /www/a.php on line 12", "error"),
        (page("Database Error", "SQLSTATE[HY000] [2002] Connection refused"), "error"),
        ("<p>Microsoft OLE DB Provider for SQL Server error '80004005'</p><p>Timeout expired</p>", "error"),
        (page("HTTP Status 500", "java.lang.NullPointerException at com.x.Show.doGet(Show.java:12)"), "error"),
        ("<script>var a='x';document.cookie='k='+a;location.reload()</script>", "challenge"),
        ("<script>document['cookie']='k=1';window.location['href']='/news/1.html'</script>", "challenge"),
        ("<body>加载中<script src='/_guard/auto.js'></script></body>", "challenge"),
    ],
)
def test_answers_in_place_of_the_page_are_named(html: str, reason: str) -> None:
    found = judged(html)
    assert found is not None and found.reason == reason, found


def test_gate_that_wants_scripts_says_so() -> None:
    found = judged("<script>document.cookie='k=1';location.reload()</script>")
    assert found is not None and found.needs_scripts
    told = judged(page("系统繁忙", "请稍后再试。"))
    assert told is not None and not told.needs_scripts


def test_status_that_refuses_needs_less() -> None:
    html = page("鹿川在线", "本页暂时无法显示。")
    assert judged(html) is None
    found = judged(html, 412)
    assert found is not None and found.reason == "refused"


@pytest.mark.parametrize(
    "html",
    [
        page("鹿川图书馆延长开放时间", "自习区每晚开到十点，读者凭身份证即可办理。"),
        # an article about a gate, with the frame of its site
        page("滑块验证码为何越来越难", f"<ul>{MENU}</ul>", "验证码本来是为了防机器人，如今连人也常常过不去。"),
        # a notice that is news: it has a source
        page("关于系统维护的公告", "来源：鹿川政务", "政务平台将于本周六停机升级，期间暂停服务，请合理安排办理时间。"),
        # a site that prints a warning of PHP above its article
        "<html><body>Warning: Undefined index in /www/a.php on line 3"
        + page(
            "鹿川大桥通车", *["鹿川大桥昨天上午通车，两岸往来不必再绕行上游，全程只要六分钟，市民称赞方便。" * 3] * 3
        ),
        # the message of a long text is not the page's own
        page(
            "一次停机的经过", *["那天系统繁忙，请稍后再试的字样挂了一整天，值班的人说从来没有见过这样的场面。" * 4] * 8
        ),
        # a page that sets a cookie, with something to read
        "<script>document.cookie='seen=1';function go(){location.href='/'}</script>"
        + page(
            "鹿川夜市重开",
            "停了半年的鹿川夜市昨晚重新开张，八十多个摊位沿河摆开，人流到深夜才散去，商户说生意好过往年。" * 3,
        ),
    ],
)
def test_articles_are_not_taken_for_gates(html: str) -> None:
    assert judged(html) is None
