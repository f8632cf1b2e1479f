"""What was lost when a site was hit: judged from its rows, its files and its processes. Nothing may be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Q

from bench.batch import Film
from courses.models import Lecture
from jobs.models import Job, JobEvent
from media_pipeline import playlists, storage
from media_pipeline.growth import MASTER
from media_pipeline.models import Asset, Package, Upload
from push.models import Event

ENDS = frozenset({Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED})
COMMITTING = timedelta(seconds=2)
OPEN = (Asset.State.RECEIVED, Asset.State.PREPARING)


def under_way() -> int:
    return Asset.objects.filter(state__in=OPEN).count()


def taken_up(job: int, after: datetime) -> float | None:
    """Seconds until a job that lost its worker was taken again, or was found to have ended; None: never. An end that
    was just being committed carries the moment before."""
    taken, ended = Q(to_state=Job.State.RUNNING, at__gt=after), Q(to_state__in=ENDS, at__gt=after - COMMITTING)
    first = JobEvent.objects.filter(taken | ended, job=job).order_by("at").values_list("at", flat=True).first()
    return max((first - after).total_seconds(), 0.0) if first else None


def next_claim(after: datetime) -> float | None:
    first = (
        JobEvent.objects.filter(at__gt=after, to_state=Job.State.RUNNING).order_by("at").values_list("at", flat=True)
    )
    return (first[0] - after).total_seconds() if first else None


def half_done(seen: set[int]) -> Iterator[str]:
    """Of assets called ready for the first time: what is missing of them at that very moment."""
    ready = Asset.objects.filter(state=Asset.State.READY).exclude(pk__in=seen).select_related("cut__package")
    for asset in ready:
        seen.add(asset.pk)
        yield from _missing(asset)


def _missing(asset: Asset) -> Iterator[str]:
    package = asset.cut.package if asset.cut else None
    if package is None or package.verified_at is None:
        yield f"{asset.name} {asset.public_id} is called ready and has no verified package"
        return
    stored = dict(storage.default().list(package.prefix))
    names = {MASTER, "poster.jpg", "sprite.jpg"}
    for rendition in package.renditions.all():
        playlist = _playlist(f"{package.prefix}/{rendition.name}/playlist.m3u8")
        if playlist is None or not playlist.is_ended:
            yield f"{asset.name} {asset.public_id}: {rendition.name} has no end"
            continue
        inits = {playlist.init, *(segment.init for segment in playlist.segments if segment.init)}
        names |= {f"{rendition.name}/{name}" for name in (*inits, *(segment.uri for segment in playlist.segments))}
    missing = [name for name in names if not stored.get(f"{package.prefix}/{name}")]
    if missing:
        yield f"{asset.name} {asset.public_id} lacks {sorted(missing)[:3]}"


def _playlist(key: str) -> playlists.MediaPlaylist | None:
    try:
        with storage.default().open(key) as file:
            return playlists.parse(file.read().decode())
    except FileNotFoundError:
        return None


def unlike_sent(sent: dict[str, Film]) -> Iterator[str]:
    """What did not end as it must: ready if it is good, else refused with a sentence."""
    found = {asset.public_id: asset for asset in Asset.objects.all()}
    for known, film in sent.items():
        asset = found.pop(known, None)
        wanted = Asset.State.READY if film.is_good else Asset.State.REFUSED
        if asset is None:
            yield f"{film.name} {known} is gone"
        elif asset.state != wanted or bool(asset.refusal) == film.is_good:
            yield f"{film.name} {known} is {asset.state} {asset.refusal} {asset.refusal_params}"
    for asset in found.values():
        yield f"{asset.name} {asset.public_id} was never sent"


def doubled() -> Iterator[str]:
    """Rows, news and work of which there are two."""
    jobs = Job.objects.filter(state=Job.State.DONE).values_list("kind", "subject").annotate(n=Count("pk"))
    yield from (f"{kind} of {subject} was done {count} times" for kind, subject, count in jobs.filter(n__gt=1))
    told = Counter(
        (event.payload["asset"], event.payload["state"])
        for event in Event.objects.filter(kind="asset")
        if event.payload["state"] in {"ready", "refused"}
    )
    yield from (f"{asset} was called {state} {count} times" for (asset, state), count in told.items() if count > 1)
    lectures = Lecture.objects.values_list("asset").annotate(n=Count("pk")).filter(n__gt=1)
    yield from (f"asset {asset} has {count} lectures" for asset, count in lectures)
    ladders = Package.objects.filter(stage=Package.Stage.LADDER, verified_at__isnull=False)
    twice = ladders.values_list("cut__asset").annotate(n=Count("pk")).filter(n__gt=1)
    yield from (f"asset {asset} has {count} ladders" for asset, count in twice)


def unlike_each_other() -> Iterator[str]:
    """Recordings of one file, of which something else was made."""
    made: dict[str, set[tuple[tuple[str, int], ...]]] = {}
    for asset in Asset.objects.filter(state=Asset.State.READY).select_related("cut__package"):
        if asset.cut and asset.cut.package:
            renditions = asset.cut.package.renditions.order_by("name")
            made.setdefault(asset.name, set()).add(tuple(renditions.values_list("name", "duration_ms")))
    yield from (f"{name}: {sorted(ways)}" for name, ways in made.items() if len(ways) > 1)


def orphans() -> Iterator[str]:
    """Files that no row leads to; and of a package more, or less, than its row says."""
    known = {asset.source_key for asset in Asset.objects.exclude(state=Asset.State.REFUSED)}
    packages = {one.prefix: one for one in Package.objects.select_related("cut__asset")}
    open_ones = {f"uploads/{one}" for one in Upload.objects.filter(state="open").values_list("storage_id", flat=True)}
    sizes: Counter[str] = Counter()
    for key, size, _ in storage.default().stamps():
        prefix = "/".join(key.split("/")[:3])
        sizes[prefix] += size
        if key not in known and prefix not in packages and "/".join(key.split("/")[:2]) not in open_ones:
            yield key
    for prefix, package in packages.items():
        told = package.bytes + package.download_bytes
        if package.verified_at and sizes[prefix] != told:
            yield f"{prefix} ({package.stage}) holds {sizes[prefix]} bytes, its row says {told}"


def left_in_scratch() -> list[str]:
    return [path.name for path in Path(settings.SCRATCH_DIR).glob("job-*")]
