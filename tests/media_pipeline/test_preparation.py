"""From bytes to playable with the real ffmpeg: what is made of good files."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.dispatch import Signal
from django.utils import timezone
from PIL import Image

from jobs import runner, sweeping
from jobs.models import Job
from media_pipeline import assets, generations, inspection, signals, storage
from media_pipeline.models import Asset, Cut, Package
from push.models import Event
from tests import cast
from tests.media_pipeline import footage, packages

Prepare = Callable[[Path], Asset]


@pytest.fixture
def prepare(committed_db: None, engine: Any, run_jobs: Callable[[], int], tmp_path: Path, settings: Any) -> Prepare:
    """Receives a file and does what is due; answers the asset as it then is."""
    settings.SCRATCH_DIR = tmp_path / "scratch"

    def prepare(path: Path) -> Asset:
        asset = assets.receive_file(cast.member(), path, name=path.name, now=timezone.now())
        assert run_jobs() in {2, 3}  # inspection, first play where it can be, the ladder
        return Asset.objects.select_related("cut__package").get(pk=asset.pk)

    return prepare


@pytest.fixture
def news() -> Iterator[list[tuple[str, str]]]:
    """The signals about assets that were sent, with the state the asset was in."""
    told: list[tuple[str, str]] = []
    receivers: list[tuple[Signal, Any]] = []
    for name in ("asset_ready", "asset_refused", "asset_failed"):

        def receive(sender: Any, asset: Asset, name: str = name, **kwargs: Any) -> None:
            told.append((name, asset.state))

        signal: Signal = getattr(signals, name)
        signal.connect(receive)
        receivers.append((signal, receive))
    yield told
    for signal, receive in receivers:
        signal.disconnect(receive)


def video_rows(asset: Asset) -> list[tuple[str, int, int]]:
    return [(name, width, height) for kind, name, width, height, *_ in packages.rows(asset) if kind == "video"]


def test_a_film_becomes_one_verified_package_that_players_can_play(
    prepare: Prepare, tmp_path: Path, news: list[tuple[str, str]]
) -> None:
    asset = prepare(footage.film(tmp_path / "课.mp4", picture="testsrc2=size=640x360:rate=15", seconds=9))

    assert (asset.state, asset.refusal, asset.width, asset.height) == ("ready", "", 640, 360)
    assert asset.duration_ms == pytest.approx(9000, abs=80)
    assert news == [("asset_ready", "ready")]
    assert asset.ready_at
    assert asset.cut
    assert Cut.objects.get() == asset.cut
    first, package = Package.objects.order_by("pk")
    assert asset.cut.package == package
    assert (first.stage, package.stage) == ("first_play", "ladder")
    assert package.verified_at
    assert package.has_audio
    assert package.sprite == {"columns": 3, "rows": 1, "width": 160, "height": 90, "count": 3}
    assert package.bytes == sum(packages.stored(package.prefix).values())
    versions = ["360", "240", "audio"]
    assert [row[:4] for row in packages.rows(asset)] == [
        ("video", "360", 640, 360), ("video", "240", 426, 240), ("audio", "audio", None, None)
    ]  # fmt: skip
    pieces = ["init.mp4", "00001.m4s", "00002.m4s", "00003.m4s", "playlist.m3u8"]
    assert packages.files(asset) == sorted(
        [f"{name}/{piece}" for name in versions for piece in pieces]
        + ["master.m3u8", "poster.jpg", "poster-small.jpg", "sprite.jpg", "sprite.vtt"]
    )
    root = packages.folder(asset)
    for rendition in package.renditions.all():
        lying = [path.stat().st_size for path in (root / rendition.name).glob("*.m*4*")]
        assert rendition.bytes == sum(lying)
        assert rendition.duration_ms == pytest.approx(9000, abs=80)


def test_playlists_say_what_is_there(prepare: Prepare, tmp_path: Path) -> None:
    asset = prepare(footage.film(tmp_path / "a.mp4", picture="testsrc2=size=320x240:rate=10", seconds=5))
    root = packages.folder(asset)

    (only,) = packages.master(asset)
    assert only["uri"] == "240/playlist.m3u8"
    assert only["RESOLUTION"] == "320x240"
    assert re.fullmatch(r"avc1\.6400[0-9a-f]{2},mp4a\.40\.2", only["CODECS"])
    assert float(only["FRAME-RATE"]) == 10
    assert int(only["BANDWIDTH"]) >= int(only["AVERAGE-BANDWIDTH"]) > 0
    for name in ("240", "audio"):
        playlist = (root / name / "playlist.m3u8").read_text()
        assert playlist.endswith("#EXT-X-ENDLIST\n")
        assert '#EXT-X-MAP:URI="init.mp4"' in playlist
        lengths = [float(length) for length in re.findall(r"#EXTINF:([\d.]+)", playlist)]
        assert sum(lengths) == pytest.approx(5, abs=0.1)
        assert max(lengths) < 4.1
    # and ffmpeg, as any player, finds picture and sound behind the master, all the frames, keys where segments begin
    assert set(footage.probe(root / "master.m3u8", "stream=codec_name")) == {"h264", "aac"}
    frames = footage.probe(root / "240" / "playlist.m3u8", "packet=flags")
    assert len(frames) == 50
    assert [at for at, flags in enumerate(frames) if flags.startswith("K")] == [0, 40]


def test_a_source_that_takes_little_is_itself_the_largest_rung_and_all_rungs_are_cut_where_it_is(
    prepare: Prepare, tmp_path: Path
) -> None:
    """As a screen recorder writes it: hardly any bits, a key frame where it likes."""
    uneven = "color=navy:s=640x480:r=15[a];color=white:s=30x30:r=15[b];[a][b]overlay=x='mod(n,90)':y=40"
    codecs = (*footage.X264, "-bf", "0", "-qp", "40", "-g", "97", "-keyint_min", "97", *footage.AAC)
    asset = prepare(footage.film(tmp_path / "a.mp4", *codecs, picture=uneven, seconds=20))

    first, package = Package.objects.order_by("pk")
    assert [row[1] for row in packages.rows(asset)] == ["360", "240", "480", "audio"]
    assert [one["uri"].split("/")[0] for one in packages.master(asset)] == ["480", "360", "240"]
    root = packages.folder(asset)
    taken, made = root / "480" / "00001.m4s", storage.default().path(f"{first.prefix}/480/00001.m4s")
    assert made
    assert taken.read_bytes() == made.read_bytes()
    cuts = {
        name: [float(length) for length in re.findall(r"#EXTINF:([\d.]+)", (root / name / "playlist.m3u8").read_text())]
        for name in ("480", "360", "240")
    }
    assert max(cuts["480"]) > 6  # at its own keys
    assert max(cuts["360"]) < 4.5  # and between them
    assert cuts["240"] == pytest.approx(cuts["360"], abs=0.07)
    ends = {name: list(itertools.accumulate(lengths)) for name, lengths in cuts.items()}
    assert all(min(abs(end - one) for one in ends["360"]) < 0.07 for end in ends["480"])
    assert package.bytes == sum(packages.stored(package.prefix).values())


def test_what_could_be_played_first_goes_on_playing_when_the_ladder_takes_over(
    prepare: Prepare, tmp_path: Path
) -> None:
    asset = prepare(footage.film(tmp_path / "a.mp4", seconds=5))

    first = Package.objects.get(stage="first_play")
    assert asset.cut
    assert asset.cut.package_id != first.pk
    kept = packages.stored(first.prefix)
    assert {f"{first.prefix}/{name}" for name in ("master.m3u8", "240/00001.m4s", "audio/00001.m4s")} <= set(kept)
    assert first.renditions.get(name="240").height == 240


def test_pictures_show_the_film(prepare: Prepare, tmp_path: Path) -> None:
    """Five seconds of red, then of blue: the poster is from the beginning, the tiles from both."""
    colours = "color=red:s=320x180:r=5:d=4[a];color=blue:s=320x180:r=5:d=4[b];[a][b]concat"
    asset = prepare(footage.film(tmp_path / "a.mp4", picture=colours, seconds=8))
    root = packages.folder(asset)

    sizes = {}
    for name in ("poster.jpg", "poster-small.jpg", "sprite.jpg"):
        with Image.open(root / name) as picture:
            sizes[name] = picture.size
    assert sizes == {"poster.jpg": (320, 180), "poster-small.jpg": (320, 180), "sprite.jpg": (320, 90)}
    assert colour(root / "poster.jpg", 160, 90) == "red"
    assert colour(root / "sprite.jpg", 80, 45) == "red"
    assert colour(root / "sprite.jpg", 240, 45) == "blue"
    assert "00:00:04.000 --> 00:00:08.0" in (root / "sprite.vtt").read_text()


def colour(path: Path, x: int, y: int) -> str:
    with Image.open(path) as picture:
        red, _green, blue = picture.convert("RGB").getpixel((x, y))  # type: ignore[misc]
    return "red" if red > blue + 100 else "blue" if blue > red + 100 else f"{red},{blue}"


SOURCES = {
    "hevc.mov": (
        "libx265",
        ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", *footage.AAC],
    ),
    "vp9.webm": ("libvpx-vp9", ["-c:v", "libvpx-vp9", "-cpu-used", "8", "-b:v", "100k", "-c:a", "libopus"]),
    "h264.mkv": ("libx264", [*footage.X264, "-c:a", "libmp3lame"]),
}


@pytest.mark.parametrize("name", SOURCES)
def test_what_phones_and_recorders_write_is_taken(prepare: Prepare, tmp_path: Path, name: str) -> None:
    encoder, codecs = SOURCES[name]
    footage.needs(encoder, *(codec for codec in ("libopus", "libmp3lame") if codec in codecs))

    asset = prepare(footage.film(tmp_path / name, *codecs))

    assert (asset.state, asset.refusal) == ("ready", "")
    assert video_rows(asset) == [("240", 320, 240)]
    assert set(footage.probe(packages.folder(asset) / "master.m3u8", "stream=codec_name")) == {"h264", "aac"}


def test_a_film_held_upright_stands_upright(prepare: Prepare, tmp_path: Path) -> None:
    """Red left and blue right, turned a quarter clockwise by its flag: red on top."""
    halves = "color=red:s=240x320:r=10[a];color=blue:s=240x320:r=10[b];[a][b]hstack"
    asset = prepare(footage.upright(footage.film(tmp_path / "a.mp4", picture=halves)))

    assert (asset.width, asset.height) == (320, 480)
    assert video_rows(asset) == [("320", 320, 480), ("240", 240, 360)]
    assert packages.master(asset)[0]["RESOLUTION"] == "320x480"
    poster = packages.folder(asset) / "poster.jpg"
    assert (colour(poster, 160, 100), colour(poster, 160, 380)) == ("red", "blue")


def test_frame_times_that_vary_are_kept(prepare: Prepare, tmp_path: Path) -> None:
    uneven = "testsrc2=size=320x240:rate=25,select='not(between(n,10,40))*mod(n,3)'"
    source = footage.film(
        tmp_path / "a.mp4", *footage.X264, "-fps_mode", "vfr", *footage.AAC, picture=uneven, seconds=3
    )
    asset = prepare(source)

    assert asset.inspection.info["video"]["is_constant"] is False
    packets = footage.probe(packages.folder(asset) / "240" / "playlist.m3u8", "packet=pts_time")
    before = footage.probe(source, "packet=pts_time", "-select_streams", "v")
    assert [float(time) for time in packets] == pytest.approx(sorted(float(time) for time in before), abs=0.05)
    assert "FRAME-RATE" not in packages.master(asset)[0]
    assert [row[5] for row in packages.rows(asset)] == pytest.approx([3000, 3000], abs=80)


def test_a_film_without_sound_has_a_package_without_sound(prepare: Prepare, tmp_path: Path) -> None:
    asset = prepare(footage.film(tmp_path / "a.mp4", *footage.X264, sound=None))

    assert asset.cut
    assert asset.cut.package
    assert not asset.cut.package.has_audio
    assert not [name for name in packages.files(asset) if name.startswith("audio")]
    assert "mp4a" not in packages.master(asset)[0]["CODECS"]


def test_an_odd_size_is_made_even(prepare: Prepare, tmp_path: Path) -> None:
    footage.needs("libvpx-vp9")
    codecs = ("-c:v", "libvpx-vp9", "-cpu-used", "8", "-pix_fmt", "yuv420p")
    asset = prepare(
        footage.film(
            tmp_path / "a.webm", *codecs, picture="testsrc2=size=162x122:rate=10,crop=161:121:exact=1", sound=None
        )
    )

    assert (asset.width, asset.height) == (161, 121)
    assert video_rows(asset) == [("121", 160, 120)]


def test_sixty_frames_a_second_are_halved(prepare: Prepare, tmp_path: Path) -> None:
    asset = prepare(footage.film(tmp_path / "a.mp4", picture="testsrc2=size=320x240:rate=60"))

    assert float(packages.master(asset)[0]["FRAME-RATE"]) == 30
    assert len(footage.probe(packages.folder(asset) / "240" / "playlist.m3u8", "packet=pts_time")) == 60


@pytest.mark.parametrize("late", ["picture", "sound"])
def test_a_track_that_begins_late_is_led_in(prepare: Prepare, tmp_path: Path, late: str) -> None:
    first, second = footage.film(tmp_path / "now.mp4", seconds=4), footage.film(tmp_path / "later.mp4", seconds=3)
    picture, sound = ("1:v", "0:a") if late == "picture" else ("0:v", "1:a")
    source = footage.ffmpeg(
        tmp_path / "a.mkv", "-i", str(first), "-itsoffset", "1", "-i", str(second), "-map", picture, "-map", sound,
        "-c", "copy",
    )  # fmt: skip
    asset = prepare(source)

    assert (asset.state, asset.refusal_params) == ("ready", {})
    assert asset.inspection.info["video"]["start_ms"] == pytest.approx(1000 if late == "picture" else 0, abs=60)
    for name in ("240", "audio"):
        times = footage.probe(packages.folder(asset) / name / "playlist.m3u8", "packet=pts_time")
        assert min(map(float, times)) == pytest.approx(0, abs=0.1)


def test_nothing_the_phone_noted_reaches_the_package(prepare: Prepare, tmp_path: Path) -> None:
    noted = {
        "title": "SECRET-TITLE",
        "artist": "SECRET-NAME",
        "com.apple.quicktime.location.ISO6709": "+39.9042+116.4074/",
        "comment": "SECRET",
    }
    notes = [word for name, note in noted.items() for word in ("-metadata", f"{name}={note}")]
    source = footage.film(
        tmp_path / "a.mov", *footage.X264, *footage.AAC, *notes, "-movflags", "use_metadata_tags",
        "-metadata:s:v", "title=SECRET-TRACK",
    )  # fmt: skip
    assert b"SECRET" in source.read_bytes()
    assert b"116.4074" in source.read_bytes()

    root = packages.folder(prepare(source))

    for path in root.rglob("*.*"):
        assert b"SECRET" not in path.read_bytes(), path.name
        assert b"116.4074" not in path.read_bytes(), path.name
        assert b"GPS" not in path.read_bytes() or path.suffix not in {".jpg"}, path.name


def test_the_member_sees_each_stage_go_by(prepare: Prepare, tmp_path: Path) -> None:
    asset = prepare(footage.film(tmp_path / "a.mp4"))

    told = list(Event.objects.filter(channel=f"member:{asset.uploaded_by_id}", kind="job").order_by("pk"))
    stages = [event.payload["stage"] for event in told if event.payload["stage"]]
    assert list(dict.fromkeys(stages)) == ["inspect", "first_play", "encode", "pictures", "verify", "publish"]
    assert told[-1].payload["progress"] == 1000
    said = [(event.payload["state"], event.payload["playable"]) for event in Event.objects.filter(kind="asset")]
    assert list(dict.fromkeys(said)) == [
        ("received", False), ("preparing", False), ("preparing", True), ("ready", True)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "during"), [("media.inspect", (inspection, "inspect")), ("media.first_play", (generations, "begin"))]
)
@pytest.mark.usefixtures("committed_db", "engine")
def test_what_comes_after_a_stage_that_was_killed_at_its_very_end_is_done_once(
    kind: str, during: tuple[Any, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between its last transaction and its job's; the next stages end while the stage is tried again."""
    asset = assets.receive_file(cast.member(), footage.film(tmp_path / "a.mp4"), name="a.mp4", now=timezone.now())
    while not (job := Job.objects.filter(kind=kind).first()):
        runner.run(Job.objects.get(state="queued").pk)
    monkeypatch.setattr(runner, "finish", lambda job, now: False)
    runner.run(job.pk)
    monkeypatch.undo()
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now())
    sweeping.sweep(timezone.now())
    assert Job.objects.get(pk=job.pk).state == "queued"
    real = getattr(*during)

    def slowly(*args: Any, **facts: Any) -> Any:
        monkeypatch.undo()
        runner.run_due()
        return real(*args, **facts)

    monkeypatch.setattr(*during, slowly)
    runner.run(job.pk)
    runner.run_due()

    assert Asset.objects.get(pk=asset.pk).state == "ready"
    assert Counter(Job.objects.filter(state="done").values_list("kind", flat=True)) == {
        "media.inspect": 1, "media.first_play": 1, "media.encode": 1
    }  # fmt: skip
    assert [event.payload["state"] for event in Event.objects.filter(kind="asset")].count("ready") == 1


def test_nothing_is_left_in_the_scratch_folder(prepare: Prepare, tmp_path: Path) -> None:
    asset = prepare(footage.film(tmp_path / "a.mp4", *footage.X264, sound=None))

    assert list((tmp_path / "scratch").iterdir()) == []
    assert set(packages.stored()) == {
        f"sources/{asset.public_id}", *packages.stored(f"packages/{asset.public_id}")
    }  # fmt: skip
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}
