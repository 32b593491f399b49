"""walan: an invented site behind an AnsweringServer, and the gates, outages and blank pages that stand before it."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from answering_server import Answer, Asked

SUBJECTS = (
    "老船坞",
    "丝厂烟囱",
    "北门粮站",
    "石拱桥",
    "铁匠铺",
    "东湖泵房",
    "旧邮局",
    "山货集市",
    "林场小学",
    "渡口茶馆",
)
DEEDS = (
    "改成阅览室",
    "换上新屋瓦",
    "请回老匠人",
    "办起夜间课",
    "装好太阳灯",
    "迎来第一批游客",
    "查清了地下管线",
    "修通了环村路",
)
FRAME = (
    '<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title} - 瓦岚新闻</title></head><body>'
    '<div class="top"><a href="/">首页</a> <a href="/about.html">关于</a></div>'
    '<div class="path">当前位置：瓦岚新闻</div>'
    '<div class="article"><h1>{title}</h1>{body}</div><div class="bottom">瓦岚新闻编辑部主办</div></body></html>'
)
# words that a gate uses, and some that no list of words knows
GATE = (
    "<html><head><meta charset='utf-8'><title>安全验证</title></head><body><h2>请完成安全验证后继续访问</h2>"
    "<p>系统检测到您的网络存在异常流量，请拖动滑块。编号 {number}</p></body></html>"
)
STRANGE_GATE = (
    "<html><head><meta charset='utf-8'><title>欢迎光临</title></head><body><p>前方小憩片刻，马上为阁下奉上所需。"
    "本环节只是例行照看，不必点按任何按钮，稍过数秒就会自行翻页，辛苦阁下耐心。票据 {number}。</p>"
    "<p>倘若久候不至，可致电管事人，报上票据即可。</p></body></html>"
)
SCRIPT_GATE = (
    "<html><head></head><body><script>var k='{number}';document.cookie='pass='+k+';path=/';"
    "setTimeout(function(){{location.reload()}},300);</script></body></html>"
)
OUTAGE = (
    "<html><head><title>瓦岚新闻</title></head><body><h1>系统维护中</h1><p>网站正在升级，请稍后再来。</p></body></html>"
)
TRACE = (
    "<br /><b>Warning</b>: mysqli_connect(): (HY000/2002): Connection refused in <b>/www/inc/db.php</b> "
    "on line <b>{number}</b>"
)


def title(number: int) -> str:
    return f"瓦岚镇{SUBJECTS[number % 10]}{DEEDS[number % 8]}，{number}户人家受益"


def text(number: int) -> list[str]:
    subject, deed = SUBJECTS[number % 10], DEEDS[number % 8]
    return [
        f"瓦岚镇的{subject}最近{deed}，附近{number}户人家前来道贺，镇长说这件事前后筹划了{number + 7}个月才办成。",
        f"记者在{subject}看到，{number * 3}名工人正在收拾场地，木料和砖石堆得整整齐齐，孩子们放学后都爱来这里转一圈。",
        f"按照计划，第{number}期工程明年春天动工，预算为{number * 11}万元，其中一半由县里补助，另一半由村民自己凑齐。",
    ]


@dataclass(slots=True, frozen=True)
class Style:
    """How the site is made: `rows` whole, cut or pictures; one paragraph per article if `is_brief`; its encoding."""

    rows: str = "whole"
    has_byline: bool = True
    is_brief: bool = False
    encoding: str = "utf-8"

    def lines(self, number: int) -> list[str]:
        """Return the paragraphs of an article."""
        return text(number)[:1] if self.is_brief else text(number)

    def encoded(self, html: str) -> bytes:
        return html.replace("utf-8", self.encoding).encode(self.encoding)


PLAIN = Style()


def article(number: int, style: Style = PLAIN) -> str:
    lines = "".join(f"<p>{line}</p>" for line in style.lines(number))
    byline = f'<div class="info">2026-10-{number % 28 + 1:02d} 08:15 来源：瓦岚晚报</div>' if style.has_byline else ""
    return FRAME.format(title=title(number), body=f'{byline}<div class="words">{lines}</div>')


def path(number: int) -> str:
    return f"/news/2026/{number % 12 + 1:02d}/{1000 + number}.html"


def row(number: int, style: Style) -> str:
    headline = title(number)
    shown = {
        "whole": headline,
        "cut": f"{headline[:11]}...",
        "pictures": f'<img src="/pictures/{number}.jpg" width="240" height="160">',
    }
    return f'<li><a href="{path(number)}">{shown[style.rows]}</a></li>'


def listing(numbers: range, style: Style = PLAIN) -> str:
    rows = "".join(row(number, style) for number in numbers)
    head = '<head><meta charset="utf-8"><title>瓦岚新闻</title></head>'
    return f'<html>{head}<body><ul class="list">{rows}</ul></body></html>'


def page(asked: Asked, count: int, first: int = 1, style: Style = PLAIN) -> Answer | None:
    """Return what the site itself answers: a list of `count` articles, whose numbers begin with `first`, or one."""
    numbers, headers = range(first, first + count), {"Content-Type": f"text/html; charset={style.encoding}"}
    if asked.path == "/":
        return Answer(style.encoded(listing(numbers, style)), headers=headers)
    found = re.fullmatch(r"/news/2026/\d\d/(\d+)\.html", asked.path)
    number = int(found[1]) - 1000 if found else 0
    return Answer(style.encoded(article(number, style)), headers=headers) if number in numbers else None


def own_frame_gate(number: int) -> str:
    """Return a gate in the frame of the site's articles, in words that no list knows."""
    return FRAME.format(
        title="暂歇片刻", body=f'<div class="words"><p>前方人多，阁下请排在第{number}位，轮到时自会翻页。</p></div>'
    )


