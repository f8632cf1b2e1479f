"""The one file to take along: what is in it, its link, and that it goes again. On the real pipeline."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.utils import timezone

from jobs.models import Job
from media_pipeline import assets, cuts, delivery, downloads, storage, tools
from media_pipeline.models import Asset, Cut, Package
from tests import cast
from tests.media_pipeline import footage, packages
from tests.media_pipeline.serving import served
from ui import sentences

MakeReady = Callable[[Path], Asset]


def probe(path: Path) -> Any:
    done = subprocess.run(
        [tools.ffprobe(), "-v", "error", "-show_streams", "-show_format", "-of", "json", path],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def lecture_file(asset: Asset) -> Path:
    return packages.folder(asset) / "lecture.mp4"


def test_picture_and_sound_are_copied_into_one_file(ready: Asset, run_jobs: Callable[[], int]) -> None:
    assert downloads.link(ready, "课", now=timezone.now()) == ""
    downloads.want(ready)
    assert run_jobs() == 1

    asset = packages.again(ready)
    found = probe(lecture_file(asset))
    best = asset.cut.package.renditions.filter(kind="video").order_by("-height")[0]
    assert [one["codec_name"] for one in found["streams"]] == ["h264", "aac"]
    assert (found["streams"][0]["width"], found["streams"][0]["height"]) == (best.width, best.height)
    assert abs(float(found["format"]["duration"]) * 1000 - asset.duration_ms) < 100
    assert asset.cut.package.download_bytes == lecture_file(asset).stat().st_size
    frames = [tools.ffmpeg(), "-v", "error", "-i", lecture_file(asset), "-f", "null", "-"]
    assert subprocess.run(frames, check=True, capture_output=True, text=True).stderr == ""
    downloads.want(asset)
    assert run_jobs() == 0  # once is enough


def test_it_is_saved_under_the_lectures_title(ready: Asset, run_jobs: Callable[[], int]) -> None:
    downloads.want(ready)
    run_jobs()
    title = '一颗"螺栓"的责任; a/b\r\nX: y'
    link = downloads.link(packages.again(ready), title, now=timezone.now())

    with served(delivery.app) as door:
        whole, part = door.ask("GET", link), door.ask("GET", link, headers={"range": "bytes=0-9"})
        lured = door.ask("GET", link.partition("?")[0] + "?name=x.exe%0d%0aSet-Cookie:1")
        plain = door.ask("GET", link.partition("?")[0])
        segment = door.ask("GET", link.replace("lecture.mp4", "audio/init.mp4"))

    said = whole.headers["content-disposition"]
    assert said.startswith("attachment; filename*=UTF-8''")
    assert unquote(said.partition("''")[2]) == '一颗"螺栓"的责任; a b\r\nX: y.mp4'
    assert said.isascii()
    assert "\n" not in said
    assert (whole.status, len(whole.body)) == (200, packages.again(ready).cut.package.download_bytes)
    assert part.status == 206
    assert lured.headers["content-disposition"] == "attachment; filename*=UTF-8''lecture.mp4"
    assert plain.headers["content-disposition"] == "attachment; filename*=UTF-8''lecture.mp4"
    assert "content-disposition" not in segment.headers


def test_no_longer_allowed_it_is_gone(ready: Asset, run_jobs: Callable[[], int]) -> None:
    downloads.want(ready)
    run_jobs()
    asset = packages.again(ready)
    downloads.give_up(asset)
    assert not lecture_file(asset).exists()
    assert downloads.link(packages.again(asset), "课", now=timezone.now()) == ""


@pytest.mark.parametrize("late", [False, True])
def test_no_longer_allowed_while_it_is_made_it_does_not_come(
    ready: Asset, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    where, name = (storage.LocalStorage, "put_file") if late else (downloads.runner, "run")
    real = getattr(where, name)

    def given_up(*args: Any, **facts: Any) -> Any:
        done = real(*args, **facts)
        downloads.give_up(packages.again(ready))
        return done

    downloads.want(ready)
    monkeypatch.setattr(where, name, given_up)
    run_jobs()
    assert not lecture_file(ready).exists()
    assert packages.again(ready).cut.package.download_bytes == 0
    monkeypatch.undo()
    downloads.want(packages.again(ready))  # allowed again
    assert run_jobs() == 1
    assert lecture_file(ready).exists()


def test_a_cut_that_is_shown_while_the_file_is_made_gets_its_own(
    ready: Asset, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = cuts.keeping(ready, [[1000, 4000]], by=ready.uploaded_by, now=timezone.now())
    run_jobs()
    real = downloads.runner.run

    def taken(*args: Any, **facts: Any) -> Any:
        monkeypatch.undo()
        done = real(*args, **facts)
        cuts.take(Cut.objects.select_related("asset").get(pk=cut.pk), now=timezone.now())
        downloads.want(packages.again(ready))
        return done

    downloads.want(ready)
    monkeypatch.setattr(downloads.runner, "run", taken)
    run_jobs()
    found = probe(lecture_file(packages.again(ready)))
    assert abs(float(found["format"]["duration"]) - 3) < 0.1


def test_what_is_not_whole_is_not_taken_along(committed_db: None) -> None:
    asset = cast.ready_asset(cast.member())
    asset.cut.packages.update(verified_at=None)
    downloads.want(asset)
    assert not Job.objects.exists()


# ---- what is to be known of a recording ----

_SPHERICAL = bytes.fromhex("ffcc8263f8554a938814587a02521fdd")
_XML = (
    b'<?xml version="1.0"?><rdf:SphericalVideo xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    b'xmlns:GSpherical="http://ns.google.com/videos/1.0/spherical/"><GSpherical:Spherical>true</GSpherical:Spherical>'
    b"<GSpherical:Stitched>true</GSpherical:Stitched><GSpherical:StitchingSoftware>camera"
    b"</GSpherical:StitchingSoftware><GSpherical:ProjectionType>equirectangular"
    b"</GSpherical:ProjectionType></rdf:SphericalVideo>"
)


def all_around(path: Path) -> None:
    """Mark a film whose index stands last as one that shows all around, as cameras and their programs do."""
    data = bytearray(path.read_bytes())
    box = (8 + len(_SPHERICAL) + len(_XML)).to_bytes(4, "big") + b"uuid" + _SPHERICAL + _XML
    moov, trak = data.index(b"moov") - 4, data.index(b"trak") - 4
    assert moov > data.index(b"mdat")
    for start in (moov, trak):
        size = int.from_bytes(data[start : start + 4], "big")
        data[start : start + 4] = (size + len(box)).to_bytes(4, "big")
    end = trak + int.from_bytes(data[trak : trak + 4], "big") - len(box)
    data[end:end] = box
    path.write_bytes(bytes(data))


def test_a_picture_all_around_is_recognised_and_said(make_ready: MakeReady, tmp_path: Path) -> None:
    path = footage.film(tmp_path / "around.mp4", picture="testsrc2=size=640x320:rate=10", seconds=2)
    all_around(path)
    asset = make_ready(path)
    assert asset.projection == "equirectangular"
    (remark,) = assets.remarks([asset])[asset.pk]
    assert "360°" in sentences.say(remark.code, remark.params)


def in_dolby_vision(path: Path) -> None:
    """Say of an HEVC film whose index stands last that it is Dolby Vision of profile 5, by its `dvcC` box alone."""
    data = bytearray(path.read_bytes())
    record = bytes([1, 0]) + (5 << 9 | 6 << 3 | 0b101).to_bytes(2, "big") + bytes(20)
    box = (8 + len(record)).to_bytes(4, "big") + b"dvcC" + record
    holders = [data.index(name) - 4 for name in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"hev1")]
    assert holders == sorted(holders)
    for start in holders:
        size = int.from_bytes(data[start : start + 4], "big")
        data[start : start + 4] = (size + len(box)).to_bytes(4, "big")
    end = holders[-1] + int.from_bytes(data[holders[-1] : holders[-1] + 4], "big") - len(box)
    data[end:end] = box
    path.write_bytes(bytes(data))


def test_dolby_vision_that_only_its_own_players_can_show_is_taken_and_said(
    make_ready: MakeReady, tmp_path: Path
) -> None:
    footage.needs("libx265")
    path = tmp_path / "dolby.mp4"
    footage.film(path, "-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", *footage.AAC)
    in_dolby_vision(path)
    asset = make_ready(path)
    assert asset.inspection.info["video"]["dolby_vision"] == 5
    (remark,) = assets.remarks([asset])[asset.pk]
    assert "杜比视界" in sentences.say(remark.code, remark.params)
    rungs = Package.objects.get(pk=asset.cut.package_id).renditions.filter(kind="video")  # type: ignore[union-attr]
    assert rungs
    assert all(one.codecs.startswith("avc1") for one in rungs)


def test_remarks_cost_one_query_however_many(django_assert_num_queries: Any, ready: Asset) -> None:
    with django_assert_num_queries(1):
        assert assets.remarks([ready, ready]) == {}
    assert storage.default()
