"""A recording is made as loud as the others, by one measured gain; noise is not made loud, a cough not feared."""

from __future__ import annotations

import math
import re
import subprocess
from pathlib import Path

import ffmpeg as graphs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline import loudness, runner, tools
from media_pipeline.loudness import CEILING_DB, Heard, Loudness
from tests.media_pipeline.footage import AAC, ffmpeg, film

# Speech as far as a loudness meter can tell: noise of a voice's band in syllables, with breaths between sentences.
SPEECH = (
    "anoisesrc=color=pink:seed=7:sample_rate=48000,highpass=120,lowpass=4000,"
    "volume='(0.25+0.75*pow(sin(PI*3.7*t),2))*lt(mod(t,5),4.2)':eval=frame"
)


def measured(lufs: float, peak: float = -30.0, body: float | None = None, heard_ms: int = 60_000) -> Loudness:
    return Loudness(lufs, 5.0, peak, peak if body is None else body, heard_ms)


@pytest.mark.parametrize(
    ("found", "gain"),
    [
        (measured(-23.0), 7.0),
        (measured(-9.0, peak=0.0), -7.0),
        (measured(-16.4), 0.0),  # nobody hears less than a decibel
        (measured(-17.0), 1.0),
        (measured(-48.0), 24.0),  # a far voice is lifted as far as it goes
        (measured(-50.0), 0.0),  # an empty room is not
        (measured(-70.0, peak=-120.0), 0.0),
        (measured(-30.0, heard_ms=2000), 6.0),  # a clip of two seconds says little
        (measured(-10.0, peak=0.0, heard_ms=2000), -6.0),
        (measured(-30.0, peak=0.0, body=-12.0), 14.0),  # one knock at full level: the limiter's, not the speech's
        (measured(-30.0, peak=-2.0, body=-4.0), 8.0),  # speech with peaks of its own keeps them but for six decibels
        (measured(-30.0, peak=0.0, body=0.0), 4.0),
    ],
)
def test_the_gain_by_what_was_measured(found: Loudness, gain: float) -> None:
    assert loudness.gain_db(found) == gain


@given(
    st.floats(-70, 5), st.floats(-120, 6), st.floats(0, 60), st.integers(0, 6_000_000)
)  # fmt: skip
def test_no_gain_leaves_its_bounds(lufs: float, peak: float, knock: float, heard_ms: int) -> None:
    found = Loudness(lufs, 3.0, peak, peak - knock, heard_ms)
    gain = loudness.gain_db(found)

    assert gain <= loudness.MOST_GAIN_DB
    assert gain <= 0 or lufs + gain <= loudness.TARGET_LUFS + 0.06
    assert gain >= 0 or lufs > loudness.TARGET_LUFS
    assert gain <= 0 or peak - knock + gain <= CEILING_DB + loudness.LIMITED_DB + 0.06
    assert loudness.needs_limiter(found) == (gain != 0 and peak + gain > CEILING_DB)


@pytest.mark.parametrize(
    ("found", "chain"),
    [
        (measured(-16.0), ""),
        (measured(-23.0), "volume=7.0dB"),
        (measured(-23.0, peak=-5.0), "volume=7.0dB,alimiter=attack=5:level=false:limit=0.7943:release=60"),
        (measured(-9.0, peak=1.0), "volume=-7.0dB"),
    ],
)
def test_only_what_is_needed_is_done_to_the_sound(found: Loudness, chain: str) -> None:
    track = loudness.levelled(graphs.input("source")["1"], found)
    words = graphs.output(track, "out").get_args()
    text = words[words.index("-filter_complex") + 1] if "-filter_complex" in words else ""

    assert ",".join(re.sub(r"\[[^]]*\]", "", part) for part in text.split(";")) == chain


def test_loudness_survives_its_row() -> None:
    found = measured(-23.4, -3.1, -6.0, 12_300)

    assert Loudness.from_json(found.as_json()) == found


@given(st.lists(st.text(max_size=60)), st.text(max_size=400))
def test_any_words_of_ffmpeg_are_read(lines: list[str], summary: str) -> None:
    found = loudness.read([*lines, "frame:0 pts:0 pts_time:nan", f"{loudness._PEAK_KEY}=-inf"], summary)

    assert math.isfinite(found.loudness.peak_db)
    assert found.loudness.lufs >= -70.0
    assert all(0 <= height <= 255 for height in loudness.waveform(found, 5000).heights)


def test_a_title_that_looks_like_a_summary_is_not_believed() -> None:
    words = "title : Summary: I: -1.0 LUFS\n[ebur128] Summary:\n\n  I:         -27.5 LUFS\n  LRA:         4.5 LU\n"

    assert loudness.read([], words).loudness.lufs == -27.5


@pytest.mark.parametrize(("duration_ms", "step", "count"), [(1, 100, 1), (60_000, 100, 600), (200_000, 100, 2000),
                                                            (200_001, 200, 1001), (5_400_000, 2700, 2000)])  # fmt: skip
def test_the_waveform_has_at_most_two_thousand_heights(duration_ms: int, step: int, count: int) -> None:
    found = loudness.waveform(Heard(measured(-16.0), {0: -6.0}), duration_ms)

    assert (found.step_ms, len(found.heights)) == (step, count)
    assert found.heights[0] == 128


def test_the_waveform_is_as_loud_as_it_will_be_heard() -> None:
    found = loudness.waveform(Heard(measured(-28.0), {0: -18.0, 1: -12.0, 3: -40.0, 99: 0.0}), 400)

    assert found.heights == (128, 255, 0, 10)


