"""From what ffmpeg wrote to a package: names put in order, playlists rewritten, the master written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from media_pipeline import commands, playlists
from media_pipeline.ladder import Ladder
from media_pipeline.media_info import MediaInfo
from media_pipeline.playlists import MediaPlaylist, Version


@dataclass(frozen=True)
class Made:
    """One version on disk."""

    name: str
    folder: Path
    playlist: MediaPlaylist
    version: Version
    bytes: int

    @property
    def is_audio(self) -> bool:
        return self.name == commands.AUDIO

    def piece(self, number: int, folder: Path) -> Path:
        """Init and one segment as a file in `folder` that plays by itself."""
        path = folder / f"piece-{self.name}{number}.mp4"
        path.write_bytes(
            (self.folder / "init.mp4").read_bytes() + (self.folder / self.playlist.segments[number].uri).read_bytes()
        )
        return path


def finish(out: Path, ladder: Ladder, info: MediaInfo) -> list[Made]:
    """Rungs from the largest down, then the sound. Raises BadPlaylist or FileNotFoundError for what is missing."""
    made = [_finish_one(out / rung.name, (rung.width, rung.height), fps=ladder.fps, info=info) for rung in ladder.rungs]
    sound = _finish_one(out / commands.AUDIO, (0, 0), fps=None, info=info) if ladder.has_audio else None
    rungs = [one.version for one in made]
    (out / "master.m3u8").write_text(playlists.master(rungs, sound.version if sound else None))
    return [*made, sound] if sound else made


def _finish_one(folder: Path, size: tuple[int, int], *, fps: float | None, info: MediaInfo) -> Made:
    is_audio, path = folder.name == commands.AUDIO, folder / commands.PLAYLIST
    written = playlists.parse(path.read_text())
    if not written.is_ended:
        raise playlists.BadPlaylist(f"{folder.name} has no end.")
    (folder / written.init).rename(folder / "init.mp4")
    playlist = MediaPlaylist("init.mp4", written.segments, is_ended=True)
    if not is_audio:
        playlist = playlists.held(playlist, info.picture.last_ms, info.duration_ms)
    path.write_text(playlists.media(playlist))
    sizes = [(folder / segment.uri).stat().st_size for segment in playlist.segments]
    peak, average = playlists.bandwidths(playlist, sizes)
    init = (folder / "init.mp4").read_bytes()
    codecs = playlists.AAC_LC if is_audio else playlists.avc_codec(init)
    version = Version(folder.name, *size, codecs, peak, average, fps)
    return Made(folder.name, folder, playlist, version, sum(sizes) + len(init))
