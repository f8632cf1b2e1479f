"""One stretch of a long source while it is encoded: its segments go to the storage at once, under names of their own.

Whoever encodes the stretch at the front (all before it are made) also writes the playlists that can be played
meanwhile. Nobody else does, and the front moves on only when it is done.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from media_pipeline import boxes, commands, growth, playlists, storage
from media_pipeline.packaging import INIT, Made, Planned, Written
from media_pipeline.playlists import MediaPlaylist, Segment, Version
from media_pipeline.stretches import EARLY_MS, Stretch

LOOK_EVERY = 2.0  # seconds between two looks whether we are at the front


@dataclass(frozen=True)
class Piece:
    uri: str
    seconds: float
    bytes: int


@dataclass
class Told:
    """What one stretch holds of one version. `begin` and `end` in ticks of its track; `init`: its name, and what is in
    it, as a hash."""

    init: str
    init_hash: str = ""
    init_bytes: int = 0
    codecs: str = ""
    timescale: int = 0
    begin: int = 0
    end: int = 0
    frames: int = 0
    pieces: list[Piece] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Told:
        return cls(**{**kept, "pieces": [Piece(**one) for one in kept["pieces"]]})


# By version, what the stretches before ours hold, in order; and those after it that are made already. None: not at the
# front.
Others = tuple[list[dict[str, Told]], list[dict[str, Told]]]


@dataclass
class StretchGrowth:
    """`fps`: of the even grid, whose frames ffmpeg counts from 0; None where frame times are those of the film.
    `others`: asked whether we are at the front; None where the playlists are nobody's business meanwhile."""

    prefix: str
    out: Path
    versions: Sequence[Planned]
    stretch: Stretch
    fps: float | None
    target: int
    others: Callable[[], Others | None] | None
    told: dict[str, Told] = field(default_factory=dict)
    _listed: dict[str, int] = field(default_factory=dict)  # segments in the playlist that is stored, by version
    _others: Others | None = None
    _look_at: float = 0.0
    _made: dict[str, Version] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._written = Written(self.out)
        for version in self.versions if self.others else ():
            self._listed[version.name] = growth.length_stored(self.prefix, version.name)

    def advance(self) -> bool:
        """Put what is finished; true once a player can begin, which is for the first stretch to say."""
        for version in self.versions:
            if made := self._written.so_far(version):
                self._take(made)
        if len(self.told) < len(self.versions) or not self._is_at_front():
            return False
        self._tell()
        return self.stretch.is_first

    def finish(self) -> None:
        """All is put. Told once more, with what follows and was made before us."""
        if self.others:
            self._look_at = 0.0
            self._others = None
            if self._is_at_front():
                self._tell()

    def _take(self, made: Made) -> None:
        told = self._begin(made)
        for segment in made.playlist.segments[len(told.pieces) :]:
            path = made.folder / segment.uri
            if made.is_audio:
                seconds = segment.duration
            else:
                line = self._placed(path, told)
                if self._is_next_ones(line, told):
                    return
                told.begin = told.begin if told.pieces else line.begin
                told.end, told.frames = line.end, told.frames + line.frames
                seconds = (line.end - line.begin) / told.timescale
            storage.default().put_file(f"{self.prefix}/{made.name}/{segment.uri}", path)
            told.pieces.append(Piece(segment.uri, seconds, path.stat().st_size))

    def _begin(self, made: Made) -> Told:
        self._made[made.name] = made.version
        if made.name not in self.told:
            data = made.file(INIT).read_bytes()
            own = INIT if self.stretch.is_first else commands.segment_prefix(self.stretch) + INIT
            storage.default().put_file(f"{self.prefix}/{made.name}/{own}", made.folder / INIT)
            self.told[made.name] = Told(
                own, hashlib.sha256(data).hexdigest(), len(data), made.version.codecs, boxes.timescale(data)
            )
        return self.told[made.name]

    def _placed(self, path: Path, told: Told) -> boxes.Timeline:
        """Moved to its place in the film, where ffmpeg counted from 0."""
        init = (path.parent / INIT).read_bytes()
        if self.fps and not self.stretch.is_first:
            first, _ = self.stretch.frames(self.fps)
            draft = path.with_suffix(".draft")
            draft.write_bytes(boxes.moved(path.read_bytes(), round(first * told.timescale / self.fps)))
            draft.rename(path)
        return boxes.timeline(init, path.read_bytes())

    def _is_next_ones(self, line: boxes.Timeline, told: Told) -> bool:
        """The piece that was taken along only so that the one before it knows its length."""
        end = self.stretch.end_ms
        return self.fps is None and end is not None and line.begin * 1000 >= (end - EARLY_MS) * told.timescale

    # ---- playlists ----

    def _is_at_front(self) -> bool:
        if self.others and self._others is None and time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_EVERY
            self._others = self.others()
        return self._others is not None

    def _tell(self) -> None:
        before, after = self._others or ([], [])
        for version in self.versions:
            parts = [self.told[version.name]]
            if not version.is_audio:
                parts = [told[version.name] for told in (*before, self.told, *after)]
            listed = segments(parts)
            if len(listed) > self._listed[version.name]:
                growing = MediaPlaylist(parts[0].init, tuple(listed), is_ended=False)
                self._put_text(f"{version.name}/{commands.PLAYLIST}", playlists.media(growing, target=self.target))
                self._listed[version.name] = len(listed)
        if self.stretch.is_first and growth.MASTER not in self._listed:
            made = [self._made[version.name] for version in self.versions]
            self._put_text(growth.MASTER, playlists.master(made, growing=True))
            self._listed[growth.MASTER] = 1

    def _put_text(self, name: str, text: str) -> None:
        growth.put_text(self.out, f"{self.prefix}/{name}", text)


def segments(parts: Sequence[Told]) -> list[Segment]:
    """Of one version, one stretch after the other; with an init segment of its own only where it is another."""
    first = parts[0]
    return [
        Segment(piece.uri, piece.seconds, "" if part.init_hash == first.init_hash else part.init)
        for part in parts
        for piece in part.pieces
    ]
