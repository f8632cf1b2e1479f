"""What the pipeline makes keeps to HLS and is true to the byte; and the checker that says so finds what is wrong."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from jobs import runner
from media_pipeline import assets
from media_pipeline.models import Asset
from tests import cast
from tests.media_pipeline import footage, packages
from tests.media_pipeline.hls_checker import check

SLIDES = "testsrc2=size=640x360:rate=25,select='not(between(n,30,140))*not(mod(n,3))'"
CUES = "1\n00:00:01,000 --> 00:00:03,000\n同志们好\n\n2\n00:00:05,000 --> 00:00:08,500\n今天讲三点\n"


def with_captions(path: Path) -> Path:
    film, cues = footage.film(path.with_stem("bare"), seconds=9), path.with_suffix(".srt")
    cues.write_text(CUES)
    known = ["-map", "0", "-map", "1", "-c", "copy", "-metadata:s:s", "language=chi"]
    return footage.ffmpeg(path.with_suffix(".mkv"), "-i", str(film), "-i", str(cues), *known)


FILMS: dict[str, Callable[[Path], Path]] = {
    "ten frames a second": lambda path: footage.film(path, picture="testsrc2=size=640x360:rate=10", seconds=9),
    "frame times that vary": lambda path: footage.film(
        path, *footage.X264, "-fps_mode", "vfr", *footage.AAC, picture=SLIDES, seconds=9
    ),
    "without sound": lambda path: footage.film(path, *footage.X264, sound=None, seconds=5),
    "upright": lambda path: footage.upright(footage.film(path, picture="testsrc2=size=640x480:rate=30", seconds=5)),
    "with captions in the file": with_captions,
    "as no browser plays it": lambda path: footage.film(path, "-c:v", "mpeg4", *footage.AAC, seconds=5),
}


@pytest.fixture
def folder_of(committed_db: None, engine: Any, tmp_path: Path, settings: Any) -> Callable[[str], Path]:
    """The package that is made of a film."""
    settings.SCRATCH_DIR = tmp_path / "scratch"

    def folder_of(film: str) -> Path:
        path = FILMS[film](tmp_path / "a.mp4")
        asset = assets.receive_file(cast.member(), path, name=path.name, now=timezone.now())
        runner.run_due()
        return packages.folder(Asset.objects.select_related("cut__package").get(pk=asset.pk))

    return folder_of


@pytest.mark.parametrize("film", FILMS)
def test_a_package_keeps_to_the_rules_and_says_the_truth(folder_of: Callable[[str], Path], film: str) -> None:
    assert check(folder_of(film)) == []


def swap(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        text = (folder / name).read_text()
        assert re.search(old, text)
        (folder / name).write_text(re.sub(old, new, text, count=1))

    return change


def mistake(first: str, second: str) -> Callable[[Path], None]:
    return lambda folder: shutil.copy(folder / second, folder / first) and None


FAULTS: dict[str, Callable[[Path], None]] = {
    "CODECS": swap("master.m3u8", r"avc1\.[0-9a-f]{6}", "avc1.42001e"),
    "AVERAGE-BANDWIDTH": swap("master.m3u8", r"AVERAGE-BANDWIDTH=\d+", "AVERAGE-BANDWIDTH=7"),
    "RESOLUTION": swap("master.m3u8", "RESOLUTION=640x360", "RESOLUTION=1920x1080"),
    "FRAME-RATE": swap("master.m3u8", r"FRAME-RATE=10\.000", "FRAME-RATE=25.000"),
    "has no sound": swap("master.m3u8", 'AUDIO="sound"', 'AUDIO="none"'),
    "not a file of the package": swap("master.m3u8", "\n240/playlist", "\n../240/playlist"),
    "longer than its target": swap("240/playlist.m3u8", r"TARGETDURATION:\d+", "TARGETDURATION:2"),
    "version 6": swap("240/playlist.m3u8", "VERSION:7", "VERSION:3"),
    "independent": swap("360/playlist.m3u8", "#EXT-X-INDEPENDENT-SEGMENTS\n", ""),
    "with an end": swap("360/playlist.m3u8", "#EXT-X-ENDLIST\n", ""),
    "lasts": swap("360/playlist.m3u8", r"EXTINF:4\.0", "EXTINF:3.5"),
    "beside its playlist": swap("360/playlist.m3u8", r"\n00002\.m4s", "\n../240/00002.m4s"),
    "stop at": swap("audio/playlist.m3u8", r"#EXTINF:[\d.]+,\n\d+\.m4s\n#EXT-X-END", "#EXT-X-END"),
    "was due": mistake("360/00002.m4s", "360/00003.m4s"),
}


def test_each_planted_fault_is_found(folder_of: Callable[[str], Path], tmp_path: Path) -> None:
    sound = folder_of("ten frames a second")

    for number, (word, plant) in enumerate(FAULTS.items()):
        folder = tmp_path / f"planted-{number}"
        shutil.copytree(sound, folder)
        plant(folder)
        assert any(word in fault for fault in check(folder)), (word, check(folder))


CAPTION_FAULTS: dict[str, Callable[[Path], None]] = {
    "SUBTITLES": swap("master.m3u8", 'SUBTITLES="text"', 'SUBTITLES="none"'),
    "beside the package": swap("master.m3u8", r'URI="\.\./', 'URI="../../'),
    "have an end": lambda folder: swap("playlist.m3u8", "#EXT-X-ENDLIST\n", "")(captions_of(folder)),
    "lasts": lambda folder: swap("playlist.m3u8", r"EXTINF:[\d.]+", "EXTINF:3.5")(captions_of(folder)),
    "no WebVTT": lambda folder: swap("00001.vtt", "X-TIMESTAMP-MAP", "X-TIME")(captions_of(folder)),
}


def captions_of(folder: Path) -> Path:
    (found,) = re.findall(r'TYPE=SUBTITLES.*URI="([^"]*)"', (folder / "master.m3u8").read_text())
    return (folder / found).parent


def test_faults_of_captions_are_found(folder_of: Callable[[str], Path], tmp_path: Path) -> None:
    whole = folder_of("with captions in the file")
    for number, (word, plant) in enumerate(CAPTION_FAULTS.items()):
        shutil.copytree(whole.parent, tmp_path / f"planted-{number}")
        folder = tmp_path / f"planted-{number}" / whole.name
        plant(folder)
        assert any(word in fault for fault in check(folder)), (word, check(folder))
