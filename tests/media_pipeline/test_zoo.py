"""What phones, cameras, recorders, cutters and accidents make, from its bytes to what is served."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from media_pipeline import assets, boxes, media_info, tools
from media_pipeline.media_info import MediaInfo
from media_pipeline.models import Asset
from tests import cast
from tests.media_pipeline import footage, packages, zoo
from tests.media_pipeline.footage import AAC, X264
from tests.media_pipeline.zoo import Make, corners, cut_off, joined, made, merged, turned

UPRIGHT = "RGBW"  # red and green above blue and white


@dataclass(frozen=True)
class Seen:
    """What came of a file: the top rung's size, its four corners in its middle frame, its length, its colours."""

    asset: Asset
    info: MediaInfo
    size: tuple[int, int]
    corners: str
    seconds: float
    colours: str
    skew_ms: int


@pytest.fixture
def see(committed_db: None, engine: Any, run_jobs: Callable[[], int], tmp_path: Path, settings: Any) -> Any:
    settings.SCRATCH_DIR = tmp_path / "scratch"

    def see(make: Make) -> Seen:
        (tmp_path / "made").mkdir()
        path = make(tmp_path / "made")
        asset = assets.receive_file(cast.member(), path, name=path.name, now=timezone.now())
        run_jobs()
        asset = Asset.objects.select_related("cut__package").get(pk=asset.pk)
        assert (asset.state, asset.refusal, asset.refusal_params) == ("ready", "", {})
        return seen(asset, tmp_path)

    return see


def seen(asset: Asset, scratch: Path) -> Seen:
    root = packages.folder(asset)
    top = max(packages.master(asset), key=lambda one: int(one["RESOLUTION"].split("x")[0]))
    width, height = (int(word) for word in top["RESOLUTION"].split("x"))
    film = whole(root / top["uri"].split("/")[0], scratch / "whole.mp4")
    colours = footage.probe(film, "stream=color_range,color_space,color_transfer,color_primaries")
    starts = [begins(root / name) for name in {top["uri"].split("/")[0], *(["audio"] if has_sound(asset) else [])}]
    lengths = [row[5] / 1000 for row in packages.rows(asset) if row[0] == "video"]
    assert max(lengths) - min(lengths) < 0.1
    return Seen(
        asset, media_info.from_json(asset.inspection.info), (width, height), shown(film, width, height), lengths[0],
        colours[0], max(starts) - min(starts),
    )  # fmt: skip


def has_sound(asset: Asset) -> bool:
    return bool(asset.cut and asset.cut.package and asset.cut.package.has_audio)


def pieces(folder: Path) -> list[Path]:
    return [folder / line for line in (folder / "playlist.m3u8").read_text().split() if line.endswith(".m4s")]


def whole(folder: Path, target: Path) -> Path:
    target.write_bytes(b"".join(path.read_bytes() for path in [folder / "init.mp4", *pieces(folder)]))
    return target


def begins(folder: Path) -> int:
    return boxes.begins_ms((folder / "init.mp4").read_bytes(), pieces(folder)[0].read_bytes())


def shown(film: Path, width: int, height: int) -> str:
    """The last frame's corners, as letters."""
    found = subprocess.run(
        [tools.ffmpeg(), "-v", "error", "-nostdin", "-i", str(film), "-vf", "format=rgb24,scale=2:2:flags=area", "-f",
         "rawvideo",
         "-pix_fmt", "rgb24", "-"],
        check=True, capture_output=True,
    ).stdout[-12:]  # fmt: skip
    return "".join(letter(*found[at : at + 3]) for at in range(0, 12, 3))


def letter(red: int, green: int, blue: int) -> str:
    lit = (red > 150, green > 150, blue > 150)
    return {(1, 0, 0): "R", (0, 1, 0): "G", (0, 0, 1): "B", (1, 1, 1): "W"}.get(lit, "?")


@pytest.mark.parametrize("how", zoo.MATRICES)
def test_however_it_was_held_it_stands_upright(see: Callable[[Make], Seen], how: str) -> None:
    found = see(turned(how))

    assert (found.corners, found.size, found.asset.width, found.asset.height) == (UPRIGHT, (320, 180), 320, 180)


def rotated_by_tag(folder: Path) -> Path:
    flat = made("v.mp4", picture=corners(then="transpose=cclock"), seconds=1)
    path = zoo.remuxed("a.mkv", flat, "-metadata:s:v", "xotate=90")(folder)
    path.write_bytes(path.read_bytes().replace(b"XOTATE", b"ROTATE"))
    return path


HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-x265-params")
HDR = "log-level=none:colorprim=bt2020:colormatrix=bt2020nc:transfer="
WEAVE = "testsrc2=size=720x576:rate=50,tinterlace=interleave_top,setfield=prog"
LONG = "testsrc2=size=320x180:rate=25"
SHAPES: dict[str, tuple[Make, tuple[int, int]]] = {
    "by its older tag": (rotated_by_tag, (320, 180)),
    "square": (made("a.mp4", picture=corners(480, 480)), (480, 480)),
    "portrait": (made("a.mp4", picture=corners(240, 424)), (240, 424)),
    "wide pixels": (made("a.mp4", picture=corners(720, 576, then="setsar=16/11")), (1048, 576)),
    "odd": (
        made("a.mp4", *X264[:-1], "yuv444p", picture=corners(322, 242, then="scale=161:121"), sound=None),
        (160, 120),
    ),
    "tiny": (made("a.mp4", *X264, picture=corners(16, 16), sound=None), (16, 16)),
    "long": (made("a.mp4", *X264, picture=corners(800, 100), sound=None, seconds=1), (800, 100)),
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_keeps_its_shape(see: Callable[[Make], Seen], name: str) -> None:
    make, size = SHAPES[name]
    found = see(make)

    assert (found.size, found.corners) == (size, UPRIGHT)


SD_COLOURS, HD_COLOURS = "tv,smpte170m,smpte170m,smpte170m", "tv,bt709,bt709,bt709"
PICTURES: dict[str, tuple[Make, str]] = {
    "PQ": (made("a.mp4", *HEVC, f"{HDR}smpte2084", picture=corners(640, 360), sound=None), HD_COLOURS),
    "HLG": (made("a.mp4", *HEVC, f"{HDR}arib-std-b67", picture=corners(640, 360), sound=None), HD_COLOURS),
    "PQ that says no more": (
        made("a.mp4", *HEVC, "log-level=none:transfer=smpte2084", picture=corners(640, 360), sound=None),
        HD_COLOURS,
    ),
    "ten bits": (made("a.mp4", *X264[:-1], "yuv420p10le", *AAC), SD_COLOURS),
    "four two two": (made("a.mp4", *X264[:-1], "yuv422p", *AAC), SD_COLOURS),
    "full range": (
        made("a.avi", "-c:v", "mjpeg", "-pix_fmt", "yuvj422p", sound=None),
        "tv,bt470bg,smpte170m,smpte170m",
    ),
    "RGB": (made("a.avi", "-c:v", "rawvideo", "-pix_fmt", "bgr24", "-c:a", "pcm_u8", seconds=1), SD_COLOURS),
    "transparent": (made("a.mov", "-c:v", "qtrle", "-pix_fmt", "argb", "-c:a", "pcm_s16le", seconds=1), SD_COLOURS),
    "ProRes": (made("a.mov", "-c:v", "prores", "-c:a", "pcm_s24le", seconds=1), SD_COLOURS),
    "RealVideo": (made("a.rm", "-c:v", "rv20", "-c:a", "ac3", picture=corners(352, 288)), SD_COLOURS),
    "Windows Media": (made("a.wmv", "-c:v", "wmv2", "-c:a", "wmav2"), SD_COLOURS),
    "a bare stream": (made("a.h264", *X264, sound=None), SD_COLOURS),
}


@pytest.mark.parametrize("name", PICTURES)
def test_every_kind_of_picture_becomes_what_all_players_show(see: Callable[[Make], Seen], name: str) -> None:
    make, colours = PICTURES[name]
    if name in {"PQ", "HLG", "PQ that says no more"}:
        footage.needs("libx265")
    found = see(make)

    assert (found.corners, found.colours) == (UPRIGHT, colours)


TIMES: dict[str, tuple[Make, float]] = {
    "one a second": (made("a.mp4", picture=corners(rate=1), seconds=6), 6),
    "240 a second": (made("a.mp4", picture=corners(rate=240)), 2),
    "one picture for a speech": (
        merged("a.mp4", made("v.mp4", *X264, picture=corners(rate=1), sound=None, seconds=1),
               made("a.m4a", *AAC, picture=None, seconds=9)),
        9,
    ),
    "sound longer": (
        merged("a.mp4", made("v.mp4", *X264, sound=None, seconds=2), made("a.m4a", *AAC, picture=None, seconds=6)), 6
    ),
    "picture longer": (
        merged("a.mp4", made("v.mp4", *X264, sound=None, seconds=6), made("a.m4a", *AAC, picture=None, seconds=2)), 6
    ),
    "late clock": (made("a.ts", *X264, *AAC, "-output_ts_offset", "1000"), 2),
    "clock that goes round": (made("a.ts", *X264, *AAC, "-output_ts_offset", "95442"), 2),
    "clock that jumps": (
        joined("a.ts", made("1.ts", *X264, *AAC), made("2.ts", *X264, *AAC, "-output_ts_offset", "5000")), 4
    ),
    "another size half-way": (
        joined("a.ts", made("1.ts", picture=corners(640, 360)), made("2.ts", *X264, *AAC, "-output_ts_offset", "2")), 4
    ),
    "in fragments": (made("a.mp4", *X264, *AAC, "-g", "10", "-movflags", "frag_keyframe+empty_moov"), 2),
    "cut without encoding": (
        zoo.remuxed("a.mp4", made("v.mp4", *X264, "-g", "20", *AAC, seconds=6), before=("-ss", "1.3")), 4.7
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TIMES)
def test_every_clock_is_followed(see: Callable[[Make], Seen], name: str) -> None:
    make, seconds = TIMES[name]
    found = see(make)

    assert found.corners == UPRIGHT
    assert found.seconds == pytest.approx(seconds, abs=0.15)
    assert found.skew_ms <= 50


@pytest.mark.parametrize(("picture", "fields"), [(WEAVE, "tff"), (LONG, "")])
def test_woven_pictures_are_told_whatever_the_file_says(see: Callable[[Make], Seen], picture: str, fields: str) -> None:
    assert see(made("a.mp4", picture=picture)).info.picture.fields == fields


@pytest.mark.parametrize(
    "make",
    [
        made("a.mp4", *X264, *AAC, "-movflags", "faststart", picture=LONG, seconds=12),
        made("a.mkv", picture=LONG, seconds=12),
        made("a.flv", picture=LONG, seconds=12),
        made("a.avi", "-c:v", "mpeg4", "-c:a", "ac3", picture=LONG, seconds=12),
    ],
    ids=["mp4", "mkv", "flv", "avi"],
)
def test_what_broke_off_is_kept_up_to_the_damage(see: Callable[[Make], Seen], make: Make) -> None:
    found = see(cut_off(make))

    assert found.seconds == pytest.approx(7, abs=0.8)
    assert found.seconds + found.info.missing_ms / 1000 == pytest.approx(12, abs=0.2)


def test_of_several_tracks_the_default_is_taken_and_all_are_known(see: Callable[[Make], Seen]) -> None:
    names = ["-metadata:s:a:0", "language=chi", "-metadata:s:a:1", "language=eng"]
    default = ["-disposition:a:0", "0", "-disposition:a:1", "default"]
    found = see(
        merged("a.mkv", made("v.mp4"), made("b.m4a", *AAC, picture=None), "-map", "0", "-map", "1", *names, *default)
    )

    assert [(one.language, one.index) for one in found.info.sounds] == [("eng", 2), ("chi", 1)]
    assert found.corners == UPRIGHT


def test_subtitles_chapters_and_a_cover_are_known_for_what_they_are(see: Callable[[Make], Seen]) -> None:
    def make(folder: Path) -> Path:
        made("c.png", "-frames:v", "1", sound=None, picture="color=gray:s=600x600")(folder)
        (folder / "s.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\n你好\n")
        (folder / "m.txt").write_text(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=一\n")
        made("v.mp4")(folder)
        inputs = [word for name in ("c.png", "v.mp4", "s.srt", "m.txt") for word in ("-i", str(folder / name))]
        return footage.ffmpeg(
            folder / "a.mp4", *inputs, "-map", "0", "-map", "1", "-map", "2", "-map_metadata", "3", "-c", "copy",
            "-c:s", "mov_text", "-disposition:v:0", "attached_pic", "-metadata:s:s:0", "language=chi",
        )  # fmt: skip

    found = see(make)

    assert found.size == (320, 180)
    assert [(one.codec, one.language) for one in found.info.texts] == [("mov_text", "chi")]
    assert [(one.start_ms, one.end_ms, one.title) for one in found.info.chapters] == [(0, 1000, "一")]
