"""The ffmpeg commands: one process for all rungs, nothing but local files, nothing of the member's own notes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline import commands, ladder, looking, sprites
from media_pipeline.media_info import AudioTrack, VideoTrack
from tests.media_pipeline import tracks

SOURCE, OUT = Path("/in/source"), Path("/out")


def encode(video: VideoTrack, sound: AudioTrack | None = tracks.SOUND, **facts: Any) -> list[str]:
    info = tracks.info(video, sound)
    return commands.encode(
        SOURCE, info, ladder.plan(info), OUT, **{"threads": 0, "can_tone_map": True, **facts}
    )  # fmt: skip


def value(args: list[str], name: str) -> str:
    assert args.count(name) == 1, name
    return args[args.index(name) + 1]


def graph(args: list[str]) -> str:
    return value(args, "-filter_complex")


def test_one_process_reads_the_source_once_and_makes_all_rungs() -> None:
    args = encode(tracks.video())

    assert args.count("-i") == 1
    assert value(args, "-i") == "/in/source"
    assert args[-1] == "/out/%v/playlist.m3u8"
    assert args.count("-map") == 6
    assert value(args, "-var_stream_map") == (
        "v:0,agroup:sound,name:1080 v:1,agroup:sound,name:720 v:2,agroup:sound,name:480 v:3,agroup:sound,name:360 "
        "v:4,agroup:sound,name:240 a:0,agroup:sound,name:audio,default:yes"
    )


def test_each_rung_is_scaled_from_the_one_above_in_order() -> None:
    found = [part for part in graph(encode(tracks.video(fps=25.0))).split(";") if "scale=" in part]

    assert [part.split("scale=")[1].split(":flags")[0] for part in found] == [
        "1920:1080", "1280:720", "854:480", "640:360", "426:240"
    ]  # fmt: skip
    assert graph(encode(tracks.video())).count("split") == 4


def test_maps_follow_the_rungs() -> None:
    """The largest rung must be output 0: its ceiling is the first one."""
    args = encode(tracks.video(1280, 720))
    text = graph(args)
    maps = [args[at + 1] for at, word in enumerate(args) if word == "-map"]

    for label, size in zip(maps[:4], ["1280:720", "854:480", "640:360", "426:240"], strict=True):
        assert size in trace(text, label)
    assert [value(args, f"-maxrate:v:{number}") for number in range(4)] == ["1600k", "800k", "450k", "250k"]


def trace(text: str, label: str) -> str:
    """The last scaling that leads to `label`."""
    for part in text.split(";"):
        head, name = part.split("[", 1)[0], part
        if part.endswith(label) or f"{label}[" in part.removeprefix("["):
            outputs = name[name.rindex("]", 0, name.index("=") if "=" in name else len(name)) + 1 :]
            if label in outputs and not head:
                inside = outputs.split("[")[0]
                return inside if "scale=" in inside else trace(text, name[: name.index("]") + 1])
    return ""


def test_only_one_local_file_can_be_read() -> None:
    args = encode(tracks.video())
    before = args[: args.index("-i")]

    assert value(before, "-protocol_whitelist") == "file"
    allowed = value(before, "-format_whitelist").split(",")
    assert not {"hls", "concat", "dash", "image2", "lavfi", "tty", "sdp", "rtsp", "imf"} & set(allowed)


def test_what_the_file_says_about_its_maker_is_left_behind() -> None:
    args = encode(tracks.video())

    assert value(args, "-map_metadata") == "-1"
    assert value(args, "-map_chapters") == "-1"


@pytest.mark.parametrize("args", [
    encode(tracks.video()),
    commands.poster(OUT / "piece.mp4", OUT / "a.jpg", OUT / "b.jpg"),
    looking.command(OUT / "p.m3u8", OUT / "planes", sprites.layout([0, 4000], 640, 360), OUT / "s.jpg"),
    commands.decode(OUT / "piece.mp4", only_key_frames=True),
])  # fmt: skip
def test_no_command_waits_for_a_key_or_asks_before_writing(args: list[str]) -> None:
    assert {"-nostdin", "-y", "-nostats"} <= set(args[: args.index("-i")])


def test_frame_times_are_kept_without_frames_that_lean_on_later_ones() -> None:
    args = encode(tracks.video(is_constant=False, fps=15.8))

    assert (value(args, "-fps_mode"), value(args, "-bf"), value(args, "-g")) == ("vfr", "0", "600")
    assert "fps=" not in graph(args)


def test_a_constant_rate_is_written_and_keys_come_every_four_seconds() -> None:
    args = encode(tracks.video(fps=50.0))

    assert "fps=25" in graph(args)
    assert value(args, "-g") == "100"
    assert "-bf" not in args
    assert value(args, "-force_key_frames") == "expr:gte(t,n_forced*4)"


def test_without_sound_nothing_is_mapped_for_it() -> None:
    args = encode(tracks.video(), None)

    assert args.count("-map") == 5
    assert "-c:a" not in args
    assert "agroup" not in value(args, "-var_stream_map")


@pytest.mark.parametrize(
    ("video", "can_tone_map", "has", "lacks"),
    [
        (tracks.video(), True, "setparams=color_primaries=bt709", "transpose"),
        (tracks.video(rotation=90), True, "transpose=dir=clock", "hflip"),
        (tracks.video(rotation=180, mirrored=True), True, "hflip", "vflip"),
        (tracks.video(fields="bff"), True, "bwdif=deint=all:mode=send_frame:parity=bff", "tonemap"),
        (tracks.video(pixel_format="yuvj420p"), True, "in_range=full:out_range=limited", "out_color_matrix"),
        (tracks.video(pixel_format="bgr24"), True, "out_color_matrix=bt709", "in_range"),
        (tracks.video(is_constant=False), True, "select=", "fps="),
        (tracks.video(fields="flagged"), True, "bwdif", "tonemap"),
        (tracks.video(is_hdr=True), True, "tonemap=hable", "bwdif"),
        (tracks.video(is_hdr=True), False, "format=yuv420p", "zscale"),
    ],
)
def test_odd_pictures_are_made_plain(video: VideoTrack, can_tone_map: bool, has: str, lacks: str) -> None:
    text = graph(encode(video, can_tone_map=can_tone_map))

    assert has in text.replace("\\", "")
    assert lacks not in text


def test_threads_are_limited_only_when_asked() -> None:
    assert "-threads" not in encode(tracks.video())
    assert value(encode(tracks.video(), threads=3), "-threads") == "3"


def test_the_smaller_rungs_take_a_thread_each_so_that_they_do_not_wait_for_each_other() -> None:
    args = encode(tracks.video())
    rungs = len(ladder.plan(tracks.info(tracks.video())).rungs)
    assert [value(args, f"-threads:v:{number}") for number in range(1, rungs)] == ["1"] * (rungs - 1)
    assert "-threads:v:0" not in args


def test_the_sprite_takes_every_nth_key_frame() -> None:
    few, many = (
        looking.command(OUT / "p.m3u8", OUT / "planes", sprites.layout(range(0, until, 4000), 640, 360), OUT / "s.jpg")
        for until in (8000, 800_000)
    )

    assert value(few, "-skip_frame") == "nokey"
    assert "select" not in graph(few)
    assert "mod(n" in graph(many)
    assert "tile=10x10" in graph(many)


@given(st.text(min_size=1, max_size=40).filter(lambda name: "\0" not in name and "/" not in name))
def test_a_file_name_is_one_argument_whatever_it_is(name: str) -> None:
    info = tracks.info(tracks.video())
    source = Path("/in") / name
    args = commands.encode(source, info, ladder.plan(info), OUT, threads=0, can_tone_map=True)

    assert value(args, "-i") == str(source)
