"""What the page of components is filled with."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static

from ui.cards import Card
from ui.paging import page_of

SEGMENTS = [(0, 190_000), (220_000, 356_000)]
LINE = ((0, 36.4), (42.1, 68.2))
DURATION = 522_000


def _cards() -> list[Card]:
    poster = static("ui/mark.svg")
    return [
        Card("#", "停机十二分钟", poster, 378_000, ("高一川", "检修班党支部"), label="seal",
             note="有效观看388次，有效转发41次，看过的人来自11个支部"),
        Card("#", "一颗螺栓的责任", poster, DURATION, ("刘守正", "装配二车间党支部"), line=LINE,
             line_label="已看62%", note="已看62%，再看2分24秒就看完"),
        Card("#", "八十个字", poster, 640_000, ("黎晚舟", "机关二支部"), line=((0, 100),), is_done=True),
        Card("#", "站台上的交接班", "", 475_000, ("祁连生", "物流站党支部"), label="pick"),
        Card("#", "还没有封面的一节课，标题很长，长到两行也放不下，看它怎么折行", "", None, ("编辑部",)),
    ]  # fmt: skip


def context(request: HttpRequest) -> dict[str, Any]:
    return {
        "cards": _cards(),
        "segments": SEGMENTS,
        "line": LINE,
        "duration_ms": DURATION,
        "parts": [(k * 100 / 26, k * 100 / 26 + 3.4) for k in range(16)],
        "figures": [("有效观看", 412), ("有效转发，一次抵两次", 57), ("得分，过线300", 526), ("来自几个支部", 9)],
        "steps": [
            {"state": "done", "label": "收到文件", "when": "09:12"},
            {"state": "at", "label": "制作清晰度，4种做好2种", "when": "约3分钟"},
            {"state": "to", "label": "你点“交给编辑”"},
        ],
        "entries": [
            {"what": "两米外的喇叭有人看完", "url": "#", "amount": "+1", "why": "观看分。客服中心党支部的一位同事"},
            {"what": "转发雨夜抢修记", "amount": "", "why": "对方看了71%，看到90%才算看完。还有5天。"},
        ],
        "chips": [
            {"label": "全部", "url": "#", "is_current": True, "count": 14},
            {"label": "标题", "url": "#", "is_current": False, "count": 1},
        ],
        "page": page_of(list(range(60)), request, size=20),
    }
