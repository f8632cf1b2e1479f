"""The parts of a long source become one package: playlists are written and no segment is moved.

Only what is looked at is fetched: the smallest rung, for the pictures; of the others the first and the last segment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from jobs.runner import JobHandle
from media_pipeline import commands, finishing, generations, growth, ladder, packaging, playlists, storage
from media_pipeline.finishing import Finished
from media_pipeline.media_info import MediaInfo
from media_pipeline.models import Asset, EncodedStretch, Package
from media_pipeline.packaging import Made, Planned
from media_pipeline.playlists import MediaPlaylist, Version
from media_pipeline.splitting import told_of
from media_pipeline.stretch_growth import Told, segments
from media_pipeline.verification import unsound
from media_pipeline.workpiece import asset_of, at_work_on, info_of

FETCHED = 900  # progress of 1000: what is fetched is most of it


@dataclass(frozen=True)
class Stored(Made):
    """A version whose segments lie in the storage, and on this machine only those that were asked for."""

    prefix: str = ""

    def file(self, name: str) -> Path:
        """Fetched when it is first asked for."""
        path = self.folder / name
        if not path.exists():
            with storage.default().open(f"{self.prefix}/{self.name}/{name}") as file:
                path.write_bytes(file.read())
        return path


def join(job: JobHandle) -> None:
    """Raises JobError, LeaseLost."""
    asset = asset_of(job.job)
    if asset is None or asset.cut is None or asset.state != Asset.State.PREPARING:
        return  # deleted meanwhile, or done by an attempt that was killed right after
    package = Package.objects.select_related("cut__asset").get(
        cut=asset.cut, stage=Package.Stage.LADDER, verified_at=None
    )
    rows = list(package.stretches.order_by("number"))
    if not rows or not all(row.done_at for row in rows):
        return  # the last of them asks again
    with at_work_on(asset, job):
        job.progress(0, "join")
        info = info_of(asset, job)
        first = generations.verified_first_play(asset.cut)
        rungs = ladder.plan(info, copying=first is not None)
        taken = generations.take_over(package, first, with_picture=rungs.copied is not None)
        made = _made(rows, job.scratch / "out", package.prefix, rungs, info)
        _fetch(made, job)
        kept = {f"{one.name}/{name}" for one in made for name in _names(one)}
        beside = [generations.version(one) for one in taken]
        finished = Finished(
            made, taken, job.scratch / "out", lambda on_put: _complete(job, package, kept, beside, on_put),
            are_there=lambda one: _are_there(one, package.prefix),
        )  # fmt: skip
        finishing.finish(job, package, finished, info)


def _made(
    rows: Sequence[EncodedStretch], out: Path, prefix: str, rungs: ladder.Ladder, info: MediaInfo
) -> list[Stored]:
    told = [told_of(row) for row in rows]
    has_sound = commands.AUDIO in told[0]
    made = []
    for version in packaging.of_ladder(rungs, with_sound=has_sound):
        parts = [told[0][version.name]] if version.is_audio else [one[version.name] for one in told]
        if not version.is_audio:
            check_seams(version.name, parts)
        made.append(_one(version, parts, out, prefix, info))
    return made


def check_seams(name: str, parts: Sequence[Told]) -> None:
    """Each part begins in the very tick in which the one before it ends, and all want the same to be decoded: players
    cope with another encoder in the middle, most other programs do not. Raises JobError."""
    if len({part.timescale for part in parts}) != 1 or not all(part.pieces for part in parts):
        raise unsound(f"{name}: parts of different clocks")
    if len({part.init_hash for part in parts}) != 1:
        raise unsound(f"{name}: parts of different encoders")
    for number, (before, after) in enumerate(pairwise(parts), 1):
        if before.end != after.begin:
            raise unsound(f"{name}: part {number} ends at {before.end}, the next begins at {after.begin}")


def _one(version: Planned, parts: Sequence[Told], out: Path, prefix: str, info: MediaInfo) -> Stored:
    playlist = MediaPlaylist(parts[0].init, tuple(segments(parts)), is_ended=True)
    sizes = [piece.bytes for part in parts for piece in part.pieces]
    peak, average = playlists.bandwidths(playlist, sizes)
    if not version.is_audio:
        playlist = playlists.held(playlist, info.picture.last_ms, info.duration_ms)
    folder = out / version.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / commands.PLAYLIST).write_text(playlists.media(playlist))
    told = Version(version.name, version.width, version.height, parts[0].codecs, peak, average, version.fps)
    inits = {part.init: part.init_bytes for part in parts if part.init in _inits(playlist)}
    return Stored(folder, playlist, told, sum(sizes) + sum(inits.values()), prefix=prefix)


def _inits(playlist: MediaPlaylist) -> set[str]:
    return {playlist.init, *(segment.init for segment in playlist.segments if segment.init)}


def _names(one: Made) -> set[str]:
    return {*_inits(one.playlist), *(segment.uri for segment in one.playlist.segments)}


def _fetch(made: Sequence[Stored], job: JobHandle) -> None:
    smallest = [one for one in made if not one.is_audio][-1]
    wanted: list[tuple[Stored, str]] = []
    for one in made:
        pieces = one.playlist.segments
        ends = {pieces[0].uri, pieces[-1].uri}
        names = _names(one) if one is smallest else _inits(one.playlist) | ends
        wanted += [(one, name) for name in sorted(names)]
    for number, (one, name) in enumerate(wanted):
        job.progress(round(FETCHED * number / len(wanted)), "join")
        one.file(name)


def _are_there(one: Made, prefix: str) -> None:
    """All segments are stored, none of them empty. Raises JobError."""
    found = dict(storage.default().list(f"{prefix}/{one.name}"))
    missing = [name for name in _names(one) if not found.get(f"{prefix}/{one.name}/{name}")]
    if missing or not one.playlist.segments:
        raise unsound(f"{one.name}/{min(missing, default='empty')}")


def _complete(
    job: JobHandle, package: Package, kept: set[str], beside: Sequence[Version], on_put: Callable[[int, int], None]
) -> int:
    """Pictures and playlists; the master last."""
    out = job.scratch / "out"
    files = sorted((path for path in out.rglob("*") if path.is_file()), key=growth.masters_last)
    names = {path: path.relative_to(out).as_posix() for path in files}
    left = [path for path in files if names[path] not in kept]
    for number, path in enumerate(left):
        on_put(number, len(left))
        storage.default().put_file(f"{package.prefix}/{names[path]}", path)
    growth.remove_strays(package.prefix, {*names.values(), *kept}, beside=beside)
    return sum(size for _, size in storage.default().list(package.prefix))
