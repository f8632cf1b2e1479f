"""The ffmpeg commands, built with ffmpeg-python. Pure: values in, arguments out; every flag with its reason."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ffmpeg

from media_pipeline import filters
from media_pipeline.inspection import CONTAINERS
from media_pipeline.kept_ranges import Range
from media_pipeline.ladder import AUDIO_KBITS, SEGMENT_MS, Ladder
from media_pipeline.loudness import Loudness
from media_pipeline.media_info import MediaInfo
from media_pipeline.pieces import Piece
from media_pipeline.stretches import EARLY_MS, Stretch

SEGMENT_S = SEGMENT_MS // 1000
REORDERED_FROM_FPS = 20.5  # below, one frame is more than the fiftieth of a second that sound may be off
PLAYLIST = "playlist.m3u8"
AUDIO = "audio"
_POSTER_WIDTH, _SMALL_WIDTH = 1280, 480


def encode(
    source: Path,
    info: MediaInfo,
    ladder: Ladder,
    out: Path,
    *,
    threads: int,
    can_tone_map: bool,
    with_sound: bool = True,
    loudness: Loudness | None = None,
    pieces: Sequence[Piece] = (),
    stretch: Stretch | None = None,
) -> list[str]:
    """One process: the source is decoded once, scaled from rung to rung, and every rung and the sound are encoded.

    Writes `out/<rung>/{init_N.mp4, 00001.m4s…, playlist.m3u8}`, and `out/audio/…` if there is sound and it is wanted.
    pieces: what is kept of the source, if not all of it; `info` and `ladder` are then those of the cut.
    stretch: only that part of the picture, its segments under names of their own; the sound is all of it all the same.
    Never both.
    """
    seek = {"ss": stretch.seek_s} if stretch and stretch.seek_s else {}
    opened = _source(source, **filters.AS_IT_LIES, **seek)
    picture = opened[str(info.picture.index)]
    streams = filters.cascade(picture, info.picture, ladder, can_tone_map=can_tone_map, pieces=pieces, stretch=stretch)
    options, names = picture_options(ladder, threads, info.duration_ms, stretch), [rung.name for rung in ladder.rungs]
    if with_sound and info.audio and stretch is None:
        streams.append(filters.sound(opened[str(info.audio.index)], loudness, pieces))
        options |= _SOUND
        names.append(AUDIO)
    packaging = _packaging(names, out) | (_apart(ladder, stretch, out) if stretch else {})
    if ladder.keys_ms is not None:
        packaging["hls_time"] = 0.5  # a piece from each key to the next: the keys were chosen for that
    output = ffmpeg.output(*streams, str(out / "%v" / PLAYLIST), **options, **packaging)
    if with_sound and info.audio and stretch is not None:
        # Opened once more, because the picture ends early; vn: there its picture is not even read.
        track = filters.sound(_source(source, vn=None)[str(info.audio.index)], loudness)
        sound = ffmpeg.output(track, str(out / "%v" / PLAYLIST), **_SOUND, **_NO_NOTES, **_packaging([AUDIO], out))
        output = ffmpeg.merge_outputs(output, sound)
    return _told(output)


def copy(source: Path, info: MediaInfo, name: str, out: Path, *, loudness: Loudness | None = None) -> list[str]:
    """The source's own picture in pieces, as it is, and its sound levelled. Only for what `ladder.copyable` allows."""
    opened = _source(source)
    streams, names = [opened[str(info.picture.index)]], [name]
    options: dict[str, Any] = {"c:v": "copy", **_NO_NOTES}
    # The muxer adds up how long frames last to know how long the last piece is; a file says of each the usual length.
    options["bsf:v"] = "setts=duration='if(eq(NEXT_DTS,NOPTS),DURATION,NEXT_DTS-DTS)'"
    if info.audio:
        streams.append(filters.sound(opened[str(info.audio.index)], loudness))
        options |= _SOUND
        names.append(AUDIO)
    return _told(ffmpeg.output(*streams, str(out / "%v" / PLAYLIST), **options, **_packaging(names, out)))


def sound(
    source: Path, index: int, out: Path, *, kept: Sequence[Range], until_ms: int, loudness: Loudness | None
) -> list[str]:
    """One sound alone, in pieces, into `out/audio`: a further language, or a dub. Never longer than the picture."""
    track = filters.sound(filters.kept(_source(source)[str(index)], kept), loudness)
    options = {**_SOUND, **_NO_NOTES, "t": until_ms / 1000}
    return _told(ffmpeg.output(track, str(out / "%v" / PLAYLIST), **options, **_packaging([AUDIO], out)))


def _source(path: Path, **options: Any) -> Any:
    # Nothing in the file may lead to another file or address.
    return ffmpeg.input(str(path), protocol_whitelist="file", format_whitelist=CONTAINERS, **options)


