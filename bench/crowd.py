"""A site of a given size for benchmarks: an industry committee's organisations, members and lectures, in bulk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from courses.models import Lecture, Topic
from media_pipeline.models import Asset, Cut, Package
from members.models import Member, Membership, Organisation
from tests import cast

GROUPS, BRANCHES, TOPICS = 11, 168, 12  # as the committee of DESIGN §1 has them
WORDS = (
    "一颗螺栓的责任",
    "停机十二分钟",
    "安全帽下的承诺",
    "站台上的交接班",
    "新党员的第一年",
    "雨夜抢修记",
    "八十个字",
    "换刀之前",
)
TILES = {"columns": 10, "rows": 2, "width": 160, "height": 90, "count": 15}


@dataclass(frozen=True)
class Crowd:
    lectures: list[Lecture]
    watcher: Member


def gather(lectures: int, members: int) -> Crowd:
    """Lectures newest first; the watcher belongs to the first branch."""
    branches = _branches()
    people = _members(members, branches)
    return Crowd(_lectures(lectures, people, branches, [cast.topic() for _ in range(TOPICS)]), people[0])


def _branches() -> list[Organisation]:
    committee = cast.organisation(kind="committee")
    groups = [cast.organisation(kind="group", parent=committee) for _ in range(GROUPS)]
    return [cast.organisation(parent=groups[number % GROUPS]) for number in range(BRANCHES)]


def _members(count: int, branches: list[Organisation]) -> list[Member]:
    password = cast.member().password
    people = Member.objects.bulk_create(
        Member(name=f"党员{number}", phone=f"+86138{number:08d}", password=password) for number in range(count)
    )
    Membership.objects.bulk_create(
        Membership(member=one, organisation=branches[number % len(branches)], starts_on=date(2020, 1, 1))
        for number, one in enumerate(people)
    )
    return people


def _lectures(count: int, people: list[Member], branches: list[Organisation], topics: list[Topic]) -> list[Lecture]:
    now = timezone.now()
    assets = _assets(count, people)
    return Lecture.objects.bulk_create(
        [
            Lecture(
                title=f"{WORDS[number % len(WORDS)]}之{number}",
                summary="讲一件自己碰到过的事，和后来怎么做。",
                topic=topics[number % len(topics)],
                state=Lecture.State.PUBLISHED,
                author=people[number % len(people)],
                uploaded_by=people[number % len(people)],
                organisation=branches[number % len(people) % len(branches)],
                asset=asset,
                created_at=now,
                submitted_at=now,
                published_at=now - timedelta(minutes=number),
            )
            for number, asset in enumerate(assets)
        ],
        batch_size=500,
    )


def _assets(count: int, people: list[Member]) -> list[Asset]:
    """Ready, each with a cut and its package."""
    now = timezone.now()
    assets = Asset.objects.bulk_create(
        [
            Asset(
                uploaded_by=people[number % len(people)],
                name=f"党课{number}.mp4",
                state=Asset.State.RECEIVED,
                source_key=f"sources/bench-{number}",
                source_bytes=1_000_000,
                identity=f"{number:064x}",
                duration_ms=60_000,
                width=1280,
                height=720,
                created_at=now,
                inspected_at=now,
            )
            for number in range(count)
        ],
        batch_size=500,
    )
    cuts = Cut.objects.bulk_create([Cut(asset=asset, duration_ms=60_000) for asset in assets], batch_size=500)
    packages = Package.objects.bulk_create(
        [Package(cut=cut, created_at=now, verified_at=now, bytes=900_000, sprite=TILES) for cut in cuts],
        batch_size=500,
    )
    for asset, cut, package in zip(assets, cuts, packages, strict=True):
        cut.package, asset.cut, asset.state, asset.ready_at = package, cut, Asset.State.READY, now
    Cut.objects.bulk_update(cuts, ["package"], batch_size=500)
    Asset.objects.bulk_update(assets, ["cut", "state", "ready_at"], batch_size=500)
    return assets
