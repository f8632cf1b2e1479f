"""The jobs beside a preparation (docs/decisions/0007): captions, further sounds, slides read, speech written down.

A lecture is ready without them; each may fail alone, and each may run twice.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from jobs import kinds
from jobs.errors import JobError
from jobs.models import Job
from jobs.runner import JobHandle
from media_pipeline import (
    assets,
    caption_segments,
    captions,
    chapter_rows,
    commands,
    embedded,
    encoding,
    generations,
    masters,
    runner,
    signals,
    slides,
    sounds,
    speech,
    storage,
    text_tracks,
    tools,
    verification,
)  # fmt: skip
from media_pipeline.asset_progress import EMBEDDED, SLIDES, SOUND, SPEECH, TEXTS
from media_pipeline.models import Asset, Cut, Package, SlideText, SoundTrack, TextTrack
from media_pipeline.packaging import Made, Planned
from media_pipeline.slide_text import Slide
from media_pipeline.workpiece import asset_of, info_of, source_of
from ui.public_id import new_public_id


def register() -> None:
    kinds.register(EMBEDDED, take_embedded, queue=Job.Queue.FAST)
    kinds.register(TEXTS, store_texts, queue=Job.Queue.FAST)
    kinds.register(SOUND, add_sound, queue=Job.Queue.ENCODE)
    kinds.register(SLIDES, read_slides, queue=Job.Queue.ENCODE)
    kinds.register(SPEECH, write_down, queue=Job.Queue.ENCODE)


# ---- captions ----


def take_embedded(job: JobHandle) -> None:
    """Captions of the file, taken out of it once: what the author takes away does not come back."""
    asset = asset_of(job.job)
    if asset is None or asset.cut is None or asset.cut.texts.filter(source=TextTrack.Source.EMBEDDED).exists():
        return
    job.progress(0, "texts")
    cut, info = asset.cut, info_of(asset, job)
    with source_of(asset, job) as source:
        found = embedded.take(source, info, job.scratch)
    with transaction.atomic():
        job.insist()
        for language, (label, cues) in found.items():
            moved = captions.clipped(captions.cut(cues, chapter_rows.cut_ranges(cut)), cut.duration_ms)
            text_tracks.put(cut, moved, language=language, source=TextTrack.Source.EMBEDDED, label=label,
                            now=timezone.now())  # fmt: skip


def store_texts(job: JobHandle) -> None:
    """The pieces of all captions stored, and the master written anew."""
    asset = asset_of(job.job)
    if asset is None or asset.cut is None:
        return
    cut = asset.cut
    while True:  # captions and sounds may be added while we are at it, or a package published
        for track in TextTrack.objects.filter(cut=cut, folder=""):
            _store(job, asset, track)
        package = generations.current(cut)
        written = masters.write(package) if package else ""
        cut.refresh_from_db()
        served = generations.current(cut)
        is_written = served == package and (served is None or masters.text(served) == written)
        if is_written and not TextTrack.objects.filter(cut=cut, folder="").exists():
            return


def _store(job: JobHandle, asset: Asset, track: TextTrack) -> None:
    """Its pieces under a new folder, and then the row that names it: what plays the old ones is not disturbed."""
    folder = new_public_id()
    made = caption_segments.pieces(text_tracks.cues(track), track.cut.duration_ms)
    prefix = f"{assets.packages_prefix(asset.public_id)}/{folder}"
    for piece in made:
        job.progress(500, "texts")
        masters.put(f"{prefix}/{piece.name}", piece.text)
    masters.put(f"{prefix}/{caption_segments.PLAYLIST}", caption_segments.playlist(made))
    with transaction.atomic():
        job.insist()
        # unless they were changed meanwhile: then they are stored again, and this folder is swept
        TextTrack.objects.filter(pk=track.pk, added_at=track.added_at, folder="").update(folder=folder)


# ---- one more sound ----


def add_sound(job: JobHandle) -> None:
    """A further language or a dub, encoded for the package that is served, and named in its master."""
    asset = asset_of(job.job)
    track = SoundTrack.objects.select_related("asset").filter(pk=int(job.job.subject.rpartition("/s")[2])).first()
    if asset is None or asset.cut is None or track is None or track.cut_id != asset.cut_id:
        return
    package = generations.current(asset.cut)
    if package is None or package.renditions.filter(name=track.name).exists():
        return  # nothing to add it to: publishing asks again
    with source_of(track.asset, job) as source:
        made = _encode(job, source, track, asset.cut)
    told = replace(made.version, name=track.name, language=track.language, label=track.label)
    size = 0
    for path in sorted(made.folder.iterdir(), key=lambda path: path.suffix == ".m3u8"):
        job.progress(950, "publish")
        storage.default().put_file(f"{package.prefix}/{track.name}/{path.name}", path)
        size += path.stat().st_size
    with transaction.atomic():
        job.insist()
        generations.row(package, replace(made, version=told)).save()
        Package.objects.filter(pk=package.pk).update(bytes=F("bytes") + size)
        # Of its own: one that is at work may have looked for the last time already.
        assets.enqueue(TEXTS, asset, by=asset.uploaded_by, part=track.name)


def _encode(job: JobHandle, source: Path, track: SoundTrack, cut: Cut) -> Made:
    own = track.asset_id == cut.asset_id
    out = job.scratch / "out"
    (out / commands.AUDIO).mkdir(parents=True)
    job.progress(0, "encode")
    heard = sounds.measure(source, track.track_index, cut.duration_ms)
    args = commands.sound(
        source, track.track_index, out, kept=chapter_rows.cut_ranges(cut) if own else [], until_ms=cut.duration_ms,
        loudness=heard.loudness if heard else None,
    )  # fmt: skip

    def listen(reached_ms: int) -> None:
        job.progress(round(min(reached_ms / max(cut.duration_ms, 1), 1) * 900), "encode")

    try:
        timeout = encoding.LEAST_TIME + cut.duration_ms / 1000
        finished = runner.run([tools.ffmpeg(), *args], timeout=timeout, on_progress=listen)
    except runner.TimedOut as error:
        raise JobError("encoder_too_slow") from error
    if finished.returncode:
        raise JobError("encoder_failed", words=finished.stderr[-300:])
    (made,) = encoding.finish(out, [Planned(commands.AUDIO)], info_of(track.asset, job))
    verification.verify_sound(made, job.scratch)
    return made


# ---- extras ----


def read_slides(job: JobHandle) -> None:
    """The writing on the slides, for search; and titles for the chapters that slides begin."""
    asset = asset_of(job.job)
    package = generations.current(asset.cut) if asset and asset.cut else None
    if asset is None or package is None:
        return
    cut, info = package.cut, info_of(asset, job)
    shown = slides.spans(package.slides, cut.duration_ms)
    with source_of(asset, job) as source:
        found = slides.read(source, info.picture.index, shown, chapter_rows.cut_ranges(cut), job.scratch,
                            on_part=lambda part: job.progress(round(part * 950), "slides"))  # fmt: skip
    with transaction.atomic():
        job.insist()
        SlideText.objects.filter(cut=cut).delete()
        SlideText.objects.bulk_create(_row(cut, one) for one in found)
        chapter_rows.name(cut, {one.start_ms: one.heading for one in found})
        signals.texts_changed.send(Asset, asset=asset)


def _row(cut: Cut, slide: Slide) -> SlideText:
    text = "\n".join(line.text for line in slide.lines)
    worst = min(line.confidence for line in slide.lines)
    return SlideText(cut=cut, start_ms=slide.start_ms, end_ms=slide.end_ms, text=text, confidence=worst)


def write_down(job: JobHandle) -> None:
    """What is said, as a draft of captions. Nobody sees it before a person has looked it through."""
    asset = asset_of(job.job)
    if asset is None or asset.cut is None:
        return
    info = info_of(asset, job)
    if info.audio is None:
        return
    job.progress(0, "speech")
    with source_of(asset, job) as source:
        said = speech.listen(source, info.audio.index, info.duration_ms, job.scratch)
    cues = captions.clipped(captions.cut(said, chapter_rows.cut_ranges(asset.cut)), asset.cut.duration_ms)
    with transaction.atomic():
        job.insist()
        if cues and not asset.cut.texts.exists():
            text_tracks.put(asset.cut, cues, language="zh", source=TextTrack.Source.ASR, now=timezone.now())
