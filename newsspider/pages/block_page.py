"""Block pages: answers that a server, a firewall or a gate gives in place of the page that was asked for.

They come with status 200 as often as with 403, 412 or 503, so the status alone says nothing. What tells them from a
short article is that they speak to the visitor (wait, verify, come back later) or print a program's error, that they
hold little else, and that they link to next to nothing of the site.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from newsspider.pages.document import Document
from newsspider.text import squeeze

# A gate may explain itself in some paragraphs; an article of this length is believed.
LONG_TEXT: Final = 900
SHORT_TEXT: Final = 240
FEW_LINKS: Final = 12
HEAD_LINES: Final = 12
SCRIPT_ONLY: Final = 80
MAX_SCANNED_SCRIPT: Final = 200_000


def _any_of(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE | re.MULTILINE)


_VISITOR: Final = (
    r"(?:您|你|当前|該|该|本次)(?:的)?(?:访问|訪問|请求|請求|IP|ip|网络|網路|浏览器|瀏覽器|操作|行为|账号|客户端)"
)
_WAIT: Final = r"(?:请|請)?(?:稍[后後候等微]|过一会儿|過一會兒|一会儿|几分钟后|片刻后|休息一会儿?)"
# What a gate says. Each is matched in the title and in short lines; see `_is_said` for what it takes.
_CHALLENGE: Final = _any_of(
    r"(?:安全|人机|人機|真人|机器人|機器人|身份|行为|行為|滑块|滑塊|滑动|拼图|访问|浏览器环境|异常流量)(?:性)?(?:验证|驗證|校验|检查|檢查|检测|檢測|识别)",
    r"(?:完成|进行|進行|通过|輸入|输入|拖动|滑动|点击)[^，。！\s]{0,12}(?:验证|驗證|滑块|滑塊|拼图|拼圖)",
    r"(?:输入|輸入|填写)[^，。！\s]{0,8}(?:验证码|驗證碼)",
    r"(?:我)?不是(?:机器人|機器人)",
    r"(?:检查|检测|檢查|檢測|确认)[^，。！]{0,10}(?:浏览器|瀏覽器)",
    r"(?:浏览器|瀏覽器)[^，。！]{0,8}(?:安全)?(?:检查|检测|校验|檢查|檢測)",
    r"(?:启用|啟用|开启|打开|允许|支持)[^，。！]{0,8}(?:JavaScript|Cookie|脚本)",
    r"just a moment",
    r"checking (?:your browser|if the site)",
    r"attention required",
    r"verify(?:ing)? (?:that )?you are (?:a )?human",
    r"are you (?:a )?(?:human|robot)",
    r"not a robot",
    r"security (?:check|verification)",
    r"captcha",
    r"ddos protection",
    r"enable (?:javascript|cookies)",
)
_REFUSAL: Final = _any_of(
    r"(?:访问|訪問|请求|請求|操作|刷新|提交)(?:过于|過於|太过|太|次数过|次數過|量过)(?:频繁|頻繁|多|快|大)",
    rf"{_VISITOR}[^，。！]{{0,12}}(?:频繁|頻繁|被拒|被拦截|被攔截|被阻止|被限制|受限|异常|異常|被封|封禁|不合法|可疑|存在风险|过快)",
    r"(?:访问|訪問|请求|請求)(?:被)?(?:拒绝|拒絕|拦截|攔截|阻断|受限|限制|异常|異常|超限)",
    r"(?:禁止|拒绝|拒絕|限制|无权|無權)(?:您)?(?:的)?(?:访问|訪問)",
    r"(?:IP|ip)(?:地址)?[^，。！]{0,8}(?:已?被封|封禁|黑名单|黑名單|受限|限制)",
    r"黑名单",
    r"异常访问",
    r"異常訪問",
    r"恶意(?:访问|请求|攻击)",
    r"疑似(?:爬虫|攻击)",
    r"(?:应用|網站|网站|云|雲|Web)(?:应用)?(?:防火墙|防護|防护)",
    r"(?:没有|沒有|無|无)(?:访问|訪問)?权限",
    r"access (?:denied|forbidden|restricted)",
    r"forbidden",
    r"not authorized",
    r"too many requests",
    r"rate limit",
    r"request (?:blocked|rejected)",
    r"you have been blocked",
    r"unusual traffic",
    r"blocked by",
    r"web application firewall",
)
_OUTAGE: Final = _any_of(
    r"(?:系统|系統|服务器|伺服器|服务|網絡|网络|網路|网站|網站|站点|平台|数据库|資料庫|程序|页面|頁面)"
    r"(?:正在|暂时|暫時|当前|临时|内部|發生|发生|出现|出現|连接|連接|太|过于|過於|太过|开了?)?"
    r"(?:繁忙|很忙|忙|错误|錯誤|异常|異常|故障|出错|出錯|维护|維護|升级|升級|拥堵|擁堵|过载|超时|不可用|小差|瘫痪|崩溃|失败|失敗|中断)",
    r"(?:维护|維護|升级|升級|整改|改版|备案)(?:中|期间|进行中)",
    r"(?:正在|进行)(?:系统|網站|网站|停机|例行)?(?:维护|維護|升级|升級|整改)",
    r"(?:网站|網站|站点|空间|空間|域名|服务|主机|店铺)(?:已|已经|被|暂时|暫時|因[^，。]{0,10})?"
    r"(?:暂停|暫停|停用|关闭|關閉|停止|过期|過期|到期|未备案|欠费)",
    rf"{_WAIT}(?:再|重新)?(?:试|試|访问|訪問|刷新|重试|重試)",
    r"(?:访问|訪問|在线)(?:的)?人数(?:过多|過多|太多)",
    r"排队|排隊",
    r"service (?:temporarily )?unavailable",
    r"temporarily unavailable",
    r"bad gateway",
    r"gateway time-?out",
    r"internal server error",
    r"server (?:error|is busy)",
    r"(?:under|scheduled) maintenance",
    r"be back soon",
    r"try again later",
    r"origin is unreachable",
    r"error establishing a database connection",
    r"http (?:status|error) [45]\d\d",
)
# What a program prints when it fails: PHP, MySQL, SQLSTATE, ASP and ADO, ASP.NET, Java, Python, Oracle, frameworks.
_TRACE: Final = _any_of(
    r"(?:Fatal error|Parse error|Uncaught \w*(?:Error|Exception))\b.{0,300}?\bon line \d+",
    r"^\s*(?:Warning|Notice|Deprecated): .{0,300}?\bon line \d+",
    r"SQLSTATE\[",
    r"mysqli?_\w+\(\)",
    r"You have an error in your SQL syntax",
    r"(?:MySQL|Discuz!?|ThinkPHP|Database) (?:\w+ )?Error",
    r"Microsoft (?:OLE DB|VBScript|JET|ODBC)[^<]{0,60}error",
    r"ADODB\.\w+",
    r"Server Error in '/",
    r"Runtime Error",
    r"Unhandled exception",
    r"\b(?:java|javax|org)\.[\w.]+Exception",
    r"Traceback \(most recent call last\)",
    r"\bORA-\d{5}",
    r"Whoops, looks like something",
    r"HTTP Status [45]\d\d",
    r"Stack trace:",
    r"系统发生错误",
)
# A script that sets a cookie and loads the page again; a gate's own script by the names of its parts.
_COOKIE: Final = re.compile(r"document\s*(?:\.\s*cookie|\[\s*['\"]cookie['\"]\s*\])")
_RELOAD: Final = re.compile(
    r"location\s*(?:\.\s*(?:reload|replace|assign|href)|\[\s*['\"](?:reload|replace|href)|\s*=)|\.submit\s*\(|history\.go"
)
_GATE_SCRIPT: Final = re.compile(
    r"acw_sc__|__jsl_clearance|/cdn-cgi/challenge|cf[-_]chl|wzws|yunsuo|safe(?:dog|line)|incapsula|datadome|geetest|aliyun_?captcha"
    r"|TCaptcha|hcaptcha|recaptcha|turnstile|awsc|nc_token|_guard|probe\.js|challenge(?:-platform|\.js)|captcha|waf",
    re.IGNORECASE,
)


# What only articles print beside their text; a notice of maintenance that is itself news has one of these.
_NEWS_LABEL: Final = re.compile(
    r"(?:来源|來源|稿源|出处|作者|记者|記者|编辑|編輯|责编|通讯员|发布时间|發佈時間|发布日期|发表于|發表於|浏览次数|阅读量?)\s{0,4}[:：]"
)


@dataclass(slots=True, frozen=True)
class BlockPage:
    """What stands in place of the page. `reason` is challenge, refused, outage or error.

    `evidence` is what the page says or does, in at most 80 characters. `needs_scripts`: only a browser that runs the
    page's scripts can pass.
    """

    reason: str
    evidence: str
    needs_scripts: bool = False


def block_page(document: Document, text: str, status: int = 200) -> BlockPage | None:
    """Return what stands in place of the page that was asked for, None where it may be that page.

    `text` is the text that was extracted as its body. With a `status` that says itself that the answer is not the page
    (403, 412, 429, 503 ...) less has to be found.
    """
    shown = "\n".join(line.text for line in document.lines if line.text)
    if gate := _script_gate(document, shown):
        return gate
    if len(text) >= LONG_TEXT or len(shown) >= 3 * LONG_TEXT:
        return None
    links = sum(len(line.anchors) for line in document.lines)
    trace = _TRACE.search(shown) if len(text) < 2 * SHORT_TEXT else None
    if trace and (links <= FEW_LINKS or trace.start() < SHORT_TEXT) and len(text) - len(trace[0]) < SHORT_TEXT:
        return BlockPage("error", _excerpt(trace[0]))
    if status < 400 and (links > FEW_LINKS or _NEWS_LABEL.search(shown)):
        return None
    title = document.title_tag or ""
    head = [line.text for line in document.lines if line.text][:HEAD_LINES]
    for reason, pattern in (("challenge", _CHALLENGE), ("refused", _REFUSAL), ("outage", _OUTAGE)):
        if found := _is_said(pattern, title, head, shown):
            return BlockPage(reason, _excerpt(found), needs_scripts=_wants_scripts(reason, document))
    if status >= 400 and links <= FEW_LINKS and len(shown) < SHORT_TEXT:
        return BlockPage("refused", f"HTTP {status}, {len(shown)} characters")
    return None


def is_surely_none(shown_part: Document, text: str, status: int) -> bool:
    """Return True if `block_page` would find nothing, judging by a part of what the page shows, which is cheaper."""
    if status >= 400 or len(text) < 2 * SHORT_TEXT:
        return False
    links = shown = 0
    for line in shown_part.lines:
        links += len(line.anchors)
        shown += len(line.text)
        if links > FEW_LINKS or shown >= 3 * LONG_TEXT:
            return True
    return False


def _is_said(pattern: re.Pattern[str], title: str, head: list[str], shown: str) -> str | None:
    """Return what a page says to its visitor.

    One saying is enough where it is the headline or most of a short page; a longer page has to say two different things
    and in place of sentences about anything else.
    """
    in_title = pattern.search(title)
    if in_title and (2 * len(in_title[0]) >= len(squeeze(title)) or len(shown) < SHORT_TEXT):
        return in_title[0]
    for line in head[:3]:
        found = pattern.search(line)
        if found and len(line) <= 40 and (2 * len(found[0]) >= len(line) or len(shown) < SHORT_TEXT):
            return found[0]
    said = {found[0] for line in head for found in pattern.finditer(line)}
    if len(shown) < SHORT_TEXT and said:
        return min(said, key=shown.find)
    return min(said, key=shown.find) if len(said) >= 2 and in_title else None


def _wants_scripts(reason: str, document: Document) -> bool:
    return reason == "challenge" and bool(document.source.scripts)


def _script_gate(document: Document, shown: str) -> BlockPage | None:
    """Return the gate of a page that shows next to nothing and whose script sets a cookie or comes from a gate."""
    if len(shown) > SHORT_TEXT:
        return None
    budget = MAX_SCANNED_SCRIPT
    is_empty = len(shown) <= SCRIPT_ONLY
    for element in document.root.iter("script", "iframe") if is_empty else ():
        if found := _GATE_SCRIPT.search(element.get("src") or ""):
            return BlockPage("challenge", f"a script of a gate: {found[0]}", needs_scripts=True)
    sets_cookie = reloads = False
    for script in document.source.scripts:
        code = script.text[:budget]
        budget -= len(code)
        sets_cookie = sets_cookie or _COOKIE.search(code) is not None
        reloads = reloads or _RELOAD.search(code) is not None
        if (is_empty or sets_cookie) and (found := _GATE_SCRIPT.search(code)):
            return BlockPage("challenge", f"a script of a gate: {found[0]}", needs_scripts=True)
    if is_empty and sets_cookie and reloads:
        return BlockPage("challenge", "a script that sets a cookie and loads the page again", needs_scripts=True)
    return None


def _excerpt(text: str) -> str:
    return " ".join(text.split())[:80]
