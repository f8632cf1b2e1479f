"""A file may be whatever its sender wants. None leads us to another file, or to an address."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from media_pipeline import assets, inspection, refusals, runner, tools
from media_pipeline.models import Asset
from tests import cast
from tests.media_pipeline import footage, lures
from tests.media_pipeline.lures import SCRIPTS, Canary

NAMES = ["a.mp4", "a.m3u8", "a.ffconcat", "a.mpd", "a.sdp", "%03d.png", "a*.jpg", "concat:a|b", "http:a.mp4"]


@pytest.fixture
def canary(tmp_path: Path) -> Iterator[Canary]:
    """A good film, which nobody was told to open."""
    (tmp_path / "beside").mkdir()
    watched = Canary(footage.film(tmp_path / "beside" / "canary.mp4", sound=None, seconds=1))
    watched.was_opened()  # by its making
    yield watched
    watched.close()


def test_the_canary_knows_when_it_is_opened(canary: Canary) -> None:
    assert not canary.was_opened()
    canary.path.read_bytes()
    assert canary.was_opened()


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_that_names_a_file_opens_nothing(tmp_path: Path, script: str, canary: Canary) -> None:
    lure = tmp_path / "lure.mp4"
    for target in (str(canary.path), "beside/canary.mp4", f"file:{canary.path}"):
        lure.write_text(SCRIPTS[script].format(target=target, port=9))
        with pytest.raises(inspection.NotMedia):
            inspection.inspect(lure)

    assert not canary.was_opened()


@pytest.mark.parametrize("script", ["concat", "playlist"])
def test_ffmpeg_would_be_led_if_it_were_not_held(tmp_path: Path, script: str, canary: Canary) -> None:
    lure = tmp_path / "lure.mp4"
    lure.write_text(SCRIPTS[script].format(target="beside/canary.mp4", port=9))

    runner.run([tools.ffprobe(), "-v", "error", str(lure)], timeout=60)

    assert canary.was_opened()


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_that_names_an_address_asks_nothing(tmp_path: Path, script: str) -> None:
    lure = tmp_path / "lure.mp4"
    with lures.listening() as (port, asked):
        for scheme in ("http", "tcp", "rtsp", "rtmp", "hls+http"):
            lure.write_text(SCRIPTS[script].format(target=f"{scheme}://127.0.0.1:{port}/a.ts", port=port))
            with pytest.raises(inspection.NotMedia):
                inspection.inspect(lure)

    assert asked == []


def test_a_track_that_lies_in_another_file_is_not_fetched(canary: Canary) -> None:
    film = footage.film(canary.path.with_name("lure.mov"), *footage.X264, sound=None, seconds=1)
    lure = lures.with_far_track(film, canary.path)
    follow = ["-enable_drefs", "1", "-use_absolute_path", "1", "-v", "error", "-show_packets"]
    runner.run([tools.ffprobe(), *follow, str(lure)], timeout=60)
    assert canary.was_opened()  # so it leads there

    refusal = refusals.refuse(inspection.inspect(lure))

    assert not canary.was_opened()
    assert refusal
    assert refusal.code == "no_frames"


@pytest.mark.usefixtures("committed_db", "engine")
@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_no_pattern_and_no_address(
    run_jobs: Callable[[], int], tmp_path: Path, canary: Canary, name: str
) -> None:
    shutil.copy(footage.film(tmp_path / "of.mp4", *footage.X264, sound=None, seconds=1), tmp_path / name)
    (tmp_path / "001.png").write_bytes(canary.path.read_bytes())
    canary.was_opened()

    asset = assets.receive_file(cast.member(), tmp_path / name, name=name, now=timezone.now())
    run_jobs()

    asset = Asset.objects.get(pk=asset.pk)
    assert (asset.state, asset.width) == ("ready", 320)
    assert not canary.was_opened()
