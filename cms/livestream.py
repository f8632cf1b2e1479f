"""A livestream page as one member sees it: announced, waiting for its replay, or the replay itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from cms import watch
from livestreams.models import LivestreamIndexPage, LivestreamPage
from members.models import Member
from ui.paging import Page, page_of


@dataclass
class Shown:
    """`watch` is there when this member may watch the replay; `is_over` when the hour has passed."""

    is_over: bool
    watch: watch.Watch | None


def compose(page: LivestreamPage, member: Member | AnonymousUser, now: datetime) -> Shown:
    replay = watch.replay_for(member, page.replay_id, now) if page.replay_id else None
    return Shown(is_over=page.starts_at < now, watch=watch.compose(replay, member, now) if replay else None)


def listed(page: LivestreamIndexPage, request: HttpRequest) -> Page:
    streams = LivestreamPage.objects.child_of(page).live().select_related("presenter", "replay").order_by("-starts_at")
    return page_of(streams, request)
