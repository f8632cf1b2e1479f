"""How loud a recording is, and what makes it as loud as the others: measured first, then one linear gain. Pure.

One pass over the sound measures loudness (EBU R 128) and the waveform's peaks: about 0.9 s of CPU for five minutes, of
which half is decoding. ffmpeg's one-pass loudnorm would cost ten times that, and breathe with the speaker.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from media_pipeline.inspection import SAFE_INPUT

TARGET_LUFS = -16.0  # what phones and podcasts are levelled to; broadcasting's -23 is too quiet for a phone's speaker
# Of samples, so that between them the wave stays under -1 dBTP. True peaks (four samples for one) would cost as much
# again as the whole measurement, and were at most 0.2 dB above the samples on thirteen recordings of speech.
CEILING_DB = -2.0
WINDOW_MS = 100  # a peak each; ten a second are enough to see words
NOTHING = -70.0  # R 128's gate: what ffmpeg says of silence, and of less than 0.4 s of anything
ROOM_LUFS = -50.0  # quieter than this nobody speaks: it is the room, and louder it would only be noise
MOST_GAIN_DB = 24.0
# A clip of a breath or two says little of how loud the speaker is: it is raised by this much at most.
SHORT_MS, SHORT_GAIN_DB = 3000, 6.0
LEAST_GAIN_DB = 1.0  # less than that nobody hears
# How much of speech's own peaks the limiter may take off, and the part of windows that are knocks, not speech: those it
# takes off wholly, for one cough must not keep a lecture quiet.
LIMITED_DB = 6.0
KNOCKS = 0.02
_LOWEST_DB = -120.0  # stands for "no sound at all", because JSON has no infinity
MOST_PEAKS = 2000

_PEAK_KEY = "lavfi.astats.Overall.Peak_level"
_SUMMARY = re.compile(r"^\s*(I|LRA):\s+(-?\d+(?:\.\d+)?) LU", re.MULTILINE)


@dataclass(frozen=True)
class Loudness:
    """`peak_db`: the highest sample. `body_db`: what speech stays under but for a knock or a cough."""

    lufs: float
    range_lu: float
    peak_db: float
    body_db: float
    heard_ms: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, facts: dict[str, Any]) -> Loudness:
        return cls(**facts)


@dataclass(frozen=True)
class Waveform:
    """A height 0 to 255 for each `step_ms`, as it will be heard."""

    step_ms: int
    heights: tuple[int, ...]

    def as_json(self) -> dict[str, Any]:
        return {"step_ms": self.step_ms, "heights": list(self.heights)}


@dataclass(frozen=True)
class Heard:
    """What one pass over the sound brought: its loudness and a peak in dBFS for each window, by its number."""

    loudness: Loudness
    peaks: dict[int, float]


def measure_command(source: Path, track_index: int) -> list[str]:
    """Arguments for ffmpeg. Peaks go to standard output, the loudness stands at the end of what it says on stderr."""
    chain = [
        # as it will be encoded: mixing six channels down, or one up, changes how loud they are
        "aformat=sample_rates=48000:channel_layouts=stereo",
        "ebur128=framelog=verbose",  # not a line for each window: only the summary
        f"asetnsamples=n={48 * WINDOW_MS}:p=0",
        # reset: each window by itself. Nothing but peaks: the other figures cost more than all the rest.
        "astats=metadata=1:reset=1:measure_perchannel=none:measure_overall=Peak_level",
        f"ametadata=print:key={_PEAK_KEY}:file=-",
    ]
    return [
        "-hide_banner", "-nostdin", "-nostats", "-v", "info", *SAFE_INPUT,
        "-vn", "-sn", "-dn",  # before the input: the picture is not even read
        "-i", str(source), "-map", f"0:{track_index}", "-af", ",".join(chain), "-f", "null", "-",
    ]  # fmt: skip


def read(lines: Iterable[str], summary: str) -> Heard:
    """From what the command wrote, line by line, and what it said on stderr."""
    peaks: dict[int, float] = {}
    window = 0
    for line in lines:
        if line.startswith("frame:"):
            # by its time, not its number: sound that begins late or has holes keeps its place
            window = _window(line)
        elif line.startswith(_PEAK_KEY):
            peaks[window] = max(_decibel(line.partition("=")[2]), peaks.get(window, _LOWEST_DB))
    # The file's own notes are printed too, but before the summary.
    found = dict(_SUMMARY.findall(summary.rpartition("Summary:")[2]))
    lufs = max(float(found.get("I", NOTHING)), NOTHING)
    loudness = Loudness(
        lufs=lufs,
        range_lu=float(found.get("LRA", 0.0)),
        peak_db=round(max(peaks.values(), default=_LOWEST_DB), 1),
        body_db=round(_body(sorted(peaks.values()), lufs), 1),
        heard_ms=len(peaks) * WINDOW_MS,
    )
    return Heard(loudness, peaks)


def _window(line: str) -> int:
    """`frame:12   pts:57600   pts_time:1.2`; times before the beginning are the first window's."""
    try:
        return max(0, int(float(line.rpartition("pts_time:")[2]) * 1000) // WINDOW_MS)
    except (ValueError, OverflowError):
        return 0


def _decibel(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return _LOWEST_DB
    return max(value, _LOWEST_DB) if math.isfinite(value) else _LOWEST_DB


def _body(peaks: Sequence[float], lufs: float) -> float:
    """Speech's windows are those whose peak is above the mean; `peaks` in order."""
    speech = [peak for peak in peaks if peak > lufs]
    if not speech:
        return _LOWEST_DB
    return speech[min(len(speech) - 1, math.floor(len(speech) * (1 - KNOCKS)))]


def gain_db(loudness: Loudness) -> float:
    """What to add, in dB: to -16 LUFS where that neither lifts a room's noise nor squeezes the speech."""
    if loudness.lufs <= ROOM_LUFS:
        return 0.0
    wanted = TARGET_LUFS - loudness.lufs
    most = SHORT_GAIN_DB if loudness.heard_ms < SHORT_MS else MOST_GAIN_DB
    gain = min(wanted, most)
    if gain > 0:
        gain = max(0.0, min(gain, CEILING_DB - loudness.body_db + LIMITED_DB))
    return round(gain, 1) if abs(gain) >= LEAST_GAIN_DB else 0.0


def needs_limiter(loudness: Loudness) -> bool:
    """Whether peaks would pass the ceiling. Without a gain nothing is changed at all, and sound may be copied."""
    gain = gain_db(loudness)
    return gain != 0 and loudness.peak_db + gain > CEILING_DB


def levelled(track: Any, loudness: Loudness) -> Any:
    """The track of an ffmpeg-python graph, with the gain, and with a limiter only where peaks need one."""
    if gain := gain_db(loudness):
        track = track.filter("volume", f"{gain}dB")
    if needs_limiter(loudness):
        # level: it must not make up by itself what it took off. Fast enough for a knock, slow enough not to be heard.
        track = track.filter("alimiter", limit=round(10 ** (CEILING_DB / 20), 4), attack=5, release=60, level="false")
    return track


def waveform(heard: Heard, duration_ms: int) -> Waveform:
    """At most 2,000 heights over the whole length."""
    windows = max(1, -(-duration_ms // WINDOW_MS))
    together = -(-windows // MOST_PEAKS)
    gain = gain_db(heard.loudness)
    heights = [0] * -(-windows // together)
    for window, peak in heard.peaks.items():
        if window < windows:
            height = min(255, round(255 * 10 ** ((peak + gain) / 20)))
            heights[window // together] = max(heights[window // together], height)
    return Waveform(together * WINDOW_MS, tuple(heights))