_NO_NOTES = {
    "map_metadata": -1,  # GPS and names stay with the member
    "map_chapters": -1,
    "max_muxing_queue_size": 4096,  # a track that starts late must not end the run
}
_SOUND = {"c:a": "aac", "b:a": f"{AUDIO_KBITS}k", "ac": 2, "ar": 48000}


def picture_options(ladder: Ladder, threads: int, duration_ms: int, stretch: Stretch | None = None) -> dict[str, Any]:
    options: dict[str, Any] = {
        "c:v": "libx264",
        "preset": "veryfast",  # a third of medium's cost; superfast spends seven times the bytes on noisy phones
        # Motion to half a sample, not a quarter: half of veryfast's cost, VMAF within 0.2, a twentieth more bytes
        # (half a crf takes them back). superfast saves as much by the same, and drops the lookahead that noise needs.
        "subq": 1,
        "profile:v": "high",
        "sc_threshold": 0,  # no key frames at cuts: rungs must have theirs at the same times
        **_keys(ladder, stretch),
        **_NO_NOTES,
    }
    if ladder.fps is None:
        # Frame times are kept. B-frames would then put the first decoding time seconds before zero (measured).
        # The clock is finer than the usual rate, which would round the times to its frames.
        options |= {"fps_mode": "vfr", "bf": 0, "enc_time_base:v": "1/90000"}
        # The muxer adds up how long frames last; the encoder says of each that it lasts one of the usual rate. The last
        # one stays as long as there is sound.
        last = f"max(DURATION,{duration_ms / 1000}/TB-PTS)"
        options["bsf:v"] = f"setts=duration='if(eq(NEXT_PTS,NOPTS),{last},NEXT_PTS-PTS)'"
    elif ladder.fps < REORDERED_FROM_FPS:
        options["bf"] = 0
    else:
        # Programs like ffmpeg take a picture for late by as many frames as are reordered: one is no matter.
        options["b-pyramid"] = "none"
    for number, rung in enumerate(ladder.rungs):
        options[f"crf:v:{number}"] = rung.crf  # the quality of PeerTube's ladder at two fifths of its CPU
        options |= {f"maxrate:v:{number}": f"{rung.maxrate}k", f"bufsize:v:{number}": f"{rung.bufsize}k"}
    if threads:
        options["threads"] = threads
    for number in range(1, len(ladder.rungs)):
        # All rungs are encoded at once, and the largest takes as long as the others together: more threads of theirs
        # would only wait for each other, for a twentieth of the whole's CPU.
        options[f"threads:v:{number}"] = 1
    return options


def _keys(ladder: Ladder, stretch: Stretch | None) -> dict[str, Any]:
    """Key frames at the same times in all rungs: every four seconds, or where the ladder says."""
    if ladder.keys_ms is not None:
        # Said to each rung by itself: ffmpeg eats a list up while it reads it for the first.
        times = ",".join(f"{at:.3f}" for at in _key_times(ladder.keys_ms, ladder.fps, stretch))
        return {"g": 1_000_000, **{f"force_key_frames:v:{number}": times for number in range(len(ladder.rungs))}}
    if ladder.fps:
        return {"force_key_frames": f"expr:gte(t,n_forced*{SEGMENT_S})", "g": round(ladder.fps * SEGMENT_S)}
    if stretch is None:
        return {"force_key_frames": f"expr:gte(t,n_forced*{SEGMENT_S})", "g": 600}
    # t counts from the stretch's first frame. The one after its last begins a piece of its own, to be thrown away.
    next_one = "" if stretch.end_ms is None else f"+gte(t,{(stretch.end_ms - stretch.start_ms - EARLY_MS) / 1000})"
    return {
        "force_key_frames": f"expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+{SEGMENT_S}){next_one})",
        "g": 1_000_000,
    }


def _key_times(keys_ms: Sequence[int], fps: float | None, stretch: Stretch | None) -> list[float]:
    """In the encoder's seconds. A frame is forced if it is not before the time: see `stretches.EARLY_MS`."""
    times = [max(ms - EARLY_MS, 0) / 1000 for ms in keys_ms]
    if stretch is None:
        return times
    end = math.inf if stretch.end_ms is None else stretch.end_ms
    here = [at for at, ms in zip(times, keys_ms, strict=True) if stretch.start_ms <= ms <= end]
    begins = stretch.frames(fps)[0] / fps if fps else 0.0
    return [max(at - begins, 0.0) for at in here]


def _apart(ladder: Ladder, stretch: Stretch, out: Path) -> dict[str, Any]:
    """A stretch's segments have names of their own in the folder that all share."""
    options: dict[str, Any] = {"hls_segment_filename": str(out / "%v" / f"{segment_prefix(stretch)}%05d.m4s")}
    if ladder.fps is None:
        options |= {
            "hls_time": 0.5,  # a piece from each key to the next: where they begin is chosen by the keys
            # frag_discont: the first piece says when it begins, and not that it begins at 0
            "hls_segment_options": "movflags=+negative_cts_offsets+frag_discont",
        }
    return options


