"""Sixty days of the demo: lectures are handed in, approved, watched and shared; the featured rule runs."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from wagtail.models import Page

from config.demo import film, people
from config.demo.scripts import SCRIPTS, TOPICS, Script
from courses import editing, lectures
from courses.models import CataloguePage, CourseItem, CoursePage, Lecture, Topic
from engagement import featured, rules, sharing, viewings
from engagement.models import FeaturedMark
from livestreams.models import LivestreamIndexPage, LivestreamPage
from media_pipeline import assets
from media_pipeline.models import Asset
from members import organisations
from members.models import Member, Organisation
from study_sessions import planning
from study_sessions.models import StudySession

# Small numbers, so that a few dozen people can make a lecture featured; printed as they are on the page.
RULES = {
    "score_least": 12, "viewers_least": 2, "organisations_least": 2, "share_of_one_most": 80,
    "captions_on": False, "cooling_on": False, "cooling_hours": 0,
}  # fmt: skip

COURSES = [
    (
        "岗位安全四讲", "anquan-sijiang", "四个岗位，四件自己碰到过的事。",
        ["安全帽下的承诺", "换刀之前想三秒", "雨夜抢修记", "停机十二分钟"],
    ),
    (
        "从誓词到岗位", "shici-gangwei", "先读誓词，再看身边的人怎样做。",
        ["八十个字", "新党员的第一年", "一颗螺栓的责任", "站台上的交接班"],
    ),
]  # fmt: skip


def prepare(now: datetime) -> None:
    """Topics and rules, once."""
    for position, (name, slug) in enumerate(TOPICS):
        Topic.objects.get_or_create(slug=slug, defaults={"name": name, "position": position})
    if rules.current(now).score_least != RULES["score_least"]:
        rules.change(by=None, now=now - timedelta(days=61), **RULES)


def hand_in(say: Callable[[str], None]) -> Iterator[tuple[Script, Asset]]:
    """Draw, film and upload every lecture that is not there yet, one at a time: the pipeline works meanwhile."""
    for script in SCRIPTS:
        author = people.named(script.author)
        asset = Asset.objects.filter(uploaded_by=author, name=f"{script.title}.mp4").first()
        if asset is None:
            source = film.shoot(script, Path(settings.SCRATCH_DIR) / "demo")
            asset = assets.receive_file(author, source, name=source.name, now=timezone.now())
            source.unlink()
            say(f"{script.title}: handed in")
        yield script, asset


def publish(script: Script, asset: Asset, now: datetime) -> Lecture:
    """What its author and the editor did, in their time."""
    author, editor = people.named(script.author), people.named("许知言")
    lecture = lectures.draft_for(asset, now=now)
    born = _at(now - timedelta(days=script.age), 20, 10)
    if lecture.state == Lecture.State.DRAFT:
        editing.edit(
            lecture, by=author, now=born, title=script.title, summary=script.summary,
            topic=Topic.objects.get(name=script.topic), visibility=script.visibility,
        )  # fmt: skip
        lectures.submit(lecture, by=author, now=born + timedelta(minutes=9))
    if lecture.state == Lecture.State.SUBMITTED:
        lectures.approve(lecture, by=editor, now=_at(born + timedelta(days=1), 9, 30))
    return lecture


def watch_and_share(lecture: Lecture, script: Script, now: datetime) -> None:
    """Colleagues of the author's branch watch first, then others; some share, some stop half-way."""
    chance = random.Random(script.title)  # noqa: S311 - the same story every time, not a secret
    everyone = [member for member in people.everyone() if member.pk != lecture.author_id]
    near = [member for member in everyone if _same_branch(member, lecture, now)]
    far = [member for member in everyone if member not in near]
    # Those whose accounts are printed keep some lectures to watch themselves.
    tried = {account.name for account in people.ACCOUNTS}
    far = [member for member in far if member.name not in tried]
    audience = [member for member in near if member.name not in tried][: chance.randint(4, 6)] + chance.sample(
        far, chance.randint(8, 20)
    )
    opened = lecture.published_at or now
    for number, member in enumerate(audience):
        at = _moment(chance, opened, now, number / len(audience))
        _watch(member, lecture, at, chance)
        if number % 4 == 1:
            guest = chance.choice([one for one in far if one not in audience])
            came = min(at + timedelta(hours=chance.randint(1, 60)), now - timedelta(minutes=20))
            _share(member, guest, lecture, at, came)


