"""Where a long source is cut, and that the frames of its parts are those of the whole, each once."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline import boxes, commands, inspection, ladder, playlists, runner, stretches, tools
from media_pipeline.media_info import MediaInfo
from media_pipeline.stretches import Stretch
from tests.media_pipeline import footage
from tests.media_pipeline.tracks import info, video

MINUTE = 60_000
KEYS = tuple(range(0, 20 * MINUTE, 2000))


def long(*, minutes: float = 20, container: str = "mov,mp4,m4a,3gp,3g2,mj2", **facts: Any) -> MediaInfo:
    known = {"is_seamless": True, "keys_ms": KEYS, "longest_gop_ms": 2000, "end_ms": round(minutes * MINUTE)}
    picture = video(**known | facts)
    return replace(info(picture), duration_ms=round(minutes * MINUTE), container=container)


def planned(film: MediaInfo, every_ms: int = 2 * MINUTE, **options: Any) -> list[tuple[int, int | None]]:
    plan = stretches.plan(film, ladder.plan(film, **options), every_ms=every_ms)
    return [(one.start_ms, one.end_ms) for one in plan]


def test_a_long_film_is_cut_into_even_parts_where_segments_begin_anyway() -> None:
    found = planned(long())

    assert len(found) == 10
    assert found[0][0] == 0
    assert found[-1][1] is None
    assert all(before[1] == after[0] for before, after in pairwise(found))
    assert all(start % ladder.SEGMENT_MS == 0 for start, _ in found)
    assert all(abs(start - number * 2 * MINUTE) <= stretches.NEAR_MS for number, (start, _) in enumerate(found))


def test_a_cut_moves_to_where_least_is_decoded_for_nothing() -> None:
    """Keys every ten seconds: of the places near, the one soonest after a key."""
    film = long(keys_ms=tuple(range(0, 20 * MINUTE, 10_000)), longest_gop_ms=10_000)

    for start, _ in planned(film)[1:]:
        assert (start - stretches.SETTLE_MS) % 10_000 <= 4_000


@pytest.mark.parametrize(
    "facts",
    [
        {"is_seamless": False},  # an H.264 that reaches across its keys
        {"codec": "mpeg4"},
        {"codec": "mpeg2video"},
        {"has_preroll": True},
        {"container": "mpegts"},
        {"container": "avi"},
    ],
)
def test_what_cannot_be_cut_safely_is_not_cut(facts: dict[str, Any]) -> None:
    assert planned(long(**facts)) == []


def test_codecs_whose_keys_can_be_begun_at_need_no_closer_look() -> None:
    assert planned(long(codec="hevc", is_seamless=False))


def test_a_film_that_broke_off_is_not_cut() -> None:
    assert planned(replace(long(), missing_ms=5000)) == []


def test_where_frame_times_vary_it_is_cut_at_the_sources_own_keys() -> None:
    keys = tuple(range(0, 20 * MINUTE, 7_300))
    film = long(is_constant=False, keys_ms=keys, longest_gop_ms=7_300)

    found = planned(film)
    assert len(found) == 10
    assert {start for start, _ in found} <= set(keys)


def test_a_film_with_hardly_a_key_is_not_cut() -> None:
    assert planned(long(is_constant=False, keys_ms=(0, 12 * MINUTE), longest_gop_ms=12 * MINUTE)) == []


@given(st.integers(1, 400_000), st.floats(1, 31))
def test_a_frame_is_in_one_part_and_no_other(edge_ms: int, fps: float) -> None:
    before, after = Stretch(1, 0, edge_ms).frames(fps), Stretch(2, edge_ms, None).frames(fps)

    assert before == (0, after[0])
    assert after[1] is None
    assert (after[0] - 1) / fps * 1000 < edge_ms <= after[0] / fps * 1000 + stretches.EARLY_MS + 0.001


# ---- with the real ffmpeg ----

LENGTH = 18
PICTURES = {
    "plain": ("a.mp4", "testsrc2=size=320x240:rate=25", [*footage.X264, "-g", "50"]),
    "reordered": ("a.mp4", "testsrc2=size=320x240:rate=30", ["-c:v", "libx264", "-preset", "veryfast", "-g", "77"]),
    "ntsc": ("a.mp4", "testsrc2=size=320x240:rate=30000/1001", [*footage.X264, "-g", "64"]),
    "halved": ("a.mp4", "testsrc2=size=320x240:rate=60", ["-c:v", "libx264", "-preset", "veryfast", "-g", "75"]),
    "uneven": (
        "a.mp4",
        "testsrc2=size=320x240:rate=25,select='not(between(n,110,180))*mod(n,3)'",
        [*footage.X264, "-g", "40", "-fps_mode", "vfr"],
    ),
    "hevc": (
        "a.mp4",
        "testsrc2=size=320x240:rate=25",
        ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=40"],
    ),
    "vp9": (
        "a.webm",
        "testsrc2=size=320x240:rate=25",
        ["-c:v", "libvpx-vp9", "-cpu-used", "8", "-b:v", "300k", "-g", "60"],
    ),
}
ENCODERS = {"hevc": "libx265", "vp9": "libvpx-vp9"}


def encoded(source: Path, film: MediaInfo, rungs: ladder.Ladder, out: Path, stretch: Stretch | None = None) -> Path:
    for rung in rungs.rungs:
        (out / rung.name).mkdir(parents=True)
    args = commands.encode(
        source, film, rungs, out, threads=1, can_tone_map=False, with_sound=False, stretch=stretch
    )  # fmt: skip
    finished = runner.run([tools.ffmpeg(), *args], timeout=60, on_progress=lambda reached: None)
    assert (finished.returncode, finished.stderr) == (0, "")
    return out


def segments(folder: Path) -> tuple[bytes, list[bytes]]:
    """The init segment and all others, in order."""
    playlist = playlists.parse((folder / commands.PLAYLIST).read_text())
    init = boxes.plain_init((folder / playlist.init).read_bytes())
    return init, [(folder / segment.uri).read_bytes() for segment in playlist.segments]


def shown(init: bytes, pieces: list[bytes], tmp_path: Path) -> list[str]:
    """A hash of each frame, when decoded one after the other."""
    film = tmp_path / "joined.mp4"
    film.write_bytes(init + b"".join(pieces))
    args = [tools.ffmpeg(), "-v", "error", "-i", str(film), "-fps_mode", "passthrough", "-f", "framemd5", "-"]
    rows = runner.run(args, timeout=60)
    assert rows.stderr == ""
    return [row.split(",")[-1].strip() for row in rows.stdout.splitlines() if row[:1] == "0"]


@pytest.mark.parametrize("kind", PICTURES)
def test_parts_have_the_frames_of_the_whole_and_follow_each_other_without_a_gap(kind: str, tmp_path: Path) -> None:
    name, picture, codecs = PICTURES[kind]
    footage.needs(*([ENCODERS[kind]] if kind in ENCODERS else []))
    source = footage.film(tmp_path / name, *codecs, picture=picture, sound=None, seconds=LENGTH)
    film = inspection.inspect(source)
    rungs = ladder.plan(film)
    parts = stretches.plan(film, rungs, every_ms=6_000)
    assert len(parts) == 3

    init, whole = segments(encoded(source, film, rungs, tmp_path / "whole") / "240")
    inits, joined, at = [], [], 0
    for part in parts:
        one_init, pieces = segments(encoded(source, film, rungs, tmp_path / str(part.number), part) / "240")
        inits.append(hashlib.sha256(one_init).hexdigest())
        if rungs.fps:
            first, _ = part.frames(rungs.fps)
            pieces = [boxes.moved(piece, round(first * boxes.timescale(init) / rungs.fps)) for piece in pieces]
        elif part.end_ms is not None:
            assert boxes.timeline(one_init, pieces[-1]).frames == 1  # the next one's first
            pieces.pop()
        for piece in pieces:
            line = boxes.timeline(one_init, piece)
            assert line.begin == at
            at = line.end
        joined += pieces

    assert set(inits) == {hashlib.sha256(init).hexdigest()}
    assert at == pytest.approx(boxes.timeline(init, whole[-1]).end, abs=1)
    counts = [sum(boxes.frames(piece) for piece in pieces) for pieces in (joined, whole)]
    assert counts[0] == counts[1]
    assert len(shown(init, joined, tmp_path)) == counts[1]