def segment_prefix(stretch: Stretch) -> str:
    return f"p{stretch.number:03}-"


def _packaging(names: Sequence[str], out: Path) -> dict[str, Any]:
    """HLS in pieces: a folder for each of `names`, which are pictures in the order of the maps and then the sound."""
    group = ",agroup:sound" if AUDIO in names else ""
    rungs = [name for name in names if name != AUDIO]
    variants = [f"v:{number}{group},name:{name}" for number, name in enumerate(rungs)]
    if AUDIO in names:
        variants.append(f"a:0,agroup:sound,name:{AUDIO},default:yes")
    return {
        "f": "hls",
        "hls_time": SEGMENT_S,
        "hls_playlist_type": "event",  # told piece by piece, so that finished ones can be played at once
        "hls_segment_type": "fmp4",  # CMAF: one set of files for all players
        # Frames are stored in the order of decoding; counted from the first one shown, picture and sound begin at 0.
        "hls_segment_options": "movflags=+negative_cts_offsets",
        "hls_flags": "independent_segments+temp_file",  # temp_file: what has its name is whole
        "start_number": 1,
        "hls_fmp4_init_filename": "init.mp4",  # ffmpeg wants this very name here, and adds _N to it
        "hls_segment_filename": str(out / "%v" / "%05d.m4s"),
        "var_stream_map": " ".join(variants),
    }


def poster(piece: Path, large: Path, small: Path) -> list[str]:
    """The first frame of a piece that plays by itself (init and one segment), in two sizes, in its own shape.

    Not by seeking in the playlist: ffmpeg 5.1 loses the init segment when it seeks there.
    """
    # threads: one frame is decoded, and a second decoder would begin with frames nobody wants
    return _posters(ffmpeg.input(str(piece), protocol_whitelist="file", threads=1).video, large, small)


def own_picture(source: Path, kind: tuple[str, str], turn: tuple[int, bool], large: Path, small: Path) -> list[str]:
    """A picture that somebody sent, as it lies, turned as its camera was held. Read as what it was found to be and as
    nothing else: neither by its name, nor as something that opens other files. `kind`: demuxer and codec."""
    demuxer, codec = kind
    opened = ffmpeg.input(
        str(source), f=demuxer, codec_whitelist=codec, protocol_whitelist="file", noautorotate=None, threads=1
    )
    picture = opened.video
    for name, options in filters.TURNS[turn]:
        picture = picture.filter(name, **options)
    # What every browser shows: JPEG of eight bits, its transparent parts as they lie.
    return _posters(picture.filter("format", "yuvj420p"), large, small)


def _posters(picture: Any, large: Path, small: Path) -> list[str]:
    picture = picture.filter_multi_output("split")
    return _arguments(
        ffmpeg.merge_outputs(
            *(
                ffmpeg.output(
                    picture[number].filter("scale", f"min({width},iw)", -2),
                    str(target),
                    **{"frames:v": 1, "q:v": 3, "map_metadata": -1, "update": 1},
                )
                for number, (width, target) in enumerate([(_POSTER_WIDTH, large), (_SMALL_WIDTH, small)])
            )
        )
    )


def download(playlists: Sequence[Path], target: Path) -> list[str]:
    """Picture and sound of a package in one file, nothing encoded anew. Its index is first: it plays while fetched."""
    # ALL: our pieces are called .m4s; they and all that a playlist of ours names are files of this machine.
    opened = [ffmpeg.input(str(one), f="hls", allowed_extensions="ALL", protocol_whitelist="file") for one in playlists]
    streams = [one[kind] for one, kind in zip(opened, ("v", "a"), strict=False)]
    options = {"c": "copy", "movflags": "+faststart", "map_metadata": -1, "f": "mp4"}
    return _arguments(ffmpeg.output(*streams, str(target), **options))


def decode(file: Path, *, only_key_frames: bool) -> list[str]:
    """Decode a file of ours into nothing; any word on stderr is a fault."""
    # threads: four seconds at most; to start several decoders costs more than they save
    options: dict[str, Any] = {"threads": 1} | ({"skip_frame": "nokey"} if only_key_frames else {})
    # vfr: two frames that a rounded clock puts at the same time are no fault.
    return _arguments(ffmpeg.output(ffmpeg.input(str(file), **options), "-", f="null", fps_mode="vfr"))


def _told(output: Any) -> list[str]:
    """With its progress on standard output, twice a second."""
    return _arguments(output, "-progress", "pipe:1", "-stats_period", "0.5")


def _arguments(output: Any, *more: str) -> list[str]:
    # nostdin: it must never wait for a key. First, so that they hold from the first word it says.
    graph: list[str] = output.get_args()
    return ["-hide_banner", "-v", "error", "-nostdin", "-nostats", "-y", *more, *graph]
