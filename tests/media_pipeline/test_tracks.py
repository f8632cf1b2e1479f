"""What joins a lecture beside its own picture and sound: captions, languages, dubs, chapters. On the real pipeline."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from jobs.models import Job
from media_pipeline import (
    caption_segments,
    captions,
    generations,
    leftovers,
    masters,
    media_info,
    playlists,
    sound_tracks,
    storage,
    text_tracks,
    tools,
)  # fmt: skip
from media_pipeline.models import Asset, Cut, Package, SoundTrack, TextTrack
from tests.media_pipeline import footage, packages
from ui.sentences import Refused

SRT = "1\n00:00:01,000 --> 00:00:02,500\n同志们好\n\n2\n00:00:03,000 --> 00:00:04,000\n今天讲三点\n"
MakeReady = Callable[[Path], Asset]


def add(asset: Asset, data: str = SRT, language: str = "zh-Hans", **facts: Any) -> TextTrack:
    assert asset.cut
    return text_tracks.add(
        asset.cut, data.encode(), language=language, by=asset.uploaded_by, now=timezone.now(), **facts
    )  # fmt: skip


# ---- captions ----


def test_captions_join_the_master_of_a_lecture_that_is_out(ready: Asset, run_jobs: Callable[[], int]) -> None:
    assert packages.named(ready, "SUBTITLES") == []

    track = add(ready, label='听"写"')
    assert run_jobs() == 1

    track.refresh_from_db()
    (told,) = packages.named(ready, "SUBTITLES")
    assert told == {
        "TYPE": "SUBTITLES", "GROUP-ID": "text", "NAME": "听”写”", "LANGUAGE": "zh-Hans", "DEFAULT": "YES",
        "AUTOSELECT": "YES", "FORCED": "NO", "URI": f"../{track.folder}/playlist.m3u8",
    }  # fmt: skip
    assert all(one["SUBTITLES"] == "text" for one in packages.master(ready))
    playlist = (packages.folder(ready) / told["URI"]).resolve()
    assert playlist.read_text().splitlines()[-3:] == ["#EXTINF:5.000,", "00001.vtt", "#EXT-X-ENDLIST"]
    piece = (playlist.parent / "00001.vtt").read_text()
    assert captions.read(piece.encode()) == text_tracks.cues(track)


def test_captions_sent_again_replace_the_first_ones_and_want_another_look(
    ready: Asset, run_jobs: Callable[[], int]
) -> None:
    first = add(ready)
    run_jobs()
    text_tracks.review(first, by=ready.uploaded_by, now=timezone.now())
    run_jobs()
    first.refresh_from_db()
    assert text_tracks.reviewed([ready.pk]) == {ready.pk}

    again = add(ready, SRT.replace("三点", "四点"))
    run_jobs()
    again.refresh_from_db()

    assert (again.pk, again.reviewed_at) == (first.pk, None)
    assert again.folder != first.folder
    (told,) = packages.named(ready, "SUBTITLES")
    assert again.folder in told["URI"]
    assert text_tracks.reviewed([ready.pk]) == set()
    # who is watching with the old ones goes on with them; the sweep removes them when nobody can
    kept = f"packages/{ready.public_id}/{first.folder}/00001.vtt"
    assert storage.default().exists(kept)
    leftovers.sweep(timezone.now() + timedelta(days=30))
    assert not storage.default().exists(kept)
    assert storage.default().exists(f"packages/{ready.public_id}/{again.folder}/00001.vtt")


def test_a_package_published_while_captions_are_stored_has_them_too(
    ready: Asset, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its master was written before they were stored, and its publishing finds the job for them at work."""
    real = masters.write

    def published(package: Package) -> None:
        monkeypatch.undo()
        real(package)
        other = Package.objects.create(cut=package.cut, created_at=timezone.now(), verified_at=timezone.now())
        versions = list(package.renditions.all())
        masters.put(f"{other.prefix}/master.m3u8", playlists.master([generations.version(one) for one in versions]))
        package.renditions.update(package=other)
        Cut.objects.filter(pk=package.cut_id).update(package=other)

    add(ready)
    monkeypatch.setattr(masters, "write", published)
    run_jobs()
    assert len(packages.named(packages.again(ready), "SUBTITLES")) == 1


def test_captions_taken_away_leave_the_master(ready: Asset, run_jobs: Callable[[], int]) -> None:
    add(ready, language="en")
    track = add(ready)
    run_jobs()
    text_tracks.remove(track)
    run_jobs()

    assert [one["LANGUAGE"] for one in packages.named(ready, "SUBTITLES")] == ["en"]
    assert [one["NAME"] for one in packages.named(ready, "SUBTITLES")] == ["English"]


def test_a_draft_of_a_machine_is_shown_only_when_somebody_looked_it_through(
    ready: Asset, run_jobs: Callable[[], int]
) -> None:
    assert ready.cut
    cue = captions.Cue(0, 1000, "听写的")
    draft = text_tracks.put(ready.cut, [cue], language="zh", source=TextTrack.Source.ASR, now=timezone.now())
    run_jobs()
    assert packages.named(ready, "SUBTITLES") == []

    text_tracks.review(draft, by=ready.uploaded_by, now=timezone.now())
    run_jobs()
    assert [one["NAME"] for one in packages.named(ready, "SUBTITLES")] == ["中文"]


