"""Every address has a row in tests/addresses.py, and every row holds."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from config import asgi
from config.api import api
from courses.models import CataloguePage, CoursePage, Lecture, Version
from engagement import rules, scoring, sharing
from engagement.models import FeaturedMark
from jobs import workers
from jobs.models import Job
from livestreams.models import LivestreamIndexPage, LivestreamPage
from media_pipeline import uploads
from media_pipeline.models import TextTrack
from members import tokens
from members.models import Member, Organisation
from study_sessions import planning
from tests import cast
from tests.addresses import API, DESK, DOORS, PAGES, PEOPLE

# Wagtail's own pages, and pages by Wagtail's tree, are covered by other rows or by the test of the admin below.
NOT_OURS = re.compile(
    r"admin/(?!(review|featured|rules|livestreams|not-found|operations)/)|documents/|api/v1/|_util/|\^?\(\(\?:|static/"
)


@dataclass
class World:
    people: dict[str, Member | None]
    values: dict[str, Any]
    body: dict[str, Any]


@pytest.fixture(scope="module")
def made_once(django_db_setup: Any, django_db_blocker: Any) -> Iterator[World]:
    """Around the transactions of all tests here, each of which is rolled back in it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture
def world(made_once: World, db: None) -> World:
    return made_once


def make_world() -> World:
    now = timezone.now()
    committee = cast.organisation(kind=Organisation.Kind.COMMITTEE)
    branch, elsewhere = cast.organisation(parent=committee), cast.organisation(parent=committee)
    author = cast.member(organisation=branch)
    lecture = cast.lecture(author, visibility=Lecture.Visibility.ORGANISATION, topic=cast.topic(slug="work"))
    people: dict[str, Member | None] = {
        "anonymous": None,
        "stranger": cast.member(organisation=elsewhere),
        "author": author,
        "editor": cast.editor(committee),
        "secretary": cast.secretary(branch),
        "operator": cast.operator(committee),
    }
    secretary = people["secretary"]
    assert secretary
    session = planning.plan(
        by=secretary, organisation=branch, lecture=lecture, title="一起学", note="", starts_at=now + timedelta(days=1),
        ends_at=now + timedelta(days=1, hours=1), now=now,
    )  # fmt: skip
    CataloguePage.objects.get().add_child(instance=CoursePage(title="课程", slug="work"))
    page = LivestreamIndexPage.objects.get().add_child(
        instance=LivestreamPage(title="讲座", slug="talk", starts_at=now, presenter=author, topic=lecture.topic)
    )
    upload = uploads.create(author, name="课.mp4", size=100, now=now)
    token = tokens.create(author, name="", scopes=["read"], now=now)[0]
    found = scoring.weigh(scoring.Tally(views={branch.pk: 9}, viewers=9, captions_reviewed=False), rules.current(now))
    mark = FeaturedMark.objects.create(
        lecture=lecture, topic=lecture.topic, period="2026-Q4", rules=rules.current(now), events_hash="0" * 64,
        evidence=found.as_json(), found_at=now,
    )  # fmt: skip
    track = TextTrack.objects.create(cut=lecture.asset.cut, language="zh-Hans", source="uploaded", added_at=now)
    failed = Job.objects.create(
        kind="media.texts", subject=f"asset:{lecture.asset_id}", state="failed", rank=now, not_before=now,
        created_at=now, ended_at=now, error="job_broke", error_params={"kind": "OSError"},
    )  # fmt: skip
    Version.objects.create(lecture=lecture, number=1, state="waiting", asset=lecture.asset, cut=lecture.asset.cut,
                           proposed_by=author, proposed_at=now)  # fmt: skip
    before = cast.ready_asset(author)
    Version.objects.create(lecture=lecture, number=2, state="taken", asset=lecture.asset, replaced=before,
                           proposed_by=author, proposed_at=now, decided_at=now)  # fmt: skip
    values = {
        "public_id": lecture.public_id, "slug": "work", "code": sharing.link_for(author, lecture, now).code,
        "session": session.public_id, "upload": upload.public_id, "asset": lecture.asset.public_id, "path": "none.jpg",
        "page_id": page.pk, "mark_id": mark.pk, "decision": "confirm", "move": "approve", "change": "detach",
        "token": token.public_id, "job_id": failed.pk, "track": track.public_id, "act": "remove",
        "number": 1, "asset_id": before.public_id,
    }  # fmt: skip
    workers.say_alive("here", "fast", now)
    replay = cast.ready_asset(author, purpose="replay")
    body = {"asset": lecture.asset.public_id, "replay": replay.public_id, "numbers": [1], "reason": "再讲清楚一点。"}
    return World(people, values, body)


