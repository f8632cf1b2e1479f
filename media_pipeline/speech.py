"""The door for speech to text: `sherpa-onnx` and a model the operator has put into `SPEECH_MODEL_DIR`.

No model comes with the product. Where there is none it is off, and says why. What it hears are drafts of captions:
marked as such, reviewed by nobody, until somebody has corrected them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from jobs.errors import JobError
from media_pipeline import captions, cue_text, extras, runner, tools
from media_pipeline.captions import MOST_CHARACTERS, Cue
from media_pipeline.extras import Off
from media_pipeline.inspection import SAFE_INPUT

# How the models that run well on a processor are called, in their folder's or file's name.
KINDS = {"sense-voice": "sense_voice", "sense_voice": "sense_voice", "sensevoice": "sense_voice",
         "paraformer": "paraformer"}  # fmt: skip
VAD, TOKENS = "silero_vad.onnx", "tokens.txt"
MEMORY = 3 * 1024**3
LEAST_TIME, TIMES = 120.0, 2.0  # seconds it may take, and per second of sound


@dataclass(frozen=True)
class Model:
    """What `speech_reader` is told."""

    python: str
    kind: str
    model: Path
    tokens: Path
    vad: Path


def model() -> Model | Off:
    """What is there to listen with, or why there is nothing."""
    if not settings.SPEECH_MODEL_DIR:
        return Off("speech_off_no_setting")
    folder = Path(settings.SPEECH_MODEL_DIR)
    if not folder.is_dir():
        return Off("speech_off_no_folder", {"path": str(folder)})
    found = sorted(path for path in folder.glob("*.onnx") if path.name != VAD)
    # the smaller one of two: int8 is as good here, at half the memory
    found.sort(key=lambda path: "int8" not in path.name)
    kind = next((kind for word, kind in KINDS.items() if found and _is_called(found[0], word)), "")
    if not kind:
        return Off("speech_off_no_model", {"path": str(folder)})
    if missing := [name for name in (TOKENS, VAD) if not (folder / name).is_file()]:
        return Off("speech_off_incomplete", {"path": str(folder), "missing": ", ".join(missing)})
    python = extras.python(settings.SPEECH_PYTHON, "SPEECH_PYTHON", "sherpa_onnx")
    if isinstance(python, Off):
        return python
    return Model(python, kind, found[0], folder / TOKENS, folder / VAD)


def _is_called(path: Path, word: str) -> bool:
    return word in path.name.lower() or word in path.resolve().parent.name.lower()


def off() -> Off | None:
    found = model()
    return found if isinstance(found, Off) else None


def sound_command(source: Path, track_index: int, target: Path) -> list[str]:
    """What the models want: 16 kHz, one channel. Half a second of CPU for five minutes."""
    return [
        "-hide_banner", "-nostdin", "-v", "error", "-y", *SAFE_INPUT, "-vn", "-sn", "-dn", "-i", os.fspath(source),
        "-map", f"0:{track_index}",
        "-af", "aresample=16000:async=1:first_pts=0",  # late sound and holes keep their place, as in what is played
        "-ac", "1", "-c:a", "pcm_s16le", "-map_metadata", "-1", "-f", "wav", os.fspath(target),
    ]  # fmt: skip


def listen(source: Path, track_index: int, duration_ms: int, scratch: Path) -> tuple[Cue, ...]:
    """What was said, in the source's time. Raises JobError; call it only where `off()` is None."""
    found = model()
    if isinstance(found, Off):
        raise JobError(found.code, permanent=True, **found.params)
    wave = scratch / "speech.wav"
    timeout = LEAST_TIME + TIMES * duration_ms / 1000
    rows: list[str] = []
    command = [found.python, "-B", "-m", "media_pipeline.speech_reader", found.kind, *map(str, (found.model,
               found.tokens, found.vad, wave))]  # fmt: skip
    try:
        made = runner.run([tools.ffmpeg(), *sound_command(source, track_index, wave)], timeout=timeout)
        heard = runner.run(command, timeout=timeout, on_line=rows.append, cwd=settings.BASE_DIR, memory=MEMORY)
    except runner.TimedOut as error:
        raise JobError("speech_too_slow") from error
    if made.returncode or heard.returncode:
        raise JobError("speech_failed", words=(made.stderr or heard.stderr)[-200:])
    return captions.clipped(read(rows), duration_ms)


def read(rows: Iterable[str]) -> list[Cue]:
    """From what the reader printed; what is not its JSON is not its answer."""
    cues = []
    for row in rows:
        try:
            told = json.loads(row)
            start, end, text = int(told["start_ms"]), int(told["end_ms"]), cue_text.plain(str(told["text"]))
        except (ValueError, KeyError, TypeError):
            continue
        if text and start < end:
            cues.append(Cue(start, end, text[:MOST_CHARACTERS]))
    return sorted(cues)
