"""Who plays in the browser tests, and what is there before they begin. Plain facts: read by the tests, by the script
that makes the rows, and by nothing that knows Django."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "xunlian-2026"


@dataclass(frozen=True)
class Person:
    name: str
    phone: str
    branch: str


AUTHOR = Person("沈知秋", "13911110001", "检修班党支部")
VIEWER = Person("韩立夏", "13911110002", "装配二支部")
GUEST = Person("顾长亭", "13911110003", "物流站支部")
EDITOR = Person("许知言", "13911110004", "机关一支部")
SECRETARY = Person("岳青山", "13911110005", "质量部支部")
READER = Person("周桂兰", "13911110006", "质量部支部")
EVERYONE = [AUTHOR, VIEWER, GUEST, EDITOR, SECRETARY, READER]
BRANCHES = list(dict.fromkeys(person.branch for person in EVERYONE))

TOPIC, TOPIC_SLUG = "岗位故事", "gangwei"
OTHER_TOPIC, OTHER_TOPIC_SLUG = "安全生产", "anquan"
FEATURED_TITLE = "扳手为什么放在左边"  # the secretary's, out, marked
LONG_TITLE = "夜班交接的十分钟"  # the reader's, out, long enough to be played on two devices at once
# What is said in it, as captions
SAID = """WEBVTT

00:00:01.000 --> 00:00:06.000
交接最怕一句“没什么事”，没什么事也要说清楚查了哪几样。

00:00:13.000 --> 00:00:18.000
我把六句话写在手套箱盖上，谁来都看得见。
"""
DRAFT_TITLE = "第一次上台讲课"  # the secretary's, returned by the editors
COURSE, COURSE_SLUG = "岗位安全两讲", "anquan-liangjiang"
STREAM, STREAM_SLUG = "检修班的一天：边修边讲", "jianxiu"
SESSION = "扳手放在哪里，我们说了算"