def address(route: str, world: World) -> str:
    """`route` with this world's values in it."""
    kinds = {"sessions/": "session", "/uploads/": "upload", "/assets/": "asset", "/tokens/": "token"}
    which = next((value for part, value in kinds.items() if part in route), "public_id")

    def fill(found: re.Match[str]) -> str:
        name = found[1]
        return str(world.values[which if name == "public_id" else name])

    path = re.sub(r"[<{](?:\w+:)?(\w+)[>}]", fill, route)
    return path if path.startswith("/") else f"/{path}"


def verdict(response: HttpResponse) -> str:
    if response.status_code == 302 and response["Location"].startswith(("/sign-in/", "/admin/login")):
        return "s"
    assert response.status_code < 500
    return {401: "s", 403: "x", 404: "-"}.get(response.status_code, "+")


def ask(client: Client, method: str, path: str, world: World) -> HttpResponse:
    if path.startswith("/api/"):
        body = world.body | ({"asset": world.body["replay"]} if "livestreams" in path else {})
        sent = json.dumps(body) if method in {"POST", "PUT", "PATCH"} else ""
        return client.generic(method, path, sent, content_type="application/json")  # type: ignore[return-value]
    return client.generic(method, path)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("method", "route", "wanted"), [(*row, wanted) for row, wanted in {**PAGES, **DESK, **API}.items()]
)
def test_who_may(method: str, route: str, wanted: str, world: World) -> None:
    got = {}
    for name, member in world.people.items():
        client = Client() if member is None else cast.signed_in(Client(), member)
        with transaction.atomic():  # what one may change, the next must not find changed
            got[name] = verdict(ask(client, method, address(route, world), world))
            transaction.set_rollback(True)

    assert got == dict(zip(PEOPLE, wanted, strict=True))


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_a_door_stays_closed_without_its_key(method: str, path: str) -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b'{"token": "x", "intervals": []}', "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    path, _, query = path.partition("?")
    scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": query.encode(),
             "headers": [(b"content-type", b"application/json")], "client": ("127.0.0.1", 1)}  # fmt: skip
    door = asgi.door_for(method, path)
    asyncio.run(door(scope, receive, send))

    assert door is not asgi.pages
    assert sent[0]["status"] in {401, 403}


def routes(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield prefix + str(pattern.pattern), pattern.callback


def test_every_page_has_a_row() -> None:
    ours = {route for route, _ in routes(get_resolver().url_patterns) if not NOT_OURS.match(route)}
    listed = {route for _, route in {**PAGES, **DESK}}

    assert ours - listed == set()


def test_every_call_of_the_api_has_a_row() -> None:
    schema = api.get_openapi_schema()
    calls = {(method.upper(), path) for path, item in schema["paths"].items() for method in item}

    assert calls == set(API)


def test_every_door_has_a_row() -> None:
    doors = {asgi.door_for(method, path.partition("?")[0]) for method, path in DOORS}

    assert asgi.pages not in doors
    assert len(doors) == 4


@pytest.mark.django_db
def test_wagtails_own_admin_is_closed_to_members_and_strangers() -> None:
    """Everything below /admin/ that takes no argument, but for what people need to sign in."""
    member = cast.signed_in(Client(), cast.member())
    free = {"admin/login/", "admin/jsi18n/", "admin/logout/", "admin/sprite/"}
    simple = [
        f"/{route}"
        for route, _ in routes(get_resolver().url_patterns)
        if route.startswith("admin/") and not re.search(r"[<(\\^$]", route) and route not in free
    ]

    assert len(simple) > 20
    for path in simple:
        assert verdict(Client().get(path)) in "s-x", path
        assert verdict(member.get(path)) in "s-x", path


@pytest.mark.parametrize(("method", "route"), [row for row in {**PAGES, **DESK, **API} if row[0] != "GET"])
def test_nothing_changes_without_the_csrf_token(method: str, route: str, world: World) -> None:
    """With a session cookie alone, as another site could make a browser send it."""
    author, editor = world.people["author"], world.people["editor"]
    assert author
    assert editor
    client = cast.signed_in(Client(enforce_csrf_checks=True), editor if route.startswith("admin/") else author)

    response = ask(client, method, address(route, world), world)

    if route == "/api/v1/tokens":  # no session is used there: name and password are asked for
        assert response.status_code == 422
    else:
        assert response.status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/search/", "/sign-in/", "/featured/", "/nothing-here/"])
def test_pages_carry_a_strict_policy(path: str) -> None:
    policy = Client().get(path)["Content-Security-Policy"]

    assert "script-src 'self';" in policy
    assert "unsafe" not in policy


def test_the_session_and_csrf_cookies_are_secure_over_https() -> None:
    assert settings.SESSION_COOKIE_SECURE == settings.CSRF_COOKIE_SECURE == settings.SITE_URL.startswith("https")
    assert settings.SESSION_COOKIE_HTTPONLY


@pytest.mark.django_db
def test_the_site_begins_with_a_catalogue_and_a_list_of_livestreams() -> None:
    assert CataloguePage.objects.live().count() == 1
    assert LivestreamIndexPage.objects.live().count() == 1
