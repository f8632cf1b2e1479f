"""Cuts made by the real ffmpeg: picture and sound together, beside what is served."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from courses.models import Lecture
from jobs.models import Job
from media_pipeline import assets, cuts, signals, storage, tools
from media_pipeline.models import Asset, Cut, Package
from tests import cast
from tests.media_pipeline import footage, packages
from ui.sentences import Refused

NOW = timezone.now()
# White and loud in every odd second, black and silent in every even one.
FLASHES = "color=black:size=320x240:rate=25,drawbox=color=white:t=fill:enable='gte(mod(t,2),1)'"
BEEPS = "aevalsrc='if(gte(mod(t,2),1),0.5*sin(2*PI*880*t),0)':s=48000"
ONE_FRAME = 0.04


@pytest.fixture
def prepare(
    committed_db: None, engine: Any, run_jobs: Callable[[], int], tmp_path: Path, settings: Any
) -> Callable[[Path], Asset]:
    settings.SCRATCH_DIR = tmp_path / "scratch"

    def prepare(path: Path) -> Asset:
        asset = assets.receive_file(cast.member(), path, name=path.name, now=NOW)
        run_jobs()
        return again(asset)

    return prepare


@pytest.fixture
def ready(prepare: Callable[[Path], Asset], prepared: Any, tmp_path: Path) -> Asset:
    """One of four seconds."""
    make = lambda: prepare(footage.film(tmp_path / "a.mp4", seconds=4))  # noqa: E731 - named for what it is
    asset: Asset = prepared.give("four-seconds", tmp_path / "media", make)
    return again(asset)


@pytest.fixture
def told() -> Iterator[list[Cut]]:
    """Cuts that were said to be ready."""
    ready: list[Cut] = []

    def hear(sender: Any, cut: Cut, **kwargs: Any) -> None:
        ready.append(cut)

    signals.cut_ready.connect(hear)
    yield ready
    signals.cut_ready.disconnect(hear)


def again(asset: Asset) -> Asset:
    return Asset.objects.select_related("cut__package", "uploaded_by").get(pk=asset.pk)


def cut(asset: Asset, *ranges: tuple[int, int]) -> Cut:
    return cuts.keeping(asset, [list(one) for one in ranges], by=asset.uploaded_by, now=NOW)


def made(asset: Asset, *ranges: tuple[int, int]) -> Path:
    """The folder of the package of a cut that is made and taken."""
    chosen = cut(asset, *ranges)
    assert Job.objects.filter(subject=f"asset:{asset.pk}/cut:{chosen.number}", state="queued").exists()
    run_due()
    cuts.take(Cut.objects.get(pk=chosen.pk), now=NOW)
    return packages.folder(again(asset))


def run_due() -> None:
    from jobs import runner

    runner.run_due()


def measured(playlist: Path, filters: str, key: str) -> list[tuple[float, float]]:
    """What a filter says of each frame: (when, what)."""
    kind = "-af" if "astats" in filters else "-vf"
    done = subprocess.run(
        [tools.ffmpeg(), "-v", "error", "-nostdin", "-i", str(playlist), kind, f"{filters},metadata=print:file=-"
         if kind == "-vf" else f"{filters},ametadata=print:file=-", "-f", "null", "-"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    times = re.findall(rf"pts_time:(\S+)[^\n]*\n(?:(?!frame:).*\n)*?{re.escape(key)}=(\S+)", done.stdout)
    return [(float(at), float(value)) for at, value in times]


def bright(root: Path, rung: str = "240") -> list[tuple[float, float]]:
    return measured(root / rung / "playlist.m3u8", "signalstats", "lavfi.signalstats.YAVG")


def loud(root: Path) -> list[tuple[float, float]]:
    """Peaks of every ten milliseconds, in dB."""
    stats = "aresample=48000,asetnsamples=n=480,astats=metadata=1:reset=1:measure_overall=Peak_level"
    return measured(root / "audio" / "playlist.m3u8", stats, "lavfi.astats.Overall.Peak_level")


def edges(values: list[tuple[float, float]], limit: float) -> list[tuple[float, bool]]:
    """When it rises above or falls below `limit`."""
    found, before = [], False
    for at, value in values:
        if (value > limit) != before:
            before = value > limit
            found.append((at, before))
    return found


def test_picture_and_sound_are_cut_together_within_one_frame(prepare: Any, tmp_path: Path) -> None:
    asset = prepare(footage.film(tmp_path / "a.mp4", picture=FLASHES, sound=BEEPS, seconds=16))
    root = made(asset, (500, 3300), (6700, 7250), (9120, 12_480), (14_000, 15_560))

    # 0.5–3.3 | 6.7–7.25 | 9.12–12.48 | 14–15.56: where it is white and loud in the cut, by hand
    expected = [
        (0.5, True), (1.5, False), (2.5, True), (2.8, False), (3.1, True), (4.23, False), (5.23, True), (6.23, False),
        (7.71, True),
    ]  # fmt: skip
    seen, heard = edges(bright(root), 120), edges(loud(root), -30)
    assert [one for _, one in seen] == [one for _, one in expected]
    assert [at for at, _ in seen] == pytest.approx([at for at, _ in expected], abs=ONE_FRAME)
    assert [one for _, one in heard] == [one for _, one in expected]
    assert [at for at, _ in heard] == pytest.approx([at for at, _ in expected], abs=ONE_FRAME)
    assert again(asset).duration_ms == pytest.approx(2800 + 550 + 3360 + 1560, abs=60)


def test_a_slide_that_stood_there_already_is_seen_where_a_piece_begins(prepare: Any, tmp_path: Path) -> None:
    """Three slides with times of their own, as screen recorders write them."""
    slides = "color=0x333333:size=320x240:rate=50:duration=20"  # of a brightness of 60, 120, 200
    for since, shade in ((4, "0x797979"), (9.5, "0xd6d6d6")):
        slides += f",drawbox=color={shade}:t=fill:enable='gte(t,{since})'"
    changes = f"{slides},select='eq(n,0)+eq(n,100)+eq(n,200)+eq(n,475)+eq(n,700)+eq(n,999)'"
    source = footage.film(
        tmp_path / "a.mkv", *footage.X264, "-fps_mode", "vfr", *footage.AAC, picture=changes, seconds=20
    )
    root = made(prepare(source), (1000, 3000), (5000, 7000), (12_000, 13_000))

    shades = [(round(at, 1), round(value)) for at, value in bright(root)]
    assert [at for at, _ in shades] == pytest.approx([0.0, 1.0, 2.0, 4.0], abs=0.1)
    assert [value for _, value in shades] == pytest.approx([60, 60, 120, 200], abs=6)


def test_varying_frame_times_are_kept(prepare: Any, tmp_path: Path) -> None:
    jumpy = "testsrc2=size=320x240:rate=25:duration=8,select='not(mod(n,7))+not(mod(n,3))'"
    source = footage.film(tmp_path / "a.mkv", *footage.X264, "-fps_mode", "vfr", *footage.AAC, picture=jumpy, seconds=8)
    asset = prepare(source)
    whole = [at for at, _ in bright(packages.folder(asset))]
    root = made(asset, (2000, 5000))

    kept = [at - 2 for at in whole if 2 <= at < 5]
    found = [at for at, _ in bright(root)]
    assert found[-len(kept) :] == pytest.approx(kept, abs=0.015)
    assert len(found) <= len(kept) + 1  # and the one that was seen when it began


def test_without_sound_there_is_none_in_the_cut(prepare: Any, tmp_path: Path) -> None:
    asset = prepare(footage.film(tmp_path / "a.mp4", picture=FLASHES, sound=None, seconds=6))
    root = made(asset, (1500, 4500))

    assert not (root / "audio").exists()
    seen = edges(bright(root), 120)
    assert [one for _, one in seen] == [True, False, True, False]
    assert [at for at, _ in seen] == pytest.approx([0, 0.5, 1.5, 2.5], abs=ONE_FRAME)


def test_sound_may_end_before_the_last_piece_begins(prepare: Any, tmp_path: Path) -> None:
    source = footage.ffmpeg(
        tmp_path / "a.mkv", "-f", "lavfi", "-t", "8", "-i", FLASHES, "-f", "lavfi", "-t", "4", "-i", BEEPS,
        *footage.X264, *footage.AAC,
    )  # fmt: skip
    root = made(prepare(source), (1000, 3000), (5000, 8000))
    assert max(at for at, _ in loud(root)) == pytest.approx(2, abs=0.1)
    assert max(at for at, _ in bright(root)) == pytest.approx(4.96, abs=0.05)


def test_a_hundred_pieces_are_one_process_all_the_same(prepare: Any, tmp_path: Path) -> None:
    asset = prepare(footage.film(tmp_path / "a.mp4", picture=FLASHES, sound=BEEPS, seconds=30))
    made(asset, *[(number * 300, number * 300 + 160) for number in range(100)])
    assert again(asset).duration_ms == pytest.approx(16_000, abs=100)


# ---- beside what is served ----


def test_the_old_cut_is_served_until_the_new_one_is_taken(ready: Asset, told: list[Cut]) -> None:
    served = ready.cut
    chosen = cut(ready, (1000, 3000))

    with pytest.raises(Refused, match=r".") as refused:
        cuts.take(chosen, now=NOW)
    assert refused.value.code == "cut_not_made"
    assert (again(ready).state, again(ready).cut) == ("ready", served)
    run_due()
    assert told == [chosen]
    assert (again(ready).state, again(ready).cut) == ("ready", served)

    cuts.take(chosen, now=NOW)
    assert again(ready).cut == chosen
    assert again(ready).duration_ms == pytest.approx(2000, abs=60)
    assert Package.objects.filter(cut=served).exists()  # who watches goes on
    assert storage.default().exists(ready.source_key)


def test_the_same_ranges_are_the_same_cut_and_all_of_it_is_the_first(ready: Asset) -> None:
    chosen = cut(ready, (1000, 3000))

    assert cut(ready, (1000, 3000)) == chosen
    assert cut(ready, (0, 4000)) == ready.cut
    assert Job.objects.filter(kind="media.encode", state="queued").count() == 1


def test_a_cut_given_up_leaves_nothing_and_can_be_made_again(ready: Asset) -> None:
    before = packages.stored()
    chosen = cut(ready, (1000, 3000))
    run_due()
    cuts.give_up(chosen)
    assert packages.stored() == before
    assert not Package.objects.filter(cut=chosen).exists()

    waiting = cut(ready, (1000, 3000))
    cuts.give_up(waiting)
    assert not Job.objects.active().exists()
    assert made(ready, (1000, 3000)).is_dir()
    cuts.give_up(chosen)  # the one that is served stays
    assert again(ready).cut == chosen
    assert packages.folder(again(ready)).is_dir()


def test_a_cut_asked_for_while_all_of_it_is_still_being_made(prepare: Any, tmp_path: Path, told: list[Cut]) -> None:
    """Trimmed during first play: whichever is made first, the cut wins once it is taken."""
    path = footage.film(tmp_path / "a.mp4", seconds=4)
    asset = assets.receive_file(cast.member(), path, name="a.mp4", now=NOW)
    while not Job.objects.filter(kind="media.encode").exists():
        run_next()
    asset = again(asset)
    assert asset.state == "preparing"
    chosen = cut(asset, (1000, 3000))
    Job.objects.filter(kind="media.encode", subject=f"asset:{asset.pk}").update(not_before=NOW.replace(year=2100))
    run_due()
    assert told == [chosen]
    cuts.take(chosen, now=NOW)
    assert (again(asset).state, again(asset).cut) == ("ready", chosen)

    Job.objects.filter(state="queued").update(not_before=NOW)
    run_due()  # what was still to be made of all of it is not waited for
    assert not Job.objects.active().exists()
    assert (again(asset).state, again(asset).cut) == ("ready", chosen)


def run_next() -> None:
    from jobs import runner

    job = Job.objects.filter(state="queued").order_by("pk").first()
    assert job
    runner.run(job.pk)


def test_a_cut_that_cannot_be_made_leaves_the_asset_ready(ready: Asset, monkeypatch: pytest.MonkeyPatch) -> None:
    failed: list[Cut] = []

    def hear(sender: Any, cut: Cut, **kwargs: Any) -> None:
        failed.append(cut)

    signals.cut_failed.connect(hear)
    chosen = cut(ready, (1000, 3000))
    storage.default().delete(ready.source_key)
    run_due()
    Job.objects.filter(state="queued").update(not_before=NOW)
    run_due()
    Job.objects.filter(state="queued").update(not_before=NOW)
    run_due()
    signals.cut_failed.disconnect(hear)

    assert failed == [chosen]
    assert (again(ready).state, again(ready).refusal) == ("ready", "")


def test_deleting_the_asset_stops_the_cut(ready: Asset) -> None:
    cut(ready, (1000, 3000))
    Lecture.objects.filter(asset=ready).delete()
    assets.delete(ready)
    assert not Job.objects.active().exists()
    assert not Cut.objects.exists()
