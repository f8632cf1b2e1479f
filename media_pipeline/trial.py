"""One file through the very pipeline, here and now, and what came of it: for operators and bug reports."""

from __future__ import annotations

import resource
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone

from jobs import runner
from jobs.models import Job
from media_pipeline import assets, media_info, refusals, storage, tools
from media_pipeline.models import Asset, Inspection
from ui.sentences import Refused, say


@dataclass
class Outcome:
    """`outcome`: ready, refused (the file's fault) or failed (ours). Lengths in seconds."""

    file: str
    outcome: str
    sentence: str = ""
    code: str = ""
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    renditions: list[dict[str, Any]] = field(default_factory=list)
    missing_s: float = 0.0
    notes: str = ""
    info: dict[str, Any] = field(default_factory=dict)
    cpu_s: float = 0.0
    wall_s: float = 0.0
    rss_mb: int = 0
    kept: str = ""


def try_file(path: Path, by: AbstractBaseUser, *, keep: Path | None = None) -> Outcome:
    """Receives `path`, does all jobs that come of it, and removes what was made again, unless it is to be kept in
    `keep`. Call it in a fresh process: the largest memory is that of all it has ever started."""
    tools.capabilities()  # which a worker asks once in its life
    cpu, clock = _cpu_s(), time.monotonic()

    def spent(outcome: Outcome) -> Outcome:
        outcome.cpu_s, outcome.wall_s = round(_cpu_s() - cpu, 2), round(time.monotonic() - clock, 2)
        return outcome

    try:
        asset = assets.receive_file(by, path, name=path.name, now=timezone.now())
    except Refused as refused:
        outcome = spent(Outcome(str(path), "refused", say(refused.code, refused.params), refused.code))
    else:
        cpu, clock = _cpu_s(), time.monotonic()  # of what is made of it: receiving it is the upload's
        _work()
        asset = Asset.objects.select_related("cut__package").get(pk=asset.pk)
        outcome = spent(describe(path, asset))
        if keep:
            outcome.kept = str(_keep(asset, keep))
        _forget(asset)
    outcome.rss_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return outcome


def _work() -> None:
    """Until nothing is queued. What failed is tried again at once: here nothing else could help but the work itself."""
    while runner.run_due():
        Job.objects.filter(state=Job.State.QUEUED).update(not_before=timezone.now())


def describe(path: Path, asset: Asset) -> Outcome:
    ended = {Asset.State.READY: "ready", Asset.State.REFUSED: "refused"}.get(Asset.State(asset.state), "failed")
    found = Inspection.objects.filter(asset=asset).first()
    info = found.info if found else {}
    return Outcome(
        file=str(path),
        outcome=ended,
        sentence=say(asset.refusal, asset.refusal_params) if asset.refusal else _remarks(found),
        code=asset.refusal,
        duration=_s(asset.duration_ms),
        width=asset.width,
        height=asset.height,
        renditions=_renditions(asset),
        missing_s=info.get("missing_ms", 0) / 1000,
        notes=info.get("notes", ""),
        info=info,
    )


def _remarks(found: Inspection | None) -> str:
    remarks = refusals.remarks(media_info.from_json(found.info)) if found else []
    return " ".join(say(one.code, one.params) for one in remarks)


def _renditions(asset: Asset) -> list[dict[str, Any]]:
    if asset.cut is None or asset.cut.package is None:
        return []
    return [
        {
            "name": one.name,
            "kind": one.kind,
            "width": one.width or 0,
            "height": one.height or 0,
            "codec": "aac" if one.codecs.startswith("mp4a") else "h264",
            "codecs": one.codecs,
            "bytes": one.bytes,
            "duration": one.duration_ms / 1000,
        }
        for one in asset.cut.package.renditions.order_by("pk")
    ]


def _keep(asset: Asset, folder: Path) -> Path | str:
    """What is served of it now, as it is served."""
    if asset.cut is None or asset.cut.package is None:
        return ""
    engine, prefix = storage.default(), asset.cut.package.prefix
    target = folder / asset.public_id
    for key, _ in list(engine.list(prefix)):
        part = target / Path(key).relative_to(prefix)
        part.parent.mkdir(parents=True, exist_ok=True)
        with engine.local_copy(key) as copy:
            shutil.copyfile(copy, part)
    return target


def _forget(asset: Asset) -> None:
    engine = storage.default()
    engine.delete(asset.source_key)
    engine.delete_prefix(assets.packages_prefix(asset.public_id))


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _s(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
