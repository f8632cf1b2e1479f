"""The ledger: one entry an event for ever, caps in order, corrections instead of changes."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from audit.models import AuditEvent
from engagement import account, ledger, rules
from engagement.account import Entries
from engagement.models import PointEntry, PointEvent, RuleSet
from engagement.signals import points_changed
from members.models import Member
from tests import cast
from tests.engagement.watching import DAY, NOW, event, events

pytestmark = pytest.mark.django_db


def amounts() -> list[int]:
    return list(PointEntry.objects.order_by("event__occurred_at", "pk").values_list("amount", flat=True))


def test_the_thirteenth_view_of_a_day_is_entered_as_nothing_and_says_why() -> None:
    ledger.award(events(13), now=NOW)

    assert amounts() == [1] * 12 + [0]
    assert PointEntry.objects.get(amount=0).reason == "view_cap_a_day"


def test_tomorrow_counts_again() -> None:
    viewer, author = cast.member(), cast.member()
    days = [event(author, viewer, cast.lecture(author), NOW + n * DAY / 13) for n in range(26)]

    ledger.award(days, now=NOW)

    assert sum(amounts()) >= 24


def test_shares_are_capped_by_pair_by_day_and_by_quarter() -> None:
    sharer, viewer = cast.member(), cast.member()
    to_one = [event(sharer, viewer, cast.lecture(), NOW, kind="share") for _ in range(4)]
    to_many = [event(sharer, cast.member(), cast.lecture(), NOW, kind="share") for _ in range(3)]

    entries = ledger.award([*to_one, *to_many], now=NOW)

    assert [(entry.amount, entry.reason) for entry in entries] == [
        (1, ""), (1, ""), (1, ""), (0, "share_cap_a_pair"), (1, ""), (1, ""), (0, "share_cap_a_day"),
    ]  # fmt: skip


def test_the_forty_first_share_of_a_quarter_does_not_count() -> None:
    sharer, start = cast.member(), NOW.replace(month=10, day=1)
    lecture = cast.lecture()
    many = [event(sharer, cast.member(), lecture, start + n * DAY, kind="share") for n in range(41)]

    entries = ledger.award(many, now=NOW)

    assert [entry.reason for entry in entries[40:]] == ["share_cap_a_quarter"]


def test_awarding_again_changes_nothing() -> None:
    some = events(3)
    first = ledger.award(some, now=NOW)

    again = ledger.award(reversed(some), now=NOW + DAY)

    assert [entry.pk for entry in again] == [entry.pk for entry in first]
    assert PointEntry.objects.count() == 3


def test_it_says_that_points_changed_once_an_entry() -> None:
    heard = []

    def hear(lecture: object, **_: object) -> None:
        heard.append(lecture)

    points_changed.connect(hear)
    try:
        some = events(2)
        ledger.award(some, now=NOW)
        ledger.award(some, now=NOW)
    finally:
        points_changed.disconnect(hear)

    assert heard == [one.lecture for one in some]


@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id + 1", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["engagement_pointentry", "engagement_pointevent"])
def test_the_database_refuses_to_change_or_to_delete(statement: str, table: str) -> None:
    ledger.award(events(1), now=NOW)

    with pytest.raises(DatabaseError, match="insert-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))

    assert amounts() == [1]


def test_replaying_an_honest_ledger_posts_nothing() -> None:
    ledger.award(events(14), now=NOW)

    found = ledger.replay(now=NOW + DAY)

    assert (found.events, found.missing, found.corrections) == (14, 0, 0)
    assert PointEntry.objects.count() == 14


def test_replay_puts_caps_into_the_order_of_events_and_a_second_one_posts_nothing() -> None:
    """The last of the day was entered first; in order it does not fit."""
    some = events(13)
    for one in reversed(some):
        ledger.award([one], now=NOW)
    assert amounts() == [0] + [1] * 12

    dry = ledger.replay(now=NOW + DAY, dry_run=True)
    assert dry.corrections == 2
    assert PointEntry.objects.count() == 13

    assert ledger.replay(now=NOW + DAY).corrections == 2
    assert ledger.replay(now=NOW + 2 * DAY).corrections == 0
    assert [sum(entry.amount for entry in one.entries.all()) for one in some] == [1] * 12 + [0]
    assert account.balance(some[0].member) == 12


def test_corrections_name_what_they_correct_and_why_and_fall_into_this_quarter() -> None:
    some = events(13, at=NOW - 60 * DAY)
    for one in reversed(some):
        ledger.award([one], now=NOW)

    ledger.replay(now=NOW)

    minus = PointEntry.objects.get(amount=-1)
    plus = PointEntry.objects.get(corrects__isnull=False, amount=1)
    assert (minus.event, minus.reason, minus.period) == (some[12], "view_cap_a_day", "2026-Q4")
    assert (plus.event, plus.reason) == (some[0], "recounted")
    assert minus.corrects is not None
    assert minus.corrects.period == "2026-Q3"


def test_replay_enters_what_is_missing() -> None:
    some = events(2)

    found = ledger.replay(now=NOW)

    assert (found.missing, amounts()) == (2, [1, 1])
    assert ledger.replay(now=NOW).missing == 0
    assert account.balance(some[0].member) == 2


def test_corrections_can_be_corrected() -> None:
    """Two late entries move the caps twice."""
    some = events(14)
    for one in [*some[1:13], some[0]]:
        ledger.award([one], now=NOW)
    ledger.replay(now=NOW)
    late = event(some[0].member, some[0].viewer, cast.lecture(some[0].member), NOW - timedelta(hours=1))
    ledger.award([late], now=NOW)

    ledger.replay(now=NOW)

    assert ledger.replay(now=NOW).corrections == 0
    assert [sum(entry.amount for entry in one.entries.all()) for one in some] == [1] * 11 + [0] * 3


def test_the_command_says_what_it_did() -> None:
    events(2)
    out = StringIO()

    call_command("points_replay", "--dry-run", stdout=out)
    assert "2 events; would be posted: 2 missing entries, 0 corrections." in out.getvalue()
    call_command("points_replay", stdout=out)

    assert PointEntry.objects.count() == 2


def test_entries_are_filtered_and_newest_first() -> None:
    member, viewer = cast.member(), cast.member()
    view = event(member, viewer, cast.lecture(member), NOW)
    share = event(member, viewer, cast.lecture(), NOW + DAY, kind="share")
    ledger.award([view, share], now=NOW)

    def events_of(someone: Member, kind: str = "") -> list[int]:
        entries = Entries(someone, kind)
        found = [entry.event for entry in entries[0:9]]
        assert entries.count() == len(found)
        return found

    assert events_of(member) == [share.pk, view.pk]
    assert events_of(member, "view") == [view.pk]
    assert events_of(member, "share") == [share.pk]
    assert events_of(member, "correction") == []
    assert events_of(viewer) == []


def test_a_quarter_says_what_it_is_made_of() -> None:
    member = cast.member()
    ledger.award([event(member, cast.member(), cast.lecture(), kind="share"), *events(2, author=member)], now=NOW)
    ledger.award([event(member, cast.member(), cast.lecture(member), NOW - 90 * DAY)], now=NOW)

    assert account.quarters_of(member) == [("2026-Q4", 3, 2, 1, 0), ("2026-Q3", 1, 1, 0, 0)]
    assert account.balance(member) == 4


def test_version_one_of_the_rules_is_there_and_a_change_is_a_new_version_with_a_note() -> None:
    editor = cast.member()
    assert rules.current(NOW).version == 1

    changed = rules.change(editor, NOW, view_cap_a_day=2)

    assert (changed.version, changed.view_cap_a_day, changed.share_cap_a_day) == (2, 2, 5)
    assert rules.current(NOW - timedelta(seconds=1)).version == 1
    assert rules.current(NOW).version == 2
    assert AuditEvent.objects.get(verb="rules_changed").actor_id == editor.pk
    with pytest.raises(DatabaseError, match="insert-only"), transaction.atomic():
        RuleSet.objects.filter(version=2).update(view_cap_a_day=99)


def test_each_event_is_judged_under_the_rules_of_its_time() -> None:
    author, viewer = cast.member(), cast.member()
    before = [event(author, viewer, cast.lecture(author), NOW - DAY + n * timedelta(minutes=1)) for n in range(3)]
    rules.change(None, NOW, view_cap_a_day=1)
    after = [event(author, viewer, cast.lecture(author), NOW + n * timedelta(minutes=1)) for n in range(3)]

    ledger.award([*before, *after], now=NOW + DAY)

    assert amounts() == [1, 1, 1, 1, 0, 0]
    assert ledger.replay(now=NOW + DAY).corrections == 0
    assert PointEvent.objects.count() == 6
