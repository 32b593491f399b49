"""Boilerplate rules: each with a match and a near miss."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsspider.text.boilerplate import matching_rule
from newsspider.text.boilerplate_rules import _TOOL, RULES

ENDS = ("head", "tail")


MATCHES = [
    ("placeholder", "(资料图)"),
    ("placeholder", "（资料图）"),
    ("placeholder", "【资料图】"),
    ("placeholder", "(资料图片仅供参考)"),
    ("placeholder", "资料图 来源:河口日报"),
    ("original-title", "原标题：渡口停航三天"),
    ("original-title", "（原题为：渡口停航三天）"),
    ("source-trailer", "(文章来源:河口日报)"),
    ("source-trailer", "本文来源：河口日报"),
    ("source-trailer", "来源于：河口镇办事处"),
    ("source-trailer", "信息来源于网络"),
    ("editor", "（责任编辑：李明）"),
    ("editor", "[责任编辑：李明 PX01]"),
    ("editor", "编辑：李明 校对：王芳"),
    ("editor", "编辑 李明 校对 王芳"),
    ("disclaimer", "免责声明：本文仅代表作者个人观点，与本站无关。"),
    ("disclaimer", "图片来自网络，如有侵权，请联系删除。"),
    ("promotion", "扫一扫关注河口发布公众号"),
    ("promotion", "长按识别二维码关注我们"),
    ("promotion", "更多精彩内容，请下载河口新闻客户端"),
    ("more-link", "点击查看更多"),
    ("more-link", "阅读原文"),
    ("pager", "上一页 1 2 3 下一页"),
    ("pager", "【1】【2】【3】"),
    ("pager", "下一篇：渡口恢复通航"),
    ("share", "分享到：微信 微博 QQ空间"),
    ("share", "1032人参与308评论"),
    ("player", "视频加载中..."),
    ("related-heading", "相关阅读："),
    ("related-heading", "延伸 · 推荐"),
    ("header", "2023-08-06 14:25:32 来源：河口日报"),
    ("header", "发布日期：2023-08-06 浏览次数：12"),
    ("author-unknown", "作者：未知"),
    ("count", "1234"),
    ("end-mark", "- END -"),
    ("end-mark", "（完）"),
    ("end-mark", "（全文完）"),
    ("editor", "编辑｜李明 校对｜王芳"),
    ("editor", "（翻译：谈笑 编辑：Ivy、高小山）"),
    ("editor", "河口新闻编辑 | 白也"),
    ("disclaimer", "本文由 渡口笔记 授权 河口网 发表，并经编辑。转载请标明作者姓名。"),
    ("disclaimer", "未按照规范转载者，河口网保留追究相应责任的权利"),
    ("promotion", "天天看船，还不去下载 河口App"),
    ("tags", "相关热词搜索：渡口 停航"),
    ("related-heading", "另请参阅："),
    ("advert", "广告"),
    ("advert", "【廣告】"),
    ("advert", "- Advertisement -"),
    ("tags", "热词搜索：风电 叶片 技改"),
    ("tags", "标签：渡口、停航"),
    ("share", "打印 发E-mail给："),
    ("disclaimer", "河口网声明：此资讯系转载自合作媒体，登载此文出于传递更多信息之目的，并不意味着赞同其观点。"),
    ("promotion", "爆料、提供線索，請WhatsApp河口郵報報料熱線：6000 0000"),
    ("promotion", "欢迎提供新闻线索，报料热线：0000-6000000"),
    ("promotion", "新闻报料：0000-6000000"),
    ("disclaimer", "以上内容由星河大模型生成，仅供参考"),
    ("disclaimer", "本文由AI生成，请注意甄别。"),
    ("header", "12.6万次播放2025-01-19 19:46:05来源：河口新闻记者：李明"),
    ("more-link", "收起"),
    ("more-link", "点击进入专题："),
    ("more-link", "返回河口，查看更多"),
    ("more-link", "打开河口新闻 查看精彩图片"),
    ("promotion", "海量资讯、精准解读，尽在河口财经APP"),
    ("promotion", "點我下載APP"),
    ("promotion", "★更多新聞請看河口新聞網"),
    ("source-trailer", "本文来自微信公众号“河口”，作者：张三"),
    ("source-trailer", "文章转载自河口网"),
    ("source-trailer", "【来源】 河口日报"),
    ("source-trailer", "图源网络 侵删"),
    ("editor", "一審：李明 二審：王芳"),
    ("disclaimer", "广告声明：文内含有的对外跳转链接，用于传递更多信息，仅供参考。"),
    ("share", "举报/反馈"),
    ("more-link", "展開全文"),
    ("more-link", "請繼續往下閱讀..."),
    ("more-link", "点击进入专题：河口渡口的变迁"),
    ("source-trailer", "本文来自微信公众号：渡口老王（ID：hekou），作者：李明，题图来自：河口图库"),
    ("promotion", "LIKE我们的官方脸书网页以获取更多新信息"),
    ("share", "字号超大大标准"),
    ("player", "（点击观看视频）"),
    ("disclaimer", "河口网 版权所有"),
    ("count", "（文章序列号：1681）"),
    ("placeholder", "图像来源，Getty Images"),
    ("more-link", "跳过热读内容并继续阅读"),
    ("promotion", "订阅我们的新闻信，每周收到精选报道。"),
    ("count", "全文共3200字，预计阅读时间8分钟"),
    ("count", "播放量：1.2万"),
    ("count", "喜欢(12) 赞(3)"),
    ("player", "您还没有安装flash播放器，请点击这里安装"),
    ("promotion", "炒股就看河口分析师研报，权威，及时，助您挖掘潜力机会！"),
    ("promotion", "登录河口财经APP 搜索【信披】查看更多"),
    ("promotion", "【加入河口新聞LINE好友，渡口八卦不漏接】"),
    ("promotion", "点个“在看”，让更多人知道↓↓↓"),
    ("promotion", "觉得不错，点个“赞”再走"),
    ("promotion", "此文限时免费阅读。推荐进入河口数据库，可随时查阅各渡口船期。"),
    ("promotion", "订阅《河口早报》电子报，每天早上把要闻送到您的邮箱。"),
    ("promotion", "河口新闻报料：021-0000000"),
    ("editor", "值班编辑 王芳"),
    ("editor", "【纠错】 【责任编辑:王芳】"),
    ("source-trailer", "本文源自：河口财经"),
    ("source-trailer", "原文網址: 渡口恢復通航 | 河口新聞 https://hekou.example/news/1.htm"),
    ("disclaimer", "本網站之文字、圖片及影音，非經授權，不得轉載。"),
    ("disclaimer", "风险提示：股市有风险，入市需谨慎。"),
    ("end-mark", "— 完 —"),
]


NEAR_MISSES = [
    "标签上写着：这批货物由渡口转运。",
    "他把文件打印出来，发E-mail给船主。",
    "他把一张资料图递给记者，说这是二十年前的渡口。",
    "原标题党的做法引来批评。",
    "收入来源：打鱼、种地、跑船，三样加起来不到两万元。",
    "编辑部的灯一直亮到天亮，校对员老王也没有走。",
    "镇政府发表声明，说渡口月底恢复。",
    "扫码付款在镇上已经很普遍，连渡船也能扫码。",
    "他说，想了解更多，就得自己去看一看。",
    "第一页写着日期，下一页是空白。",
    "老人说，相关阅读材料都在图书馆里。",
    "2023年8月6日，渡口恢复通航，第一班船坐满了人。",
    "2023年8月6日",
    "河口日报记者 李明",
    "采写：河口日报记者 李明",
    "【文/河口日报 李明】",
    "微信成了镇上做生意的工具。",
    "翻译：谈笑",
    "他在渡口边做起了广告。",
    "报料热线12345的接线员说，当天接到四十个电话。",
    "线索是一张旧船票，上面写着2006年。",
    "该视频由AI生成，警方已立案调查。",
    "此文由AI生成，作者已经道歉。",
    "12.6万次播放之后，渡口出了名。",
    "收起船桨，他就坐在船头抽烟。",
    "他说要追究船主的责任，也要保留证据。",
    "本文由三部分组成，第一部分写渡口。",
    "另请参加渡口的开航仪式。",
    "大家赶紧下载船期表，客户端里都有。",
    "返回河口镇，他又坐上了那条船。",
    "打开窗户，查看精彩的夜景。",
    "希望尽在不言中。",
    "（完成）",
    "本文来自一次渡口的采访。他说了三天。",
    "图源自他的手绘稿。",
    "展开的船帆上写着渡口的名字。",
    "跳过这一段，继续阅读也不影响理解渡口的故事。",
    "订阅我们这份报纸的老人，每天都到渡口来取。",
    "图像来源于他的相机。",
    "01",
    "渡口的影像，他说版权所有人是镇上的老人。",
    "点击观看视频的人里，有一半是船工。",
    "继续往下读，才知道渡口的来历。",
    "全文共三章，写的都是渡口。",
    "播放量最高的一条，是船工的一首歌。",
    "没有安装护栏的渡口，今年都补上了。",
    "他常说，炒股就看运气。",
    "加入船队的好友，都是镇上的老人。",
    "点个灯笼，让更多人知道渡口还在。",
    "订阅《河口早报》的人家越来越少。",
    "值班编辑 王芳接到了第一个电话。",
    "本文源自他在渡口的三年记录，写成于去年冬天。",
    "风险提示牌立在渡口两边。",
]


@pytest.mark.parametrize(("rule_id", "line"), MATCHES)
def test_rule_takes_out_its_line(rule_id: str, line: str) -> None:
    rule = matching_rule(line, ENDS)
    assert rule is not None
    assert rule.id == rule_id


@pytest.mark.parametrize("line", NEAR_MISSES)
def test_prose_and_bylines_stay(line: str) -> None:
    assert matching_rule(line, ENDS) is None


@pytest.mark.parametrize(
    "phrase",
    [
        *(
            "仅代表",
            "僅代表",
            "不代表",
            "并不代表",
            "不构成",
            "不構成",
            "未经许可不得",
            "未經許可請勿",
            "转载请",
            "轉載請",
        ),
        *("转载时请", "谢绝转载", "請勿轉載", "请勿转载", "如有侵权", "如有侵權", "涉及版权", "版权归", "版權歸"),
        *("风险自担", "投资需谨慎", "据此操作"),
    ],
)
def test_every_disclaiming_phrase_is_found(phrase: str) -> None:
    rule = matching_rule(f"渡口一文{phrase}，作者观点，来源：河口日报，如要转载请注明", ("tail",))
    assert rule is not None
    assert rule.id == "disclaimer"


@pytest.mark.parametrize(
    "line",
    [
        *(
            f"关注facebook专页，河口的事问{who}：渡口"
            for who in ("我们", "我們", "本报", "本報", "本网", "本網", "本台")
        ),
        *(f"提供新闻{what}：微信渡口" for what in ("爆料", "報料", "报料", "线索", "線索")),
    ],
)
def test_every_call_of_a_paper_for_itself_is_found(line: str) -> None:
    rule = matching_rule(line, ("tail",))
    assert rule is not None
    assert rule.id == "promotion"


SHARE = next(rule for rule in RULES if rule.id == "share")


@given(st.from_regex(re.compile(_TOOL, re.IGNORECASE), fullmatch=True))
def test_every_tool_of_a_page_is_one_to_share(tool: str) -> None:
    assert SHARE.pattern.fullmatch(tool)
