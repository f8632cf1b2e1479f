"""Why a file cannot become a lecture, and what is to be known of one that can: pure rules over MediaInfo, and the
sentences that say it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from media_pipeline.media_info import MediaInfo, VideoTrack
from ui.sentences import register

SHORTEST_MS = 200  # what is over sooner is a picture, or a finger that slipped

register(
    {
        "not_media": _("This file is not a video. Choose the video itself; a phone’s usual recording is fine."),
        "still_picture": _("This file is a picture, not a video. Choose the video itself."),
        "no_header": _(
            "This file broke off before it was finished: the part that says where everything is has been lost. "
            "Look for the original on the phone or camera and upload that."
        ),
        "audio_only": _(
            "This file has sound but no picture. Choose a video; if you only want to speak, it can later be laid over "
            "another lecture as a dub."
        ),
        "encrypted": _("This file is protected against copying. Upload a recording of your own."),
        "unknown_codec": _(
            "The picture in this file is of a kind (%(codec)s) that cannot be read here. Export it as MP4 (H.264)."
        ),
        "nothing_left": _(
            "Only the very beginning of this file is there; %(missing)s of it are missing. Look for the original on "
            "the phone or camera and upload that."
        ),
        "no_frames": _("There is no picture in this file that can be shown. Record it again, or export it as MP4."),
        "too_short": _("This video is over in a moment. Choose the whole recording."),
        "too_long": _("This video has %(minutes)s minutes; %(limit)s is the most. Cut it, or make two lectures of it."),
        "too_large_picture": _(
            "The picture is %(width)s × %(height)s pixels; %(limit)s a side is the most. Export it smaller."
        ),
        "odd_aspect": _(
            "The picture is %(width)s × %(height)s pixels: longer than %(limit)s to 1. Crop it to a usual shape."
        ),
        "cannot_decode": _("The picture in this file is damaged and cannot be read. Look for the original recording."),
        "output_unsound": _(
            "What we made of this file did not pass our checks (%(what)s). An editor can try it again."
        ),
        "tail_missing": _(
            "This file broke off: the last %(missing)s are missing. What is there can be watched; for all of it, look "
            "for the original and upload that."
        ),
        "all_around": _(
            "This is a 360° recording. It is shown as one flat picture; one cannot turn around in it here."
        ),
        "dolby_colours": _(
            "This recording is in Dolby Vision profile 5, whose colours cannot be converted faithfully: they will look "
            "wrong. Record without Dolby Vision, or export it as HDR10 or SDR, and upload that."
        ),
        "encoder_failed": _("Making it playable failed on our side. An editor can start it again."),
        "encoder_too_slow": _("Making it playable took far too long and was stopped. An editor can start it again."),
        "storage_away": _("The storage did not answer, though we tried for a long time. An editor can start it again."),
        "encoder_killed": _("The program that makes it playable was stopped from outside. We begin again."),
        "disk_full": _("There was no room left for this video on our side. An editor can start it again later."),
    }
)


@dataclass(frozen=True)
class Refusal:
    code: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Remark:
    """What is to be known of a file that became a lecture all the same."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)


def refuse(info: MediaInfo) -> Refusal | None:
    """The first reason this file cannot become a lecture, or None. Limits: DESIGN, printed on the upload page."""
    return _tracks(info) or _picture(info, info.picture) or _length(info) or _size(info.picture)


def _tracks(info: MediaInfo) -> Refusal | None:
    if info.is_encrypted:
        return Refusal("encrypted")
    if info.video is None:
        return Refusal("audio_only" if info.audio else "not_media")
    return None


def _picture(info: MediaInfo, video: VideoTrack) -> Refusal | None:
    if not video.is_decodable:
        return Refusal("unknown_codec", {"codec": video.codec or "?"})
    if info.missing_ms and (info.duration_ms < SHORTEST_MS or video.frames < 2):
        return Refusal("nothing_left", {"missing": clock(info.missing_ms)})
    if video.frames == 0 or not video.width or not video.height:
        return Refusal("no_frames")
    return None


def _length(info: MediaInfo) -> Refusal | None:
    if info.duration_ms < SHORTEST_MS:
        return Refusal("too_short")
    if info.duration_ms > settings.LECTURE_MAX_SECONDS * 1000:
        minutes = -(-info.duration_ms // 60_000)
        return Refusal("too_long", {"minutes": minutes, "limit": settings.LECTURE_MAX_SECONDS // 60})
    return None


def remarks(info: MediaInfo) -> list[Remark]:
    return remarked(info.missing_ms, info.projection, info.picture.dolby_vision)


def remarked(missing_ms: int, projection: str, dolby_vision: int) -> list[Remark]:
    told = [Remark("tail_missing", {"missing": clock(missing_ms)})] if missing_ms else []
    told += [Remark("all_around")] if projection else []
    # The only profile whose picture means nothing without what each frame says beside it.
    return [*told, Remark("dolby_colours")] if dolby_vision == 5 else told


def clock(milliseconds: int) -> str:
    """`1:05`, the same in every language."""
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    return f"{minutes}:{seconds:02d}"


def _size(video: VideoTrack) -> Refusal | None:
    size = {"width": video.width, "height": video.height}
    long, short = max(video.width, video.height), min(video.width, video.height)
    if long > settings.LECTURE_MAX_PIXELS_A_SIDE:
        return Refusal("too_large_picture", {**size, "limit": settings.LECTURE_MAX_PIXELS_A_SIDE})
    if long > short * settings.LECTURE_MAX_ASPECT:
        return Refusal("odd_aspect", {**size, "limit": settings.LECTURE_MAX_ASPECT})
    return None
