"""How far an asset is, in the steps a member sees. Read from its row and its job; written by nobody here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jobs import queue
from jobs.models import Job, JobQuerySet
from media_pipeline import part_progress, paths
from media_pipeline.models import Asset, Cut
from media_pipeline.part_progress import PartProgress

INSPECT, FIRST_PLAY, ENCODE = "media.inspect", "media.first_play", "media.encode"
ENCODE_PART, JOIN = "media.encode_part", "media.join"
# What comes after it: a file's own captions taken out of it, captions stored, one more sound, slides read, speech
# written down.
EMBEDDED, TEXTS, SOUND = "media.embedded", "media.texts", "media.sound"
SLIDES, SPEECH = "media.slides", "media.speech"
DOWNLOAD = "media.download"  # one file to take along
# The jobs of a preparation, each with the part of the whole, of 1000, that it covers: all parts together theirs.
SPANS = {INSPECT: (0, 30), FIRST_PLAY: (30, 60), ENCODE: (60, 1000), ENCODE_PART: (60, 960), JOIN: (960, 1000)}
STEPS = ("received", "inspect", "play", "encode", "pictures")
# The stages of the last job that come after its encoding.
FINISHING = frozenset({"pictures", "verify", "publish"})
_TELLING = 50  # of 1000: before that, what is left cannot be said from what is done


@dataclass(frozen=True)
class Step:
    """`state`: done, now, waiting, or stopped (refused or failed here). `at`: when it was done, where that is kept."""

    code: str
    state: str
    at: datetime | None = None


@dataclass(frozen=True)
class UnderWay:
    """`progress` of 1000 of the whole preparation; `seconds_left` of the job that runs, None if unknown."""

    progress: int
    seconds_left: int | None


@dataclass(frozen=True)
class AssetProgress:
    """`progress` of 1000; `queue_ahead`: jobs before ours, None once it runs; `seconds_left`: None if unknown."""

    state: str
    stage: str
    progress: int
    queue_ahead: int | None
    seconds_left: int | None
    steps: tuple[Step, ...]
    playable: bool
    refusal: str
    refusal_params: dict[str, Any]


def subject(asset: Asset) -> str:
    """What the asset's job is about, in rows and events of jobs."""
    return f"asset:{asset.pk}"


def subject_of_cut(cut: Cut) -> str:
    """Of the job that makes another cut of a ready asset. Wants `asset` joined."""
    return f"{subject(cut.asset)}/cut:{cut.number}"


def _preparing(*subjects: str) -> JobQuerySet:
    """Jobs of these preparations and of their parts; those of other cuts are none."""
    return Job.objects.about(*subjects).filter(kind__in=SPANS).exclude(subject__contains="/cut:")


def latest_job(asset: Asset) -> Job | None:
    """The one that tells most: of the active ones one that runs, else the best placed; else the last there was."""
    jobs = _preparing(subject(asset))
    active = list(jobs.active().order_by("rank", "pk"))
    running = next((job for job in active if job.state == Job.State.RUNNING), None)
    return running or next(iter(active), None) or jobs.order_by("-pk").first()


def failed_job(asset: Asset) -> Job | None:
    """The last that failed."""
    return _preparing(subject(asset)).filter(state=Job.State.FAILED).order_by("-ended_at", "-pk").first()


def overall(kind: str, permille: int) -> int:
    """How far the whole preparation is, of 1000, when jobs of this kind are so far."""
    start, end = SPANS[kind]
    return start + (end - start) * permille // 1000


def under_way(assets: Sequence[Asset], *, now: datetime) -> dict[int, UnderWay]:
    """How far each asset is, by key, in a few queries however many; those without active work are left out."""
    subjects = {subject(asset): asset.pk for asset in assets}
    jobs = list(_preparing(*subjects).active().order_by("pk"))
    parts = part_progress.of({subjects[_whole(job)] for job in jobs if job.kind == ENCODE_PART}, jobs)
    return {subjects[_whole(job)]: _under_way(job, parts.get(subjects[_whole(job)]), now) for job in jobs}


def cuts_under_way(cuts: Sequence[Cut], *, now: datetime) -> dict[int, UnderWay]:
    """The same of other cuts of ready assets. Wants `asset` joined."""
    subjects = {subject_of_cut(cut): cut.pk for cut in cuts}
    jobs = Job.objects.active().filter(kind=ENCODE, subject__in=subjects).order_by("pk")
    return {
        subjects[job.subject]: UnderWay(job.progress, _seconds_left(job.progress, _since(job), now)) for job in jobs
    }


def progress(asset: Asset, *, now: datetime | None = None) -> AssetProgress:
    """Where the asset is. Time left is told if `now` is given. Wants `cut__package` joined."""
    done = asset.state == Asset.State.READY
    job = None if done else latest_job(asset)
    waits = job is not None and job.state == Job.State.QUEUED
    under = _of_one(asset, job, now) if job else UnderWay(1000 if done else 0, None)
    return AssetProgress(
        state=asset.state,
        stage=job.stage if job else "",
        progress=under.progress,
        queue_ahead=queue.ahead_of(job) if job and waits else None,
        seconds_left=under.seconds_left,
        steps=_steps(asset, job),
        playable=paths.is_playable(asset),
        refusal=asset.refusal,
        refusal_params=asset.refusal_params,
    )


def _of_one(asset: Asset, job: Job, now: datetime | None) -> UnderWay:
    parts = None
    if job.kind == ENCODE_PART:
        active = list(Job.objects.active().about(subject(asset)).filter(kind=ENCODE_PART))
        parts = part_progress.of({asset.pk}, active).get(asset.pk)
    return _under_way(job, parts, now)


def _under_way(job: Job, parts: PartProgress | None, now: datetime | None) -> UnderWay:
    """A part tells of all of them: one honest number, by however many workers."""
    permille = parts.permille if parts else job.progress
    left = _seconds_left(permille, parts.since if parts else _since(job), now) if now else None
    return UnderWay(overall(job.kind, permille), left)


def _since(job: Job) -> datetime | None:
    return job.started_at if job.state == Job.State.RUNNING else None


def _whole(job: Job) -> str:
    return job.subject.partition("/")[0]


def _steps(asset: Asset, job: Job | None) -> tuple[Step, ...]:
    reached = _reached(asset, job)
    stopped = asset.state in {Asset.State.REFUSED, Asset.State.FAILED}
    waits = stopped or job is None or job.state != Job.State.RUNNING
    here = "stopped" if stopped else ("waiting" if waits else "now")
    when = {"received": asset.created_at, "inspect": asset.inspected_at, "pictures": asset.ready_at}
    return tuple(
        Step(code, "done", when.get(code)) if place < reached else Step(code, here if place == reached else "waiting")
        for place, code in enumerate(STEPS)
    )


def _reached(asset: Asset, job: Job | None) -> int:
    """The place of the first step that is not done. By what is there, not by which job makes it."""
    if asset.state == Asset.State.READY:
        return len(STEPS)
    if asset.inspected_at is None:
        return STEPS.index("inspect")
    if not paths.is_playable(asset):
        return STEPS.index("play")
    finishing = job and (job.kind == JOIN or (job.kind == ENCODE and job.stage in FINISHING))
    return STEPS.index("pictures" if finishing else "encode")


def _seconds_left(permille: int, since: datetime | None, now: datetime) -> int | None:
    """From the pace so far; progress is made to run evenly in time."""
    if since is None or permille < _TELLING:
        return None
    spent = max(0.0, (now - since).total_seconds())
    return round(spent * (1000 - permille) / permille)
