"""The operators' page: what is being worked on and by whom, what failed, what is off, what room is left."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from cms.desk.refusals import tried
from courses.models import Lecture
from jobs import code, overview, queue, workers
from jobs.models import Job, Worker
from media_pipeline import storage
from media_pipeline.asset_progress import SPANS
from media_pipeline.models import Asset, Package, Upload
from members.access import MemberRequest, operator_required
from search import outbox
from ui.paging import page_of
from ui.sentences import Refused, say

STAGES = {
    "media.inspect": gettext_lazy("Inspecting the recording"),
    "media.first_play": gettext_lazy("Making it playable at once"),
    "media.encode": gettext_lazy("Encoding"),
    "media.encode_part": gettext_lazy("Encoding a part"),
    "media.join": gettext_lazy("Joining the parts"),
    "media.embedded": gettext_lazy("Taking captions out of the file"),
    "media.texts": gettext_lazy("Storing captions"),
    "media.sound": gettext_lazy("Encoding another language"),
    "media.slides": gettext_lazy("Reading slides"),
    "media.speech": gettext_lazy("Writing down what is said"),
    "media.download": gettext_lazy("Making one file to take along"),
}
QUEUES = {"fast": gettext_lazy("short work"), "encode": gettext_lazy("encoding"), "index": gettext_lazy("search index")}
MOST_SHOWN = 50  # of what runs, and of workers
MOST_FAILED = 1000


@dataclass(frozen=True)
class Row:
    """A job, with what people call the thing it works on, where that is not plain from the page."""

    job: Job
    about: str = ""

    @property
    def stage(self) -> str | Promise:
        return stage_name(self.job.kind)

    @property
    def percent(self) -> int:
        return self.job.progress // 10

    @property
    def sentence(self) -> str:
        return say(self.job.error, self.job.error_params) if self.job.error else ""


@dataclass(frozen=True)
class Extra:
    """What a worker can do beyond its duty. `why_off`: empty where it can."""

    name: str | Promise
    worker: str
    why_off: str


@require_safe
@operator_required
def operations(request: MemberRequest) -> HttpResponse:
    now = timezone.now()
    failed = to_try_again(overview.failed()[:MOST_FAILED])
    page = page_of(failed, request, size=10)
    running = list(overview.running()[:MOST_SHOWN])
    names = names_of([*page, *running])
    alive = workers.alive(now)[:MOST_SHOWN]
    context = {
        "title": _("Operations"),
        "icon": "cogs",
        "piles": [(QUEUES.get(pile.queue, pile.queue), stage_name(pile.kind), pile) for pile in overview.piles(now)],
        "failures": len(failed),
        "running": [Row(job, names.get(job.subject, job.subject)) for job in running],
        "page": page,
        "failed": [Row(job, names.get(job.subject, job.subject)) for job in page],
        "workers": alive,
        "extras": extras_of(alive),
        "storage": room_of_storage(),
        "index": [(lag, now - timedelta(seconds=lag.seconds)) for lag in outbox.lag(now)],
        "code": code.version(),
        "others": sorted(
            {str(one.facts["code"]) for one in alive if one.facts.get("code") not in {None, code.version()}}
        ),
    }
    return render(request, "cms/desk/operations.html", context)


@require_POST
@operator_required
def operations_retry(request: MemberRequest, job_id: int) -> HttpResponse:
    retry_stage(request, overview.failed(), job_id)
    return redirect("desk:operations")


def retry_stage(request: MemberRequest, jobs: QuerySet[Job], job_id: int) -> None:
    """Of `jobs` that one; Http404 if it is none of them."""
    job = get_object_or_404(jobs, pk=job_id)

    def again() -> None:
        if not queue.retry(job, by=request.user):
            raise Refused("job_not_to_retry", status=409)

    tried(request, again, done=_("It is tried again."))


def to_try_again(jobs: Iterable[Job]) -> list[Job]:
    """Without stages of a preparation that went another way: what cannot be played at once is encoded all the same."""
    found = list(jobs)
    assets = Asset.objects.filter(pk__in=map(_asset, found), state=Asset.State.FAILED)
    stopped = set(assets.values_list("pk", flat=True))
    return [job for job in found if job.kind not in SPANS or "cut" in job.payload or _asset(job) in stopped]


def stage_name(kind: str) -> str | Promise:
    return STAGES.get(kind, kind)


def names_of(jobs: Iterable[Job]) -> dict[str, str]:
    """By subject: the lecture's title, else the file's name. One query, however many."""
    keys = {job.subject: key for job in jobs if (key := _asset(job))}
    titles = dict(Asset.objects.filter(pk__in=keys.values()).values_list("pk", "name"))
    lectures = Lecture.objects.filter(asset__in=titles).exclude(title="")
    titles |= dict(lectures.values_list("asset", "title"))
    return {subject: titles[key] for subject, key in keys.items() if key in titles}


def _asset(job: Job) -> int:
    """The key of the asset it works on; 0 for other work."""
    key = job.subject.removeprefix("asset:").partition("/")[0]
    return int(key) if key.isdigit() else 0


def extras_of(alive: Sequence[Worker]) -> list[Extra]:
    """Each with each machine's answer, said once."""
    names = {"media.slides": _("Reading slides"), "media.speech": _("Writing down what is said")}
    found: dict[tuple[str, str, str], Extra] = {}
    for worker in alive:
        machine = worker.name.rpartition(":")[0]
        for kind, off in (worker.facts.get("extras") or {}).items():
            why = say(off["code"], off["params"]) if off else ""
            found[kind, machine, why] = Extra(names.get(kind, kind), machine, why)
    return [found[key] for key in sorted(found)]


def room_of_storage() -> dict[str, Any]:
    """Bytes by what they are for; and what its disk has left, where it is a disk of this machine."""
    engine = storage.default()
    root = engine.root if isinstance(engine, storage.LocalStorage) else None
    return {
        "where": settings.STORAGE_URL,
        "sources": Asset.objects.exclude(state=Asset.State.REFUSED).aggregate(all=Sum("source_bytes"))["all"] or 0,
        "packages": Package.objects.aggregate(all=Sum("bytes"))["all"] or 0,
        "arriving": Upload.objects.filter(state=Upload.State.OPEN).aggregate(all=Sum("size"))["all"] or 0,
        "free": shutil.disk_usage(root).free if root and root.exists() else None,
    }
