"""Makes the rows the browser tests begin with, in the data folder of their site: `python -m tests.browser.rows FILMS`.

FILMS is a folder, and may be left out: then there are people and nothing else. Everything is done by the functions the
site itself calls, a few days back in time, and the films pass through the real pipeline, because a page without its
pictures says nothing about how it looks.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path

import django

django.setup()

from django.contrib.auth.hashers import make_password  # noqa: E402 - models want the set-up
from django.test import override_settings  # noqa: E402
from django.utils import timezone  # noqa: E402

from courses import editing, lectures, versions  # noqa: E402
from courses.models import CataloguePage, CourseItem, CoursePage, Lecture, Topic  # noqa: E402
from engagement import featured, rules, sharing, viewings  # noqa: E402
from engagement.models import FeaturedMark  # noqa: E402
from jobs import runner  # noqa: E402
from livestreams.models import LivestreamIndexPage, LivestreamPage  # noqa: E402
from media_pipeline import assets, text_tracks  # noqa: E402
from members import phones  # noqa: E402
from members.models import Member, Organisation  # noqa: E402
from study_sessions import planning  # noqa: E402
from tests import cast  # noqa: E402
from tests.browser import people  # noqa: E402

RULES = {
    "score_least": 1, "viewers_least": 1, "organisations_least": 1, "share_of_one_on": False, "captions_on": False,
    "cooling_on": False,
}  # fmt: skip


def who(person: people.Person) -> Member:
    return Member.objects.get(name=person.name)


def make_people() -> None:
    committee = cast.organisation("滨江产业联合党委", kind=Organisation.Kind.COMMITTEE)
    branches = {name: cast.organisation(name, parent=committee) for name in people.BRANCHES}
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        for person in people.EVERYONE:
            cast.member(person.name, branches[person.branch], phone=phones.normalise(person.phone))
    Member.objects.update(password=make_password(people.PASSWORD))  # one slow hash for all of them
    cast.editor(committee, who(people.EDITOR))
    cast.secretary(branches[people.SECRETARY.branch], who(people.SECRETARY))


def make_lecture(author: people.Person, film: Path, title: str, topic: Topic, *, at: datetime) -> Lecture:
    """Handed in at `at`."""
    by = who(author)
    asset = assets.receive_file(by, film, name=f"{title}.mp4", now=timezone.now())
    runner.run_due()
    asset.refresh_from_db()
    lecture = lectures.draft_for(asset, now=at)
    summary = "把一件自己碰到过的事讲给大家听：那天发生了什么，后来改了什么。"
    editing.edit(lecture, by=by, now=at, title=title, summary=summary, topic=topic)
    lectures.submit(lecture, by=by, now=at + timedelta(minutes=5))
    return lecture


def make_lectures(folder: Path, now: datetime) -> None:
    stories = Topic.objects.create(name=people.TOPIC, slug=people.TOPIC_SLUG, position=1)
    safety = Topic.objects.create(name=people.OTHER_TOPIC, slug=people.OTHER_TOPIC_SLUG, position=2)
    editor, then = who(people.EDITOR), now - timedelta(days=3)
    marked = make_lecture(people.SECRETARY, folder / "featured.mp4", people.FEATURED_TITLE, safety, at=then)
    lectures.approve(marked, by=editor, now=then + timedelta(hours=1))
    long = make_lecture(people.READER, folder / "long.mp4", people.LONG_TITLE, stories, at=then)
    lectures.approve(long, by=editor, now=then + timedelta(hours=2))
    say(long, editor, now)
    draft = make_lecture(people.SECRETARY, folder / "draft.mp4", people.DRAFT_TITLE, safety, at=then)
    lectures.send_back(draft, by=editor, reason="声音太小，离手机近一点再讲一遍。", now=then + timedelta(hours=3))
    make_versions(marked, draft, folder / "recording.mp4", now)
    make_views(marked, long, then + timedelta(days=1))
    featured.run(now)
    mark = FeaturedMark.objects.get(lecture=marked)
    featured.confirm(mark, by=editor, now=now)
    make_pages(marked, long, safety, now)


def make_versions(marked: Lecture, draft: Lecture, film: Path, now: datetime) -> None:
    """One that is out waits for an editor to look at its cut; a draft shows its second recording."""
    versions.cut(marked, [[500, 6_000]], by=marked.author, now=now)
    asset = assets.receive_file(draft.author, film, name="再讲一遍.mp4", purpose="replacement", now=now)
    runner.run_due()
    asset.refresh_from_db()
    draft.refresh_from_db()
    versions.recording(draft, asset, by=draft.author, now=now)


def say(lecture: Lecture, editor: Member, now: datetime) -> None:
    """Captions, so that search finds what is said."""
    assert lecture.asset.cut is not None
    text_tracks.add(lecture.asset.cut, people.SAID.encode(), language="zh-Hans", by=editor, now=now)
    runner.run_due()


def make_views(marked: Lecture, long: Lecture, at: datetime) -> None:
    """The reader finishes the secretary's lecture and brings a colleague; the secretary leaves the other half-way."""
    reader, colleague = who(people.READER), who(people.EDITOR)
    length = marked.asset.duration_ms or 0
    done = viewings.watch(reader, marked, [(0, length)], now=at)
    link = sharing.link_for(reader, marked, done)
    sharing.visit(link.code, colleague, done + timedelta(hours=1))
    viewings.watch(colleague, marked, [(0, length)], now=done + timedelta(hours=2))
    viewings.watch(who(people.SECRETARY), long, [(0, 5_000), (9_000, 12_000)], now=at)


def make_pages(marked: Lecture, long: Lecture, topic: Topic, now: datetime) -> None:
    secretary = who(people.SECRETARY)
    course = CataloguePage.objects.get().add_child(
        instance=CoursePage(title=people.COURSE, slug=people.COURSE_SLUG, intro="两个岗位，两件自己碰到过的事。")
    )
    CourseItem.objects.create(page=course, lecture=marked, section="一、先看清楚", sort_order=0)
    CourseItem.objects.create(page=course, lecture=long, section="二、再想一步", sort_order=1, is_required=False)
    course.save_revision().publish()
    stream = LivestreamPage(
        title=people.STREAM, slug=people.STREAM_SLUG, starts_at=now - timedelta(days=1), presenter=who(people.READER),
        topic=topic, intro="从班前会到收工，一边修一边讲。",
    )  # fmt: skip
    LivestreamIndexPage.objects.get().add_child(instance=stream).save_revision().publish()
    starts = now + timedelta(days=1)
    planning.plan(
        by=secretary, now=now, lecture=marked, organisation=Organisation.objects.get(name=people.SECRETARY.branch),
        title=people.SESSION, note="看之前想一想：哪一步最怕别人催。", starts_at=starts,
        ends_at=starts + timedelta(hours=1),
    )  # fmt: skip


def main(folder: Path | None) -> None:
    now = timezone.now()
    rules.change(by=None, now=now - timedelta(days=30), **RULES)
    make_people()
    if folder:
        make_lectures(folder, now)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else None)
