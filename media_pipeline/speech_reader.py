"""The program that listens: `python -m media_pipeline.speech_reader KIND MODEL TOKENS VAD WAVE`, by `speech` only.

It stands alone, as `slide_reader` does, for a Python in which `sherpa_onnx` is installed. WAVE is 16 kHz, one channel,
16 bits. For each piece of speech one line of JSON: `{"start_ms", "end_ms", "text"}`.
"""

from __future__ import annotations

import array
import json
import sys
import wave
from collections.abc import Iterator
from typing import Any

RATE = 16_000
LONGEST_S = 8.0  # a caption is read in one glance: longer speech is cut at its quietest moment
PAUSE_S = 0.35


def main(kind: str, model: str, tokens: str, vad: str, path: str) -> None:
    import sherpa_onnx

    engine = _recogniser(sherpa_onnx, kind, model, tokens)
    config = sherpa_onnx.VadModelConfig()
    config.silero_vad.model = vad
    config.silero_vad.min_silence_duration = PAUSE_S
    config.silero_vad.max_speech_duration = LONGEST_S
    config.sample_rate = RATE
    config.num_threads = 1
    finder = sherpa_onnx.VoiceActivityDetector(config, buffer_size_in_seconds=60)
    for start, samples in pieces(finder, blocks(path, config.silero_vad.window_size)):
        stream = engine.create_stream()
        stream.accept_waveform(RATE, samples)
        engine.decode_stream(stream)
        told = {"start_ms": start * 1000 // RATE, "end_ms": (start + len(samples)) * 1000 // RATE,
                "text": stream.result.text}  # fmt: skip
        print(json.dumps(told), flush=True)  # noqa: T201 - this is how it answers


def _recogniser(sherpa: Any, kind: str, model: str, tokens: str) -> Any:
    if kind == "paraformer":
        return sherpa.OfflineRecognizer.from_paraformer(paraformer=model, tokens=tokens, num_threads=1)
    # use_itn: numbers as digits, and punctuation
    return sherpa.OfflineRecognizer.from_sense_voice(model=model, tokens=tokens, num_threads=1, use_itn=True)


def pieces(finder: Any, found: Iterator[array.array[float]]) -> Iterator[tuple[int, Any]]:
    """`(first sample, samples)` of each stretch in which somebody speaks."""
    for block in found:
        finder.accept_waveform(block)
        yield from _ready(finder)
    finder.flush()
    yield from _ready(finder)


def _ready(finder: Any) -> Iterator[tuple[int, Any]]:
    while not finder.empty():
        yield finder.front.start, list(finder.front.samples)
        finder.pop()


def blocks(path: str, size: int) -> Iterator[array.array[float]]:
    """The sound in blocks of `size` samples, -1 to 1."""
    with wave.open(path, "rb") as file:
        while data := file.readframes(size):
            yield array.array("f", (sample / 32768 for sample in array.array("h", data)))


if __name__ == "__main__":
    main(*sys.argv[1:])
