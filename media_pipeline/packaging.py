"""From what ffmpeg wrote to a package: names put in order, playlists rewritten, the master written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from media_pipeline import boxes, commands, playlists
from media_pipeline.ladder import Ladder, Rung
from media_pipeline.media_info import MediaInfo
from media_pipeline.playlists import MediaPlaylist, Version

INIT = "init.mp4"


@dataclass(frozen=True)
class Planned:
    """One version that ffmpeg is asked to write into the folder `name`. Sizes are 0 for sound."""

    name: str
    width: int = 0
    height: int = 0
    fps: float | None = None
    is_copy: bool = False  # the source's own picture

    @property
    def is_audio(self) -> bool:
        return not self.width


@dataclass(frozen=True)
class Made:
    """One version on disk."""

    folder: Path
    playlist: MediaPlaylist
    version: Version
    bytes: int
    is_copy: bool = False

    @property
    def name(self) -> str:
        return self.version.name

    @property
    def is_audio(self) -> bool:
        return self.version.is_audio

    def piece(self, number: int, folder: Path) -> Path:
        """Init and one segment as a file in `folder` that plays by itself."""
        segment = self.playlist.segments[number]
        path = folder / f"piece-{self.name}{number}.mp4"
        pieces = (self.file(segment.init or self.playlist.init), self.file(segment.uri))
        path.write_bytes(b"".join(piece.read_bytes() for piece in pieces))
        return path

    def file(self, name: str) -> Path:
        """Where one of its files lies on this machine."""
        return self.folder / name


def of_ladder(ladder: Ladder, *, with_sound: bool) -> tuple[Planned, ...]:
    rungs = [Planned(rung.name, rung.width, rung.height, ladder.fps) for rung in ladder.rungs]
    return (*rungs, Planned(commands.AUDIO)) if with_sound else tuple(rungs)


def of_source(own: Rung, *, with_sound: bool) -> tuple[Planned, ...]:
    picture = Planned(own.name, own.width, own.height, is_copy=True)
    return (picture, Planned(commands.AUDIO)) if with_sound else (picture,)


def so_far(out: Path, version: Planned) -> Made | None:
    """A version that is still being written, as far as it has come; None before its first segment is whole."""
    folder = out / version.name
    try:
        written = playlists.parse((folder / commands.PLAYLIST).read_text())
    except FileNotFoundError:
        return None
    if not written.segments:
        return None
    return _made(folder, version, replace(written, init=_own_init(folder, written.init)))


@dataclass
class Written:
    """What ffmpeg has written below `out` so far: looked at twice a second, read again only when a playlist is new."""

    out: Path
    _seen: dict[str, tuple[tuple[int, int], Made | None]] = field(default_factory=dict)

    def so_far(self, version: Planned) -> Made | None:
        try:
            found = (self.out / version.name / commands.PLAYLIST).stat()
        except FileNotFoundError:
            return None
        state = found.st_ino, found.st_mtime_ns  # written beside it and renamed
        known = self._seen.get(version.name)
        if known is None or known[0] != state:
            known = self._seen[version.name] = state, so_far(self.out, version)
        return known[1]


def finish(out: Path, versions: Sequence[Planned], info: MediaInfo) -> list[Made]:
    """All versions, in order. Raises BadPlaylist or FileNotFoundError for what is missing."""
    return [_finish_one(out / version.name, version, info) for version in versions]


def _finish_one(folder: Path, version: Planned, info: MediaInfo) -> Made:
    path = folder / commands.PLAYLIST
    written = playlists.parse(path.read_text())
    if not written.is_ended:
        raise playlists.BadPlaylist(f"{folder.name} has no end.")
    playlist = MediaPlaylist(_own_init(folder, written.init), written.segments, is_ended=True)
    if written.init != INIT:
        (folder / written.init).unlink()
    if (
        version.is_copy
    ):  # its frames are counted, and decoded in another order than shown: the last piece is what is left
        playlist = playlists.held(playlist, playlist.starts_ms[-1], info.duration_ms)
    elif not version.is_audio:
        playlist = playlists.held(_measured(folder, playlist), info.picture.last_ms, info.duration_ms)
    path.write_text(playlists.media(playlist))
    return _made(folder, version, playlist)


def _measured(folder: Path, playlist: MediaPlaylist) -> MediaPlaylist:
    """With its last piece as long as its frames say: the muxer forgets the first, which may be a slide that stays."""
    *before, last = playlist.segments
    length = boxes.lasts_s((folder / playlist.init).read_bytes(), (folder / last.uri).read_bytes())
    return replace(playlist, segments=(*before, replace(last, duration=length)))


def _own_init(folder: Path, written: str) -> str:
    """The init segment under our name, made of ffmpeg's (which calls the only one just so); answers the name."""
    draft = folder / f"{INIT}.draft"
    draft.write_bytes(boxes.plain_init((folder / written).read_bytes()))
    draft.rename(folder / INIT)
    return INIT


def _made(folder: Path, version: Planned, playlist: MediaPlaylist) -> Made:
    init = (folder / INIT).read_bytes()
    sizes = [(folder / segment.uri).stat().st_size for segment in playlist.segments]
    peak, average = playlists.bandwidths(playlist, sizes)
    codecs = playlists.AAC_LC if version.is_audio else playlists.avc_codec(init)
    told = Version(version.name, version.width, version.height, codecs, peak, average, version.fps)
    return Made(folder, playlist, told, sum(sizes) + len(init), version.is_copy)