def test_of_two_in_one_language_viewers_get_the_one_a_person_sent(ready: Asset) -> None:
    assert ready.cut
    cue = captions.Cue(0, 1000, "自带的")
    text_tracks.put(ready.cut, [cue], language="en", source=TextTrack.Source.EMBEDDED, now=timezone.now())
    sent = add(ready, language="EN")

    assert [track.pk for track in text_tracks.shown(ready.cut)] == [sent.pk]


@pytest.mark.parametrize(
    ("data", "language", "code"),
    [
        (SRT, "", "captions_language_unknown"),
        (SRT, 'zh" EVIL', "captions_language_unknown"),
        (SRT.replace("00:00:0", "00:10:0"), "zh", "captions_beyond_the_end"),
        ("没有", "zh", "captions_without_times"),
    ],
)
def test_captions_that_cannot_be_taken_change_nothing(ready: Asset, data: str, language: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        add(ready, data, language)

    assert refused.value.code == code
    assert not TextTrack.objects.exists()
    assert not Job.objects.active().exists()


def test_what_was_added_just_as_its_job_ended_is_asked_for_again(ready: Asset, run_jobs: Callable[[], int]) -> None:
    add(ready)
    Job.objects.filter(kind="media.texts").delete()
    text_tracks.sweep(timezone.now() - timedelta(minutes=5))
    assert run_jobs() == 0

    text_tracks.sweep(timezone.now() + timedelta(seconds=1))
    run_jobs()
    assert packages.named(ready, "SUBTITLES")


def test_a_long_lecture_has_its_captions_in_several_pieces() -> None:
    made = caption_segments.pieces([captions.Cue(30_000, 70_000, "跨界")], 130_000)
    assert [piece.name for piece in made] == ["00001.vtt", "00002.vtt", "00003.vtt"]


# ---- what the file brings with it ----


def with_subtitles(folder: Path) -> Path:
    film = footage.film(folder / "a.mp4", seconds=5)
    (folder / "zh.srt").write_text(SRT)
    (folder / "en.srt").write_text(SRT.replace("同志们好", "Comrades").replace("今天讲三点", "three points"))
    subprocess.run(
        [tools.ffmpeg(), "-v", "error", "-i", film, "-i", folder / "zh.srt", "-i", folder / "en.srt", "-map", "0",
         "-map", "1", "-map", "2", "-c", "copy", "-metadata:s:s:0", "language=chi", "-metadata:s:s:1", "language=eng",
         "-metadata:s:s:1", "title=For guests", folder / "a.mkv"],
        check=True,
    )  # fmt: skip
    return folder / "a.mkv"


def test_subtitles_inside_a_file_are_kept_as_captions(make_ready: MakeReady, tmp_path: Path) -> None:
    asset = make_ready(with_subtitles(tmp_path))

    assert [(track.language, track.label, track.source) for track in text_tracks.of(asset.cut)] == [  # type: ignore[arg-type]
        ("en", "For guests", "embedded"), ("zh", "", "embedded")
    ]  # fmt: skip
    assert [one["NAME"] for one in packages.named(asset, "SUBTITLES")] == ["For guests", "中文"]
    chinese = TextTrack.objects.get(language="zh")
    assert [cue.text for cue in text_tracks.cues(chinese)] == ["同志们好", "今天讲三点"]


def test_what_its_author_takes_away_does_not_come_back(
    make_ready: MakeReady, tmp_path: Path, run_jobs: Callable[[], int]
) -> None:
    asset = make_ready(with_subtitles(tmp_path))
    for track in TextTrack.objects.all():
        text_tracks.remove(track)
    run_jobs()

    assert packages.named(asset, "SUBTITLES") == []
    assert not TextTrack.objects.exists()


def in_two_languages(folder: Path) -> Path:
    return footage.ffmpeg(
        folder / "a.mkv", "-f", "lavfi", "-t", "5", "-i", footage.PICTURE, "-f", "lavfi", "-t", "5", "-i",
        "sine=frequency=300", "-f", "lavfi", "-t", "5", "-i", "sine=frequency=2000", "-map", "0", "-map", "1", "-map",
        "2", *footage.X264, *footage.AAC, "-metadata:s:a:0", "language=chi", "-metadata:s:a:1", "language=eng",
    )  # fmt: skip


def pitch(playlist: Path) -> int:
    """How often a second the wave crosses zero, by halves: the tone's frequency."""
    done = footage.ffmpeg(
        playlist.parent / "tone.wav", "-i", str(playlist), "-ac", "1", "-ar", "16000", "-c:a", "pcm_s16le"
    )
    data = memoryview(done.read_bytes()[44:])[: 2 * 16000 * 4].cast("h")
    return sum((a < 0) != (b < 0) for a, b in pairwise(data)) // 8


def test_another_language_of_a_file_can_be_chosen(make_ready: MakeReady, tmp_path: Path) -> None:
    asset = make_ready(in_two_languages(tmp_path))
    (track,) = SoundTrack.objects.all()

    assert [(one["NAME"], one["LANGUAGE"], one["DEFAULT"], one["URI"]) for one in packages.named(asset, "AUDIO")] == [
        ("原声", "zh", "YES", "audio/playlist.m3u8"), ("English", "en", "NO", f"{track.name}/playlist.m3u8")
    ]  # fmt: skip
    root = packages.folder(asset)
    assert pitch(root / "audio" / "playlist.m3u8") == pytest.approx(300, abs=12)
    assert pitch(root / track.name / "playlist.m3u8") == pytest.approx(2000, abs=20)
    row = Package.objects.get(pk=asset.cut.package_id).renditions.get(name=track.name)  # type: ignore[union-attr]
    assert (row.kind, row.language) == ("audio", "en")
    assert row.duration_ms == pytest.approx(5000, abs=80)


def test_tracks_in_one_language_are_not_a_choice(make_ready: MakeReady, tmp_path: Path) -> None:
    asset = make_ready(
        footage.ffmpeg(
            tmp_path / "b.mkv",
            "-i",
            str(in_two_languages(tmp_path)),
            "-map",
            "0",
            "-c",
            "copy",
            "-metadata:s:a:1",
            "language=zho",
        )
    )

    assert len(packages.named(asset, "AUDIO")) == 1


# ---- dubs ----


def dub(path: Path, seconds: float) -> tuple[Path, str]:
    return footage.film(path, sound="sine=frequency=1500", picture="color=black:s=64x64:r=5", seconds=seconds), "方言"


def test_somebody_elses_voice_can_be_laid_over(
    ready: Asset, make_ready: MakeReady, tmp_path: Path, run_jobs: Callable[[], int]
) -> None:
    path, label = dub(tmp_path / "dub.mp4", 6)
    other = make_ready(path)
    info = media_info.from_json(other.inspection.info)
    assert ready.cut
    track = sound_tracks.add_audio(ready.cut, other, info, language="yue", label=label, now=timezone.now())
    run_jobs()

    names = [(one["NAME"], one["LANGUAGE"]) for one in packages.named(ready, "AUDIO")]
    assert names == [("原声", "zh"), ("方言", "yue")]
    playlist = packages.folder(ready) / track.name / "playlist.m3u8"
    assert pitch(playlist) == pytest.approx(1500, abs=15)
    # never longer than the picture
    assert sum(map(float, re.findall(r"#EXTINF:([\d.]+)", playlist.read_text()))) == pytest.approx(5, abs=0.1)

    sound_tracks.remove(track)
    run_jobs()
    assert len(packages.named(ready, "AUDIO")) == 1


def test_of_two_sounds_added_at_once_both_are_heard(
    ready: Asset, make_ready: MakeReady, tmp_path: Path, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second is there when the master was just written for the first, whose job is still at work."""
    cut, real = ready.cut, masters.write
    assert cut
    path, label = dub(tmp_path / "dub.mp4", 5)
    other = make_ready(path)

    def add_audio(asset: Asset, language: str, label: str) -> None:
        info = media_info.from_json(asset.inspection.info)
        sound_tracks.add_audio(cut, asset, info, language=language, label=label, now=timezone.now())

    def write(package: Package) -> str:
        monkeypatch.undo()
        written = real(package)
        add_audio(ready, "en", "English")
        run_jobs()
        return written

    monkeypatch.setattr(masters, "write", write)
    add_audio(other, "yue", label)
    run_jobs()
    assert [one["NAME"] for one in packages.named(packages.again(ready), "AUDIO")] == ["原声", "方言", "English"]


@pytest.mark.parametrize(("seconds", "sound", "code"), [(9, "sine", "dub_wrong_length"), (5, None, "dub_silent")])
def test_what_cannot_be_a_dub_is_said(
    ready: Asset, tmp_path: Path, seconds: float, sound: str | None, code: str
) -> None:
    from media_pipeline import inspection

    info = inspection.inspect(footage.film(tmp_path / "dub.mp4", *(() if sound else footage.X264), sound=sound,
                                           seconds=seconds))  # fmt: skip
    assert ready.cut
    with pytest.raises(Refused) as refused:
        sound_tracks.add_audio(ready.cut, ready, info, language="zh", label="", now=timezone.now())

    assert refused.value.code == code
    assert refused.value.params == ({"seconds": 9, "wanted": 5} if code == "dub_wrong_length" else {})


# ---- the master ----


def test_the_master_is_the_same_whoever_writes_it(ready: Asset) -> None:
    before = (packages.folder(ready) / "master.m3u8").read_text()
    masters.write(Package.objects.select_related("cut__asset").get(pk=ready.cut.package_id))  # type: ignore[union-attr]

    assert (packages.folder(ready) / "master.m3u8").read_text() == before