# sentences for gates in words of nobody's list
_PHRASES = (
    "来客众多，门童正在为阁下核对请柬",
    "此处风大，先喝口茶再往里走",
    "小站今日只接待熟面孔，新朋友烦请稍坐",
    "本页由巡逻员看守，放行需要一点工夫",
    "我们想先认识一下屏幕前的这一位",
    "网关正在为这条线路编号，编好之后自会放行",
    "对岸正在摆渡，船到之前请勿催促",
    "门房已经记下这次来访，随后有专人引路",
    "请把这四幅图按春夏秋冬排好，再往下读",
    "机房空调停转，值班员正在抢修，恢复时间待定",
    "后台正在清点书架，今天的读物晚些摆出来",
    "本栏目只供会员翻阅，游客止步于此",
    "来得太勤了，歇一歇再翻下一页",
    "线路正在切换，读者可先去别处逛逛",
    "数钥匙的先生去吃饭了，回来便开门",
    "请证明阁下有一双会眨的眼睛",
)
_FRAMES = (
    "<html><head><meta charset='utf-8'><title>{title}</title></head><body>{body}</body></html>",
    "<html><head><meta charset='utf-8'><title>{title}</title></head><body><table width=600><tr><td>{body}</td></tr>"
    "</table><hr><i>gate/2.4</i></body></html>",
    "<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title></head><body><div class='box'><h1>{title}"
    "</h1>{body}<a href='/'>回首页</a> <a href='/help'>帮助</a></div></body></html>",
)
_SCRIPTS = (
    "",
    "<script>setTimeout(function(){{location.reload()}},1500)</script>",
    "<script src='/w/k{number}.js'></script>",
    "<script>var q=document,n='coo'+'kie';q[n]='z={number}';</script>",
    "<iframe src='/w/ask?n={number}'></iframe>",
)
_STATUSES = (200, 200, 200, 200, 200, 202, 203, 403, 412, 429, 456, 503, 521, 567)


def odd_gate(number: int) -> Answer:
    """Return a gate that follows from `number`: its words, frame, scripts and status are those of no other site.

    Numbers whose hundreds are equal are gates of one kind, with other figures in them.
    """
    kind = random.Random(number // 100)
    title = kind.choice(["瓦岚新闻", "", kind.choice(_PHRASES)[:8], "提示", "Wait"])
    said = kind.sample(_PHRASES, kind.choice([1, 2, 4, 6, len(_PHRASES)])) * kind.choice([1, 1, 1, 2])
    moment = f"{datetime.now(kind.choice([UTC, timezone(timedelta(hours=8))])):%Y-%m-%d %H:%M:%S}"
    ends = [f"票据 {number}", f"编号：{number}", f"id {number}", f"时间：{moment} 编号 {number}", f"{moment} {number}"]
    body = "".join(f"<p>{phrase}。</p>" for phrase in said) + f"<p>{kind.choice(ends)}</p>"
    frame = kind.choice([FRAME, *_FRAMES])
    html = frame.format(title=title, body=body + kind.choice(_SCRIPTS).format(number=number))
    return Answer(html, kind.choice(_STATUSES))


GATES = {
    "words": lambda number: Answer(GATE.format(number=number)),
    "strange words": lambda number: Answer(STRANGE_GATE.format(number=number)),
    "own frame": lambda number: Answer(own_frame_gate(number)),
    "script": lambda number: Answer(SCRIPT_GATE.format(number=number)),
    "outage": lambda _: Answer(OUTAGE),
    "trace": lambda number: Answer(TRACE.format(number=number)),
    "blank": lambda _: Answer(b""),
    "spaces": lambda _: Answer(b" \r\n\r\n"),
    "noise": lambda number: Answer(random.Random(number).randbytes(700)),
    "202": lambda number: Answer(GATE.format(number=number), 202),
    "403": lambda number: Answer(GATE.format(number=number), 403),
    "412": lambda number: Answer(SCRIPT_GATE.format(number=number), 412),
    "503": lambda number: Answer(OUTAGE, 503),
    "bare 403": lambda _: Answer("<h1>403 Forbidden</h1>", 403),
    "data": lambda number: Answer(f'{{"code": -1, "msg": "{number}"}}', headers={"Content-Type": "application/json"}),
}