def _watch(member: Member, lecture: Lecture, at: datetime, chance: random.Random) -> None:
    length = lecture.asset.duration_ms or 0
    end = length if chance.random() < 0.8 else int(length * chance.uniform(0.2, 0.7))
    viewings.watch(member, lecture, [(0, end)], now=at)


def _share(sharer: Member, guest: Member, lecture: Lecture, at: datetime, came: datetime) -> None:
    """`sharer` makes a link after watching; `guest` comes by it and watches to the end."""
    link = sharing.link_for(sharer, lecture, at + timedelta(minutes=12))
    sharing.visit(link.code, guest, came)
    viewings.watch(guest, lecture, [(0, lecture.asset.duration_ms or 0)], now=came + timedelta(minutes=2))


def _moment(chance: random.Random, opened: datetime, now: datetime, part: float) -> datetime:
    """Early viewers come soon after publication, the last ones lately; none in the future."""
    span = (now - opened) - timedelta(hours=1)
    return opened + span * min(part * chance.uniform(0.5, 1.0), 1.0) + timedelta(minutes=chance.randint(1, 50))


def _same_branch(member: Member, lecture: Lecture, now: datetime) -> bool:
    theirs = organisations.of(member, on=timezone.localdate(now))
    return theirs is not None and theirs.pk == lecture.organisation_id


def _at(day: datetime, hour: int, minute: int) -> datetime:
    return timezone.make_aware(datetime.combine(timezone.localdate(day), time(hour, minute)))


def leave_half_way(now: datetime) -> None:
    """The demo's two members have begun some lectures, so that home has something to go on with."""
    begun = [
        ("刘守正", "雨夜抢修记", [(0, 9_000)]),
        ("刘守正", "安全帽下的承诺", [(0, 6_000), (9_000, 15_000)]),
        ("祁连生", "雨夜抢修记", [(0, 5_000)]),
        ("祁连生", "一颗螺栓的责任", [(0, 12_000), (15_000, 24_000)]),
    ]
    for name, title, intervals in begun:
        member, lecture = people.named(name), Lecture.objects.get(title=title)
        if not lecture.viewings.filter(member=member).exists():
            viewings.watch(member, lecture, intervals, now=now - timedelta(hours=3))


def decide(now: datetime) -> None:
    """Run the rule; the editor confirms the two best, and leaves the rest for whoever tries the site."""
    featured.run(now)
    editor = people.named("许知言")
    candidates = FeaturedMark.objects.filter(state=FeaturedMark.State.CANDIDATE)
    for mark in sorted(candidates, key=lambda one: -int(one.evidence["score"]))[:2]:
        featured.confirm(mark, by=editor, reason="", now=now)


def arrange() -> None:
    """A catalogue with two courses."""
    catalogue = CataloguePage.objects.get()
    for title, slug, intro, titles in COURSES:
        if Page.objects.child_of(catalogue).filter(slug=slug).exists():
            continue
        page = catalogue.add_child(instance=CoursePage(title=title, slug=slug, intro=intro))
        found = Lecture.objects.filter(title__in=titles)
        for order, lecture in enumerate(sorted(found, key=lambda one: titles.index(one.title))):
            section = {0: "一、先看清楚", 2: "二、再想一步"}.get(order, "")
            CourseItem.objects.create(
                page=page, lecture=lecture, section=section, is_required=order != 3, sort_order=order
            )
        page.save_revision().publish()


def announce(now: datetime) -> None:
    """One livestream, two days ago, whose recording an editor may attach."""
    if LivestreamPage.objects.exists():
        return
    stream = LivestreamPage(
        title="检修班的一天：边修边讲", slug="jianxiu-yitian", starts_at=_at(now - timedelta(days=2), 19, 30),
        presenter=people.named("高一川"), topic=Topic.objects.get(name="岗位故事"),
        intro="从班前会到收工，一边修一边讲。录像由编辑传上来，就在这一页看回放。",
    )  # fmt: skip
    page = LivestreamIndexPage.objects.get().add_child(instance=stream)
    page.save_revision().publish()


def plan_session(now: datetime) -> None:
    """The branch of the demo's secretary meets in two days."""
    if StudySession.objects.exists():
        return
    secretary = people.named("沈月明")
    starts = _at(now + timedelta(days=2), 19, 30)
    planning.plan(
        by=secretary, now=now, lecture=Lecture.objects.get(title="停机十二分钟"),
        organisation=Organisation.objects.get(name=people.FROM[secretary.name]),
        title="停机十二分钟，我们能学到什么", note="看之前想一想：你的岗位上，哪一步最怕别人催。",
        starts_at=starts, ends_at=starts + timedelta(hours=1),
    )  # fmt: skip
