"""An index anew, beside the one in use, while writes go on. May be stopped at any moment and goes on where it was.

From the moment the build's row is there, every change goes into both; what was there before is copied page by page.
Versions make the order of the two harmless. When all is copied and compared, the new one takes the old one's place.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.db.models import F
from django.utils import timezone

from courses.models import Lecture
from search import consistency, documents
from search.engines.base import SearchEngine
from search.engines.generations import new_generation
from search.models import IndexBuild

logger = logging.getLogger(__name__)
PAGE = 500
MOST_REPAIRS = 3


def open_build(engine: SearchEngine, *, now: datetime) -> IndexBuild:
    """The build that is under way for `engine`; a new one, if none is or it was begun for other documents."""
    build, is_new = IndexBuild.objects.get_or_create(
        engine=engine.name, ended_at=None, defaults={"name": new_generation(now), "started_at": now}
    )
    made = engine.build(build.name)
    if is_new:
        made.reset()
        return build
    made.ensure()
    if made.is_ours():
        return build
    give_up(build, engine, now=now)
    return open_build(engine, now=now)


def copy_page(build: IndexBuild, engine: SearchEngine) -> int:
    """The next lectures into the new index; says how many, 0 when all are there."""
    after = build.copied_up_to
    keys = list(Lecture.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:PAGE])
    if not keys:
        return 0
    engine.build(build.name).bulk([*documents.load(keys), *documents.speeches(keys)])
    # Whoever else copies the same page has written the same; only one of us counts it.
    IndexBuild.objects.filter(pk=build.pk, copied_up_to=after).update(
        copied_up_to=keys[-1], copied=F("copied") + len(keys)
    )
    build.refresh_from_db()
    return len(keys)


def finish(build: IndexBuild, engine: SearchEngine, *, now: datetime) -> None:
    """Compare, mend what differs, and put the new index in the place of the old one."""
    made = engine.build(build.name)
    for _ in range(MOST_REPAIRS):
        differing = consistency.compare(made).all
        if not differing:
            break
        logger.info("the new index differs from the rows; mending", extra={"lectures": len(differing)})
        for at in range(0, len(differing), PAGE):
            some = differing[at : at + PAGE]
            made.bulk([*documents.load(some), *documents.speeches(some)])
    engine.become(build.name)
    IndexBuild.objects.filter(pk=build.pk).update(ended_at=now, is_in_use=True)


def give_up(build: IndexBuild, engine: SearchEngine, *, now: datetime) -> None:
    """Leave the index in use as it is, and throw the new one away."""
    IndexBuild.objects.filter(pk=build.pk, ended_at__isnull=True).update(ended_at=now)
    engine.build(build.name).discard()


def run(engine: SearchEngine, *, say: Callable[[str], object] = logger.info) -> IndexBuild:
    """Begin or go on, to the end. May raise SearchError, and goes on when called again."""
    build = open_build(engine, now=timezone.now())
    if build.copied:
        say(f"{engine.name}: going on after {build.copied} lectures")
    while copy_page(build, engine):
        say(f"{engine.name}: {build.copied} lectures copied")
    finish(build, engine, now=timezone.now())
    say(f"{engine.name}: {engine.count()} documents in the index")
    return build


def run_if_outdated(engine: SearchEngine) -> None:
    """An index in use that was made for other documents than ours is made anew."""
    if not engine.is_ours():
        run(engine)
