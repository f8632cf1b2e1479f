"""Files that cannot become a lecture: each is told why, and nothing of it is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from courses.models import Lecture
from jobs import runner as jobs
from jobs.models import Job
from media_pipeline import assets, runner, signals
from media_pipeline.growth import Growth
from media_pipeline.models import Asset, Cut
from push.models import Event
from tests import cast
from tests.media_pipeline import footage, packages
from ui.sentences import Refused

Receive = Callable[[Path], Asset]
SILENT = {"sound": None}
UNLIKE_BROWSERS = ("-c:v", "mpeg4")  # no browser plays it, so there is no first play before the ladder


@pytest.fixture
def receive(committed_db: None, engine: Any, tmp_path: Path, settings: Any) -> Receive:
    settings.SCRATCH_DIR = tmp_path / "scratch"
    return lambda path: assets.receive_file(cast.member(), path, name="课.mp4", now=timezone.now())


def text(path: Path) -> Path:
    path.write_text("把讲稿改名成了视频。\n" * 300)
    return path


def lure(path: Path) -> Path:
    """A playlist that names a film which is there."""
    target = footage.film(path.with_name("other.ts"), sound=None)
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{target}\n#EXT-X-ENDLIST\n")
    return path


def concat(path: Path) -> Path:
    path.write_text(f"ffconcat version 1.0\nfile {lure(path.with_name('x')).with_name('other.ts')}\n")
    return path


def protected(path: Path) -> Path:
    key = ("-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "76a6c65c5ea762046bd749a2e632ccbb",
           "-encryption_kid", "a7e61c373e219033c21091fa607bf3b8")  # fmt: skip
    return footage.film(path, *footage.X264, *key, sound=None)


MADE: dict[str, Callable[[Path], Path]] = {
    "text": text,
    "playlist": lure,
    "concat script": concat,
    "header lost": lambda path: footage.without_header(footage.film(path)),
    "sound only": lambda path: footage.film(path, *footage.AAC, picture=None),
    "protected": protected,
    "damaged": lambda path: footage.damaged(footage.film(path, **SILENT)),
    "short": lambda path: footage.film(path, seconds=0.1),
    "three seconds": lambda path: footage.film(path, *footage.X264, seconds=3, **SILENT),
    "wide": lambda path: footage.film(path, *footage.X264, picture="testsrc2=size=320x32:rate=10", **SILENT),
}


@pytest.mark.parametrize(
    ("made", "limit", "refusal"),
    [
        ("text", {}, ("not_media", {})),
        ("playlist", {}, ("not_media", {})),
        ("concat script", {}, ("not_media", {})),
        ("header lost", {}, ("no_header", {})),
        ("sound only", {}, ("audio_only", {})),
        ("protected", {}, ("encrypted", {})),
        ("damaged", {}, ("cannot_decode", {})),
        ("short", {}, ("too_short", {})),
        ("three seconds", {"LECTURE_MAX_SECONDS": 2}, ("too_long", {"minutes": 1, "limit": 0})),
        (
            "three seconds",
            {"LECTURE_MAX_PIXELS_A_SIDE": 300},
            ("too_large_picture", {"width": 320, "height": 240, "limit": 300}),
        ),
        ("wide", {}, ("odd_aspect", {"width": 320, "height": 32, "limit": 8})),
    ],
)
def test_what_cannot_become_a_lecture_is_refused_once_and_not_kept(
    receive: Receive, tmp_path: Path, made: str, limit: dict[str, int], refusal: tuple[str, dict[str, int]]
) -> None:
    asset = receive(MADE[made](tmp_path / "a.mp4"))
    told: list[str] = []

    def hear(sender: Any, asset: Asset, **kwargs: Any) -> None:
        told.append(asset.refusal)

    signals.asset_refused.connect(hear)
    try:
        with override_settings(**limit):
            assert jobs.run_due() >= 1
    finally:
        signals.asset_refused.disconnect(hear)

    asset.refresh_from_db()
    assert (asset.state, asset.refusal, asset.refusal_params) == ("refused", *refusal)
    assert told == [asset.refusal]
    assert not Job.objects.active().exists()
    assert not Cut.objects.exists()
    assert packages.stored() == {}
    assert list((tmp_path / "scratch").iterdir()) == []
    assert (tmp_path / "a.mp4").exists()  # the member's own copy
    last = Event.objects.filter(channel=f"member:{asset.uploaded_by_id}", kind="asset").latest("pk")
    assert (last.payload["state"], last.payload["refusal"]) == ("refused", asset.refusal)


def test_an_empty_file_is_not_even_received(receive: Receive, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()

    with pytest.raises(Refused) as error:
        receive(tmp_path / "a.mp4")

    assert error.value.code == "upload_empty"
    assert packages.stored() == {}
    assert not Asset.objects.exists()


# ---- our own fault ----


@pytest.mark.parametrize(
    ("ending", "error", "counted"),
    [
        (runner.TimedOut(), "encoder_too_slow", (3, 0)),
        (runner.Killed(), "job_lost_too_often", (0, 8)),
        (runner.Finished(-11, "", "", 1.0, 1), "encoder_failed", (3, 0)),
        (runner.Finished(1, "", "x264: Cannot allocate memory", 1.0, 1), "encoder_failed", (3, 0)),
        (runner.Finished(1, "", "av_interleaved_write_frame(): No space left on device", 1.0, 1), "disk_full", (6, 0)),
        (runner.Finished(0, "", "", 1.0, 1), "output_unsound", (3, 0)),  # and nothing was written
        (OSError(5, "the storage is away"), "storage_away", (6, 0)),
    ],
)
def test_what_goes_wrong_on_our_side_is_tried_again_and_the_source_is_kept(
    receive: Receive,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    ending: Any,
    error: str,
    counted: tuple[int, int],
) -> None:
    asset = receive(footage.film(tmp_path / "a.mp4", *UNLIKE_BROWSERS, sound=None))
    real = runner.run

    def breaks(args: Any, **options: Any) -> Any:
        if not options.get("on_progress"):
            return real(args, **options)
        if isinstance(ending, Exception):
            raise ending
        return ending

    monkeypatch.setattr(runner, "run", breaks)
    tries = jobs.run_due() - 1  # without the inspection
    while Job.objects.latest("pk").state == "queued":
        Job.objects.update(not_before=timezone.now())
        tries += jobs.run_due()
    assert tries == sum(counted)

    asset.refresh_from_db()
    job = Job.objects.latest("pk")
    assert (asset.state, asset.refusal, job.state) == ("failed", error, "failed")
    assert (job.failures, job.losses) == counted
    assert set(packages.stored()) == {asset.source_key}

    monkeypatch.undo()
    assets.retry(asset, cast.editor())
    assert jobs.run_due() == 1
    asset.refresh_from_db()
    assert (asset.state, asset.refusal) == ("ready", "")


def test_a_full_disk_while_storing_leaves_a_job_to_do_again(
    receive: Receive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = receive(footage.film(tmp_path / "a.mp4", *UNLIKE_BROWSERS, sound=None))

    def full(*args: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Growth, "complete", full)
    assert jobs.run_due() == 2

    asset.refresh_from_db()
    job = Job.objects.latest("pk")
    assert (asset.state, job.state, job.error, job.failures) == ("preparing", "queued", "disk_full", 1)


def test_an_asset_that_was_deleted_meanwhile_leaves_nothing(
    receive: Receive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = receive(footage.film(tmp_path / "a.mp4", *UNLIKE_BROWSERS, sound=None))
    complete = Growth.complete

    def deleted_by_its_owner(self: Growth, *args: Any) -> int:
        size = complete(self, *args)
        Lecture.objects.all().delete()
        assets.delete(Asset.objects.get())
        self._stored.clear()
        complete(self, lambda done, of: None)  # what was already on its way arrives after all
        return size

    monkeypatch.setattr(Growth, "complete", deleted_by_its_owner)
    assert jobs.run_due() == 2

    assert not Asset.objects.filter(pk=asset.pk).exists()
    assert Job.objects.latest("pk").state == "cancelled"
    assert packages.stored() == {}
