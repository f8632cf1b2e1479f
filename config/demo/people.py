"""The demo's organisations and members: the seed's shape in small (1 committee, 3 groups, 9 branches, 60 members)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from members import roles
from members.models import Appointment, Enterprise, Member, Membership, Organisation

PASSWORD = "xuexi-2026"  # noqa: S105 - printed at every start; demo accounts exist only where someone asked for them
SINCE = date(2024, 7, 1)

GROUPS: list[tuple[str, str, list[str]]] = [
    ("装备制造党群联组", "东岳重工", ["装配二车间党支部", "检修班党支部", "铸造车间党支部"]),
    ("交通物流党群联组", "江北物流", ["物流站党支部", "线路班党支部", "客服中心党支部"]),
    ("机关科研党群联组", "启明研究院", ["机关一支部", "研发二支部", "质量部党支部"]),
]

# Who gives lectures is from where the slides say; the first of a branch is its secretary.
FROM = {
    "沈月明": "装配二车间党支部", "刘守正": "装配二车间党支部", "秦越": "装配二车间党支部", "高一川": "检修班党支部",
    "庞大勇": "铸造车间党支部", "冉听雨": "物流站党支部", "祁连生": "物流站党支部", "贺兰亭": "线路班党支部",
    "苏以晴": "客服中心党支部", "黎晚舟": "机关一支部", "许知言": "研发二支部", "舒白": "质量部党支部",
}  # fmt: skip

NAMES = [
    "沈月明",
    "刘守正",
    "高一川",
    "庞大勇",
    "秦越",
    "汪小满",
    "冉听雨",
    "卓文渊",
    "岳青山",
    "邓秋禾",
    "祁连生",
    "贺兰亭",
    "苏以晴",
    "鲁建平",
    "周桂兰",
    "万长河",
    "岑远",
    "路遥知",
    "江晚晴",
    "程万里",
    "许知言",
    "孟宪清",
    "黎晚舟",
    "唐雨薇",
    "韩立秋",
    "舒白",
    "温如玉",
    "闻一鸣",
    "简宁",
    "顾长风",
    "陆春生",
    "何广田",
    "马跃进",
    "田小禾",
    "罗向阳",
    "谢安然",
    "曹木兰",
    "邹远航",
    "彭石",
    "段晓峰",
    "尹素心",
    "常在山",
    "严正",
    "侯东来",
    "龙在野",
    "史可为",
    "黎明远",
    "贾和平",
    "薛冬梅",
    "雷震生",
    "余有声",
    "丁香",
    "方圆",
    "石磊",
    "白杨",
    "易水寒",
    "宁静",
    "安澜",
    "齐鲁",
    "季春晖",
]


@dataclass(frozen=True)
class Account:
    """One of the accounts printed at the start."""

    who: str
    name: str
    sign_in: str


ACCOUNTS = [
    Account("党员 member", "刘守正", "13900000002"),
    Account("另一个党组织的党员 member elsewhere", "祁连生", "13900000011"),
    Account("编辑 editor", "许知言", "13900000021"),
    Account("支部书记 branch secretary", "沈月明", "13900000001"),
    Account("运维 operator", "舒白", "13900000026"),
]


def ensure() -> None:
    """Make the tree and the people unless they are there."""
    if Member.objects.filter(phone="+8613900000001").exists():
        return
    committee = Organisation.add_root(kind="committee", name="滨江产业联合党委", short_name="联合党委")
    branches: list[Organisation] = []
    for name, enterprise_name, branch_names in GROUPS:
        enterprise = Enterprise.objects.create(name=f"{enterprise_name}有限公司", short_name=enterprise_name)
        group = committee.add_child(kind="group", name=name, short_name=name)
        branches += [
            group.add_child(kind="branch", name=branch, short_name=branch, enterprise=enterprise)
            for branch in branch_names
        ]
    password = make_password(PASSWORD)  # once: sixty slow hashes of one password would only keep people waiting
    for number, name in enumerate(NAMES, start=1):
        branch = branches[_branch_of(number, name)]
        member = Member.objects.create(
            name=name, password=password, phone=f"+861390000{number:04d}", enterprise=branch.enterprise,
            employee_number=f"{number:04d}",
        )  # fmt: skip
        Membership.objects.create(member=member, organisation=branch, starts_on=SINCE)
    _appoint(committee, branches)


def _branch_of(number: int, name: str) -> int:
    """Where those who give lectures say they are from; the rest in turn."""
    names = [branch for _, _, branches in GROUPS for branch in branches]
    return names.index(FROM[name]) if name in FROM else number % len(names)


def _appoint(committee: Organisation, branches: list[Organisation]) -> None:
    role = Appointment.Role
    roles.appoint(named("许知言"), role.EDITOR, committee, starts_on=SINCE, by=None, now=timezone.now())
    roles.appoint(named("舒白"), role.OPERATOR, committee, starts_on=SINCE, by=None, now=timezone.now())
    for branch in branches:
        first = Member.objects.filter(memberships__organisation=branch).order_by("pk")[0]
        roles.appoint(first, role.SECRETARY, branch, starts_on=SINCE, by=None, now=timezone.now())


def named(name: str) -> Member:
    return Member.objects.get(name=name)


def everyone() -> list[Member]:
    return list(Member.objects.filter(phone__startswith="+861390000").order_by("pk"))
