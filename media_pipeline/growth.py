"""A package while it is written: what ffmpeg has finished goes to the storage at once, playlists follow.

A player can begin as soon as every version has a segment. An attempt that follows a killed one writes the same names
under the same prefix; it keeps quiet about its playlists until they are longer than the ones that are there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from media_pipeline import commands, playlists, storage
from media_pipeline.packaging import INIT, Made, Planned, Written
from media_pipeline.playlists import Version

MASTER = "master.m3u8"


@dataclass
class Growth:
    """`prefix`: of the package's keys. `out`: where ffmpeg writes. `beside`: versions taken over, already stored.
    `target`: seconds no segment will exceed."""

    prefix: str
    out: Path
    versions: Sequence[Planned]
    target: int
    beside: Sequence[Version] = ()
    _stored: set[str] = field(default_factory=set)
    _told: dict[str, int] = field(default_factory=dict)  # segments in the playlist that is stored, by version

    def __post_init__(self) -> None:
        self._written = Written(self.out)
        for version in self.versions:
            self._told[version.name] = length_stored(self.prefix, version.name)

    def advance(self) -> bool:
        """Put what is finished; true once all versions have a beginning, and the master that says so is stored."""
        found = [made for version in self.versions if (made := self._written.so_far(version))]
        for made in found:
            self._extend(made)
        if len(found) < len(self.versions):
            return False
        if MASTER not in self._stored:
            self.put_text(MASTER, playlists.master([*self.beside, *(made.version for made in found)], growing=True))
            self._stored.add(MASTER)
        return True

    def complete(self, on_put: Callable[[int, int], None]) -> int:
        """Put all that is in `out` and not stored yet, playlists and then the master last; answers the package's bytes.

        on_put: told before each put: how many are done, of how many.
        """
        files = sorted((path for path in self.out.rglob("*") if path.is_file()), key=masters_last)
        names = {path: path.relative_to(self.out).as_posix() for path in files}
        left = [path for path in files if path.suffix == ".m3u8" or names[path] not in self._stored]
        for number, path in enumerate(left):
            on_put(number, len(left))
            storage.default().put_file(f"{self.prefix}/{names[path]}", path)
        remove_strays(self.prefix, {*names.values()}, beside=self.beside)
        return sum(size for _, size in storage.default().list(self.prefix))

    def put_text(self, name: str, text: str) -> None:
        put_text(self.out, f"{self.prefix}/{name}", text)

    def _extend(self, made: Made) -> None:
        segments = made.playlist.segments
        if len(segments) <= self._told[made.name]:
            return
        for name in (INIT, *(segment.uri for segment in segments)):
            self._put(made, name)
        growing = replace(made.playlist, is_ended=False)
        self.put_text(f"{made.name}/{commands.PLAYLIST}", playlists.media(growing, target=self.target))
        self._told[made.name] = len(segments)

    def _put(self, made: Made, name: str) -> None:
        key = f"{made.name}/{name}"
        if key not in self._stored:
            storage.default().put_file(f"{self.prefix}/{key}", made.folder / name)
            self._stored.add(key)


def put_text(out: Path, key: str, text: str) -> None:
    path = out / "text.draft"
    path.write_text(text)
    storage.default().put_file(key, path)
    path.unlink()


def remove_strays(prefix: str, known: set[str], *, beside: Sequence[Version]) -> None:
    """What an attempt of other code, or with other rungs, left under the same prefix."""
    engine = storage.default()
    taken = {version.name for version in beside}
    for key, _ in list(engine.list(prefix)):
        name = key.removeprefix(f"{prefix}/")
        if name not in known and name.split("/")[0] not in taken:
            engine.delete(key)


def length_stored(prefix: str, version: str) -> int:
    """How many segments the playlist names that is stored now."""
    try:
        with storage.default().open(f"{prefix}/{version}/{commands.PLAYLIST}") as file:
            return len(playlists.parse(file.read().decode()).segments)
    except (FileNotFoundError, playlists.BadPlaylist):
        return 0


def masters_last(path: Path) -> tuple[bool, bool, str]:
    return (path.name == MASTER, path.suffix == ".m3u8", path.as_posix())
