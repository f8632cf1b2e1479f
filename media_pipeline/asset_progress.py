"""How far an asset is, in the steps a member sees. Read from its row and its job; written by nobody here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jobs import queue
from jobs.models import Job
from media_pipeline import paths
from media_pipeline.models import Asset, Cut

INSPECT, FIRST_PLAY, ENCODE = "media.inspect", "media.first_play", "media.encode"
# What comes after it: a file's own captions taken out of it, captions stored, one more sound, slides read, speech
# written down.
EMBEDDED, TEXTS, SOUND = "media.embedded", "media.texts", "media.sound"
SLIDES, SPEECH = "media.slides", "media.speech"
# The jobs of a preparation, each with the part of the whole, of 1000, that it covers.
SPANS = {INSPECT: (0, 30), FIRST_PLAY: (30, 60), ENCODE: (60, 1000)}
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


def latest_job(asset: Asset) -> Job | None:
    return Job.objects.filter(kind__in=SPANS, subject=subject(asset)).order_by("-pk").first()


def overall(kind: str, permille: int) -> int:
    """How far the whole preparation is, of 1000, when a job of this kind is so far."""
    start, end = SPANS[kind]
    return start + (end - start) * permille // 1000


def under_way(assets: Sequence[Asset], *, now: datetime) -> dict[int, UnderWay]:
    """How far each asset is, by key, in one query; those without active work are left out."""
    subjects = {subject(asset): asset.pk for asset in assets}
    jobs = Job.objects.active().filter(kind__in=SPANS, subject__in=subjects).order_by("pk")
    return {subjects[job.subject]: UnderWay(overall(job.kind, job.progress), _seconds_left(job, now)) for job in jobs}


def cuts_under_way(cuts: Sequence[Cut], *, now: datetime) -> dict[int, UnderWay]:
    """The same of other cuts of ready assets. Wants `asset` joined."""
    subjects = {subject_of_cut(cut): cut.pk for cut in cuts}
    jobs = Job.objects.active().filter(kind=ENCODE, subject__in=subjects).order_by("pk")
    return {subjects[job.subject]: UnderWay(job.progress, _seconds_left(job, now)) for job in jobs}


def progress(asset: Asset, *, now: datetime | None = None) -> AssetProgress:
    """Where the asset is. Time left is told if `now` is given. Wants `cut__package` joined."""
    done = asset.state == Asset.State.READY
    job = None if done else latest_job(asset)
    waits = job is not None and job.state == Job.State.QUEUED
    return AssetProgress(
        state=asset.state,
        stage=job.stage if job else "",
        progress=1000 if done else (overall(job.kind, job.progress) if job else 0),
        queue_ahead=queue.ahead_of(job) if job and waits else None,
        seconds_left=_seconds_left(job, now) if job and now else None,
        steps=_steps(asset, job),
        playable=paths.is_playable(asset),
        refusal=asset.refusal,
        refusal_params=asset.refusal_params,
    )


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
    return STEPS.index("pictures" if job and job.stage in FINISHING and job.kind == ENCODE else "encode")


def _seconds_left(job: Job, now: datetime) -> int | None:
    """From the pace so far; the job's progress is made to run evenly in time."""
    if job.state != Job.State.RUNNING or job.started_at is None or job.progress < _TELLING:
        return None
    spent = max(0.0, (now - job.started_at).total_seconds())
    return round(spent * (1000 - job.progress) / job.progress)
