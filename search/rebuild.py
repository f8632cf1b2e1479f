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


def compare_page(build: IndexBuild, engine: SearchEngine) -> bool:
    """The next lectures beside their rows, and what differs mended; says whether there are more."""
    made, after = engine.build(build.name), build.compared_up_to
    for _ in range(MOST_REPAIRS):
        differences, up_to = consistency.compare_page(made, after)
        if not differences.all:
            break
        logger.info("the new index differs from the rows; mending", extra={"lectures": len(differences.all)})
        made.bulk([*documents.load(differences.all), *documents.speeches(differences.all)])
    if up_to is None:
        return False
    IndexBuild.objects.filter(pk=build.pk, compared_up_to=after).update(compared_up_to=up_to)
    build.refresh_from_db()
    return True


def step(build: IndexBuild, engine: SearchEngine, *, now: datetime) -> bool:
    """A page copied; when all are, a page compared; at last the new index is put in the place of the old one. Says
    whether there is more to do."""
    if copy_page(build, engine) or compare_page(build, engine):
        return True
    engine.become(build.name)
    IndexBuild.objects.filter(pk=build.pk).update(ended_at=now)
    return False


def give_up(build: IndexBuild, engine: SearchEngine, *, now: datetime) -> None:
    """Leave the index in use as it is, and throw the new one away."""
    IndexBuild.objects.filter(pk=build.pk, ended_at__isnull=True).update(ended_at=now)
    engine.build(build.name).discard()


def run(engine: SearchEngine, *, say: Callable[[str], object] = logger.info) -> IndexBuild:
    """Begin or go on, to the end. May raise SearchError, and goes on when called again."""
    build = open_build(engine, now=timezone.now())
    if build.copied:
        say(f"{engine.name}: going on after {build.copied} lectures")
    copied = build.copied
    while step(build, engine, now=timezone.now()):
        if build.copied != copied:
            copied = build.copied
            say(f"{engine.name}: {copied} lectures copied")
    say(f"{engine.name}: {engine.count()} documents in the index")
    return build


def step_on(engine: SearchEngine) -> bool:
    """One step of the build that is under way, or of a new one. Always more to do after it: at least what changed
    meanwhile."""
    now = timezone.now()
    step(open_build(engine, now=now), engine, now=now)
    return True