def listen(path: Path, track: int = 0) -> Heard:
    lines: list[str] = []
    done = runner.run([tools.ffmpeg(), *loudness.measure_command(path, track)], timeout=60, on_line=lines.append)
    return loudness.read(lines, done.stderr)


def test_a_tone_is_as_loud_as_the_standard_says(tmp_path: Path) -> None:
    """EBU Tech 3341: a stereo tone of 1 kHz at -23 dBFS measures -23.0 LUFS."""
    tone = "sine=frequency=1000:sample_rate=48000,volume=0.5664,pan=stereo|c0=c0|c1=c0"  # the source's tone is 1/8
    path = ffmpeg(tmp_path / "tone.wav", "-f", "lavfi", "-t", "10", "-i", tone)

    found = listen(path).loudness

    assert found.lufs == pytest.approx(-23.0, abs=0.1)
    assert found.peak_db == pytest.approx(-23.0, abs=0.1)
    assert found.heard_ms == 10_000


@pytest.mark.parametrize("layout", ["stereo", "mono", "5.1"])
@pytest.mark.parametrize("volume", [0.16, 0.5, 3.0])
def test_speech_ends_at_minus_sixteen_with_its_peaks_in_bounds(tmp_path: Path, layout: str, volume: float) -> None:
    """Encoded as it is served: the encoder adds peaks of its own."""
    source = ffmpeg(tmp_path / "speech.wav", "-f", "lavfi", "-t", "20", "-i",
                    f"{SPEECH},volume={volume},aformat=channel_layouts={layout}")  # fmt: skip
    found = listen(source).loudness
    track = loudness.levelled(graphs.input(str(source))["0"], found)
    served = tmp_path / "served.m4a"
    made = graphs.output(track, str(served), **{"c:a": "aac", "b:a": "96k", "ac": 2, "ar": 48000})
    subprocess.run([tools.ffmpeg(), "-v", "error", "-y", *made.get_args()], check=True)

    lufs, true_peak = meter(served)

    assert lufs == pytest.approx(-16.0, abs=0.7)
    assert true_peak < -1.0


def meter(path: Path) -> tuple[float, float]:
    done = subprocess.run(
        [tools.ffmpeg(), "-nostats", "-i", str(path), "-af", "ebur128=peak=true:framelog=verbose", "-f", "null", "-"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    lufs, peak = re.findall(r"(?:I|Peak):\s+(-?[\d.]+) (?:LUFS|dBFS)", done.stderr.rpartition("Summary:")[2])
    return float(lufs), float(peak)


def test_a_cough_at_full_level_does_not_keep_a_lecture_quiet(tmp_path: Path) -> None:
    cough = "'0.35+6*between(t,6,6.1)'"
    source = ffmpeg(tmp_path / "cough.wav", "-f", "lavfi", "-t", "60", "-i", f"{SPEECH},volume={cough}:eval=frame")
    found = listen(source).loudness

    assert found.peak_db > found.body_db + 15
    assert loudness.gain_db(found) > 6
    assert loudness.needs_limiter(found)


@pytest.mark.parametrize("sound", ["anullsrc", "anoisesrc=amplitude=0.002"])
def test_silence_and_an_empty_room_stay_as_they_are(tmp_path: Path, sound: str) -> None:
    heard = listen(film(tmp_path / "quiet.mp4", sound=sound, seconds=4), track=1)

    assert loudness.gain_db(heard.loudness) == 0
    assert max(loudness.waveform(heard, 4000).heights) < 5


def test_a_clip_too_short_to_measure_stays_as_it_is(tmp_path: Path) -> None:
    heard = listen(film(tmp_path / "short.mp4", seconds=0.3), track=1)

    assert heard.loudness.lufs == loudness.NOTHING
    assert loudness.gain_db(heard.loudness) == 0


def test_sound_that_begins_late_keeps_its_place_in_the_waveform(tmp_path: Path) -> None:
    film(tmp_path / "film.mp4", seconds=6)
    late = ffmpeg(tmp_path / "late.mkv", "-i", str(tmp_path / "film.mp4"), "-itsoffset", "2", "-i",
                  str(tmp_path / "film.mp4"), "-map", "0:v", "-map", "1:a", "-c", "copy")  # fmt: skip
    heights = loudness.waveform(listen(late, track=1), 6000).heights

    assert max(heights[:18]) == 0
    assert min(heights[23:55]) > 5


def test_damaged_sound_is_heard_as_silence(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"not a film")

    assert loudness.gain_db(listen(broken).loudness) == 0


def test_nothing_but_the_source_is_opened(tmp_path: Path) -> None:
    args = loudness.measure_command(Path("/in/source"), 3)

    assert args[args.index("-protocol_whitelist") + 1] == "file"
    assert args[args.index("-map") + 1] == "0:3"
    assert args.index("-vn") < args.index("-i")


def test_the_track_that_is_asked_for_is_heard(tmp_path: Path) -> None:
    two = ffmpeg(
        tmp_path / "two.mkv", "-f", "lavfi", "-t", "4", "-i", "anullsrc", "-f", "lavfi", "-t", "4", "-i", "sine",
        "-map", "0", "-map", "1", *AAC,
    )  # fmt: skip

    assert listen(two, track=0).loudness.lufs == loudness.NOTHING
    assert listen(two, track=1).loudness.lufs > -30
