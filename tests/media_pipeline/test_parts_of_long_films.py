"""A long film is encoded in parts and joined: the same frames as in one process, playable while it grows, and what goes
wrong costs one part."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from courses.models import Lecture
from jobs import queue, runner, sweeping
from jobs.errors import JobError
from jobs.models import Job
from media_pipeline import assets, boxes, commands, downloads, growth, joining, playlists, splitting, storage, tools
from media_pipeline.asset_progress import ENCODE_PART
from media_pipeline.models import Asset, EncodedStretch, Package
from media_pipeline.playlists import MediaPlaylist
from tests import cast
from tests.media_pipeline import footage, packages

# Browsers do not play it, so there is no first play, and the parts have to show themselves.
UNLIKE_BROWSERS = (
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-profile:v",
    "high444",
    "-pix_fmt",
    "yuv444p",
    "-g",
    "50",
)
COUNT = 3
Receive = Callable[..., Asset]


@pytest.fixture
def receive(committed_db: None, engine: Any, tmp_path: Path, settings: Any) -> Receive:
    """A film of eighteen seconds, which is long here, received and inspected: its parts are queued."""
    settings.SCRATCH_DIR = tmp_path / "scratch"
    settings.ENCODE_PARTS_ABOVE_SECONDS, settings.ENCODE_PART_SECONDS = 10, 6

    def receive(*codecs: str, sound: str | None = "sine", picture: str = footage.PICTURE) -> Asset:
        name = f"{len(list(tmp_path.glob('*.mp4')))}.mp4"
        path = footage.film(tmp_path / name, *(codecs or (*UNLIKE_BROWSERS, *footage.AAC)), picture=picture,
                            sound=sound, seconds=18)  # fmt: skip
        asset = assets.receive_file(cast.member(), path, name="长课.mp4", now=timezone.now())
        assert runner.run_next("fast")
        return fresh(asset)

    return receive


def fresh(asset: Asset) -> Asset:
    return Asset.objects.select_related("cut__package", "uploaded_by").get(pk=asset.pk)


def parts(asset: Asset) -> list[Job]:
    return list(Job.objects.filter(kind=ENCODE_PART, subject__startswith=f"asset:{asset.pk}/").order_by("pk"))


def playlist_of(asset: Asset, version: str) -> MediaPlaylist:
    package = Package.objects.get(cut__asset=asset, stage="ladder")
    with storage.default().open(f"{package.prefix}/{version}/playlist.m3u8") as file:
        return playlists.parse(file.read().decode())


def whole(receive: Receive, settings: Any, **film: Any) -> Asset:
    """The same film in one process."""
    settings.ENCODE_PARTS_ABOVE_SECONDS = 1000
    asset = receive(**film)
    runner.run_due()
    return fresh(asset)


def timelines(asset: Asset, version: str) -> list[boxes.Timeline]:
    folder = packages.folder(asset) / version
    playlist = playlists.parse((folder / "playlist.m3u8").read_text())
    assert playlist.is_ended
    init = (folder / playlist.init).read_bytes()
    return [boxes.timeline(init, (folder / segment.uri).read_bytes()) for segment in playlist.segments]


def is_continuous(lines: list[boxes.Timeline]) -> bool:
    return all(before.end == after.begin for before, after in pairwise(lines))


def test_a_long_film_is_encoded_in_parts_and_they_join_without_a_seam(receive: Receive, settings: Any) -> None:
    asset = receive()
    assert [job.queue for job in parts(asset)] == ["encode"] * COUNT
    assert runner.run_due() == COUNT + 1  # the parts, and joining them

    asset = fresh(asset)
    assert (asset.state, asset.refusal) == ("ready", "")
    assert not EncodedStretch.objects.exists()
    other = whole(receive, settings)
    for version in ("240", "audio"):
        ours, theirs = timelines(asset, version), timelines(other, version)
        assert ours[0].begin == 0
        assert is_continuous(ours)
        assert sum(one.frames for one in ours) == sum(one.frames for one in theirs)
        assert ours[-1].end == theirs[-1].end
    # and as players see them: all frames, at the same times, and nothing to complain of
    for version in ("240", "audio"):
        times = [
            footage.probe(packages.folder(one) / version / "playlist.m3u8", "packet=pts_time") for one in (asset, other)
        ]
        assert sorted(map(float, times[0])) == pytest.approx(sorted(map(float, times[1])), abs=0.002)
    rows = [[(row[:4], row[5]) for row in packages.rows(one)] for one in (asset, other)]
    assert rows[0] == rows[1]
    assert asset.cut
    assert other.cut
    assert asset.cut.package
    assert other.cut.package
    assert asset.cut.package.sprite == other.cut.package.sprite
    stored = packages.stored(asset.cut.package.prefix)
    assert asset.cut.package.bytes == sum(stored.values())
    assert [name.rpartition("/")[2] for name in stored if "init" in name] == ["init.mp4", "init.mp4"]


@pytest.mark.parametrize("sound", ["sine", None])
def test_frame_times_that_vary_are_the_same_in_parts(receive: Receive, settings: Any, sound: str | None) -> None:
    uneven = "testsrc2=size=320x240:rate=25,select='not(between(n,110,180))*mod(n,3)'"
    film = {"picture": uneven, "sound": sound}
    codecs = (*UNLIKE_BROWSERS, "-fps_mode", "vfr", *(footage.AAC if sound else ()))
    asset = receive(*codecs, **film)
    runner.run_due()
    asset = fresh(asset)
    assert (asset.state, len(parts(asset))) == ("ready", COUNT)

    settings.ENCODE_PARTS_ABOVE_SECONDS = 1000
    other = receive(*codecs, **film)
    runner.run_due()

    ours, theirs = timelines(asset, "240"), timelines(fresh(other), "240")
    assert is_continuous(ours)
    assert (sum(one.frames for one in ours), ours[-1].end) == (sum(one.frames for one in theirs), theirs[-1].end)


def test_a_screen_recording_keeps_its_own_picture_and_is_cut_where_that_is(receive: Receive) -> None:
    plain = "color=navy:s=640x480:r=15[a];color=white:s=30x30:r=15[b];[a][b]overlay=x='mod(n,90)':y=40"
    codecs = (*footage.X264, "-bf", "0", "-qp", "40", "-g", "37", "-keyint_min", "37", *footage.AAC)
    asset = receive(*codecs, picture=plain)
    assert runner.run_due() == 1 + COUNT + 1
    asset = fresh(asset)

    assert [row[1] for row in packages.rows(asset)] == ["360", "240", "480", "audio"]
    cuts = {name: playlist_of(asset, name).starts_ms for name in ("480", "360", "240")}
    assert set(cuts["480"]) <= set(cuts["360"])
    assert cuts["360"] == cuts["240"]
    assert is_continuous(timelines(asset, "360"))


def test_it_plays_from_the_first_part_on_and_never_gets_shorter(receive: Receive) -> None:
    asset = receive()
    lengths = []
    for _ in range(COUNT):
        assert runner.run_next("encode")
        asset = fresh(asset)
        assert asset.state == "preparing"
        assert asset.cut
        assert asset.cut.package
        assert not asset.cut.package.verified_at
        playlist = playlist_of(asset, "240")
        assert not playlist.is_ended
        lengths.append(playlist.duration_ms)
    assert playlist_of(asset, "audio").duration_ms == pytest.approx(18_000, abs=100)
    assert lengths == sorted(lengths)
    assert 4_000 <= lengths[0] < lengths[1] < lengths[2]
    assert lengths[2] == pytest.approx(18_000, abs=100)
    assert runner.run_next("fast")
    assert playlist_of(fresh(asset), "240").is_ended


def test_parts_may_end_in_any_order_and_are_told_when_those_before_them_are_there(receive: Receive) -> None:
    asset = receive()
    first, second, third = parts(asset)
    master = f"packages/{asset.public_id}/{Package.objects.get().public_id}/{growth.MASTER}"
    assert runner.run(third.pk)
    assert runner.run(second.pk)
    assert not storage.default().exists(master)

    assert runner.run(first.pk)
    assert storage.default().exists(master)
    assert playlist_of(asset, "240").duration_ms == pytest.approx(18_000, abs=100)
    assert runner.run_next("fast")
    assert fresh(asset).state == "ready"


def test_parts_that_are_encoded_at_the_same_time_make_one_package(receive: Receive) -> None:
    asset = receive()

    def work(name: str) -> None:
        try:
            while runner.run_next("encode", worker=name):
                pass
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[f"host:{number}"]) for number in range(COUNT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Job.objects.filter(kind="media.join").count() == 1
    runner.run_due()

    assert fresh(asset).state == "ready"
    assert is_continuous(timelines(fresh(asset), "240"))
    assert set(Job.objects.values_list("state", "failures", "losses")) == {("done", 0, 0)}


def test_a_killed_part_costs_one_part(receive: Receive) -> None:
    asset = receive()
    _, second, _ = parts(asset)
    now = timezone.now()
    job = runner.claim(second.pk, worker="gone:1", now=now)
    assert job
    runner.run_due()
    assert fresh(asset).state == "preparing"
    Job.objects.filter(pk=second.pk).update(lease_until=now - timedelta(seconds=1))
    sweeping.sweep(timezone.now())
    runner.run_due()

    assert fresh(asset).state == "ready"
    assert [job.attempt for job in parts(asset)] == [1, 2, 1]
    assert is_continuous(timelines(fresh(asset), "240"))


def test_parts_that_do_not_fit_together_give_way_to_one_process(
    receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = receive()

    def gap(*args: Any) -> None:
        raise JobError("output_unsound", permanent=True, what="a gap")

    monkeypatch.setattr(joining, "check_seams", gap)
    runner.run_due()

    assert fresh(asset).state == "ready"
    assert Job.objects.get(kind="media.encode").state == "done"
    assert not EncodedStretch.objects.exists()
    assert not [name for name in packages.stored(f"packages/{asset.public_id}") if "/p00" in name]


def test_a_part_that_fails_for_good_stops_the_others_and_is_gone_on_with(
    receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = receive()
    real = splitting.loudness_of
    calls = []

    def full(asset: Asset) -> Any:
        calls.append(1)
        if len(calls) > 1:
            raise JobError("disk_full", permanent=True)
        return real(asset)

    monkeypatch.setattr(splitting, "loudness_of", full)
    assert runner.run_due() == 2
    asset = fresh(asset)
    assert (asset.state, asset.refusal) == ("failed", "disk_full")
    assert [job.state for job in parts(asset)] == ["done", "failed", "cancelled"]

    monkeypatch.undo()
    assets.retry(asset, cast.editor())
    assert fresh(asset).state == "preparing"
    assert runner.run_due() == 3

    assert fresh(asset).state == "ready"
    assert [(job.subject[-1], job.state) for job in parts(asset)] == [
        ("1", "done"), ("2", "done"), ("3", "cancelled"), ("3", "done")
    ]  # fmt: skip


def test_how_far_it_is_is_one_number_with_the_time_that_is_left(receive: Receive) -> None:
    asset = receive()
    now = timezone.now()
    assert assets.progress(asset, now=now).progress == 60
    first, second, third = parts(asset)
    Job.objects.filter(pk=first.pk).update(
        state="running", progress=500, lease_until=now, started_at=now - timedelta(seconds=10)
    )
    half = assets.progress(asset, now=now)
    share = (EncodedStretch.objects.get(number=1).end_ms or 0) / 2 / 18_000
    assert half.progress == pytest.approx(60 + 900 * share, abs=3)
    assert half.queue_ahead is None
    assert half.seconds_left == pytest.approx(10 / share - 10, abs=2)
    EncodedStretch.objects.filter(number__in=[1, 2]).update(done_at=now)
    Job.objects.filter(pk__in=[first.pk, second.pk]).update(state="done", lease_until=None, progress=1000)
    most = assets.progress(asset, now=now)
    assert most.progress == pytest.approx(60 + 900 * EncodedStretch.objects.get(number=3).start_ms / 18_000, abs=3)
    assert (most.stage, third.state) == ("", "queued")


def test_deleting_it_stops_all_its_parts_and_leaves_nothing(receive: Receive) -> None:
    asset = receive()
    assert runner.run_next("encode")
    claimed = runner.claim(parts(asset)[1].pk, worker="here:1", now=timezone.now())
    assert claimed

    Lecture.objects.all().delete()  # the draft that came with it
    assets.delete(asset)

    assert not Job.objects.active().exists()
    handle = runner.JobHandle(claimed)
    handle.scratch.mkdir(parents=True)
    splitting.encode_part(handle)  # it was just about to begin
    assert packages.stored() == {}
    assert not EncodedStretch.objects.exists()


def test_a_short_film_and_one_that_cannot_be_cut_go_in_one_piece(receive: Receive, settings: Any) -> None:
    across = (*UNLIKE_BROWSERS, "-bf", "2", "-x264-params", "open-gop=1", *footage.AAC)
    receive(*across)
    settings.ENCODE_PARTS_ABOVE_SECONDS = 30
    receive()

    assert list(Job.objects.filter(queue="encode").values_list("kind", flat=True)) == ["media.encode"] * 2


def test_parts_come_one_after_the_other_so_that_short_films_pass_them(receive: Receive) -> None:
    asset = receive()
    ranks = [job.rank for job in parts(asset)]
    assert ranks == sorted(set(ranks))
    short = queue.enqueue(
        "media.encode", subject="asset:0", cost=1.0, now=ranks[1] - timedelta(seconds=5)
    )  # asked for after all parts
    assert ranks[0] < short.rank < ranks[1]


def test_parts_of_different_encoders_give_way_to_one_process_and_are_one_file_to_take_along(
    receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers need not have the same ffmpeg: what one must know to decode would change in the middle."""
    asset = receive(*footage.X264, *footage.AAC)
    real = commands.picture_options

    def otherwise(ladder: Any, threads: int, duration_ms: int, stretch: Any = None) -> dict[str, Any]:
        more = {"x264-params": "cabac=0:ref=3"} if stretch and stretch.number == 2 else {}
        return real(ladder, threads, duration_ms, stretch) | more

    monkeypatch.setattr(commands, "picture_options", otherwise)
    assert runner.run_due() == 1 + COUNT + 2  # first play, parts, joining them in vain, all at once
    asset = fresh(asset)
    assert (asset.state, Job.objects.get(kind="media.join").attempt) == ("ready", 1)
    downloads.want(asset)
    runner.run_due()
    rung = next(name for _, name, *_ in packages.rows(asset))
    paths = (packages.folder(asset) / name for name in (f"{rung}/playlist.m3u8", "lecture.mp4"))
    served, saved = map(decoded, paths)
    assert len(served) > 100
    assert saved == served


def decoded(path: Path) -> list[str]:
    """A hash of each frame of the picture; nothing to complain of."""
    command = [tools.ffmpeg(), "-v", "error", "-i", str(path), "-map", "0:v", "-fps_mode", "passthrough"]
    command += ["-f", "framemd5", "-"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stderr == ""
    return [line.rpartition(",")[2].strip() for line in done.stdout.splitlines() if not line.startswith("#")]
