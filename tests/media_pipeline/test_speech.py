"""Speech to text: a door that is shut with a reason, and what comes through it. No model is to be had here."""

from __future__ import annotations

import array
import json
import wave
from pathlib import Path
from typing import Any

import pytest

from jobs.errors import JobError
from media_pipeline import speech, speech_reader
from media_pipeline.captions import Cue
from media_pipeline.extras import Off
from tests.media_pipeline.footage import film
from tests.media_pipeline.test_slides import program
from ui.sentences import say_in_all


def folder(tmp_path: Path, *files: str, name: str = "sherpa-onnx-sense-voice-zh") -> Path:
    path = tmp_path / name
    path.mkdir()
    for file in files:
        (path / file).touch()
    return path


@pytest.mark.parametrize(
    ("files", "name", "code"),
    [
        ((), "sense-voice", "speech_off_no_model"),
        (("model.onnx",), "unknown", "speech_off_no_model"),
        (("silero_vad.onnx",), "sense-voice", "speech_off_no_model"),
        (("model.onnx",), "sense-voice", "speech_off_incomplete"),
        (("model.onnx", "tokens.txt"), "sense-voice", "speech_off_incomplete"),
        (("model.onnx", "tokens.txt", "silero_vad.onnx"), "sense-voice", "extra_off_not_installed"),
    ],
)
def test_each_thing_that_is_missing_is_named(
    settings: Any, tmp_path: Path, files: tuple[str, ...], name: str, code: str
) -> None:
    settings.SPEECH_MODEL_DIR = str(folder(tmp_path, *files, name=name))
    settings.SPEECH_PYTHON = str(program(tmp_path, "exit 1"))
    reason = speech.off()

    assert reason is not None
    assert reason.code == code
    assert all(said.strip() for said in say_in_all(reason.code, reason.params).values())


def test_nothing_set_and_nothing_there_are_told_apart(settings: Any, tmp_path: Path) -> None:
    settings.SPEECH_MODEL_DIR = ""
    assert speech.off() == Off("speech_off_no_setting")

    settings.SPEECH_MODEL_DIR = str(tmp_path / "nowhere")
    assert speech.off() == Off("speech_off_no_folder", {"path": str(tmp_path / "nowhere")})


@pytest.mark.parametrize(
    ("name", "files", "wanted"),
    [
        ("sense-voice", ("model.onnx", "model.int8.onnx"), ("sense_voice", "model.int8.onnx")),
        ("models", ("paraformer-zh.onnx",), ("paraformer", "paraformer-zh.onnx")),
    ],
)
def test_a_model_is_recognised_by_its_name(
    settings: Any, tmp_path: Path, name: str, files: tuple[str, ...], wanted: tuple[str, str]
) -> None:
    settings.SPEECH_MODEL_DIR = str(folder(tmp_path, *files, "tokens.txt", "silero_vad.onnx", name=name))
    settings.SPEECH_PYTHON = str(program(tmp_path, "exit 0"))
    found = speech.model()

    assert isinstance(found, speech.Model)
    assert (found.kind, found.model.name) == wanted


def test_nobody_listens_while_it_is_off(settings: Any, tmp_path: Path) -> None:
    settings.SPEECH_MODEL_DIR = ""
    with pytest.raises(JobError) as failed:
        speech.listen(tmp_path / "source", 1, 1000, tmp_path)

    assert failed.value.permanent


def test_what_the_program_says_becomes_cues(settings: Any, tmp_path: Path) -> None:
    """With a program that answers as the real one does; the sound it is given is the real one."""
    rows = [{"start_ms": 100, "end_ms": 900, "text": "同志们好"}, {"start_ms": 1000, "end_ms": 1500, "text": " "},
            {"start_ms": 1600, "end_ms": 9000, "text": "今天<b>讲</b>三点"}]  # fmt: skip
    said = " ".join(f"'{json.dumps(row)}'" for row in rows)
    settings.SPEECH_MODEL_DIR = str(folder(tmp_path, "model.onnx", "tokens.txt", "silero_vad.onnx"))
    settings.SPEECH_PYTHON = str(program(tmp_path, f'[ "$2" = -c ] || printf "%s\\n" {said}; echo some warning'))

    cues = speech.listen(film(tmp_path / "film.mp4"), 1, 2000, tmp_path)

    assert cues == (Cue(100, 900, "同志们好"), Cue(1600, 2000, "今天讲三点"))
    with wave.open(str(tmp_path / "speech.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16_000, 1, 2)


def test_a_listener_that_fails_is_told_of(settings: Any, tmp_path: Path) -> None:
    settings.SPEECH_MODEL_DIR = str(folder(tmp_path, "model.onnx", "tokens.txt", "silero_vad.onnx"))
    settings.SPEECH_PYTHON = str(program(tmp_path, '[ "$2" = -c ] || exit 7'))

    with pytest.raises(JobError) as failed:
        speech.listen(film(tmp_path / "film.mp4"), 1, 2000, tmp_path)

    assert failed.value.code == "speech_failed"


def test_rubbish_is_no_cue() -> None:
    assert speech.read(["", "{}", "[1]", '{"start_ms": 5, "end_ms": 5, "text": "a"}', '{"start_ms": "x"}']) == []


def test_the_sound_is_read_in_blocks_without_loss(tmp_path: Path) -> None:
    samples = array.array("h", range(-500, 500))
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    blocks = list(speech_reader.blocks(str(tmp_path / "a.wav"), 300))

    assert [len(block) for block in blocks] == [300, 300, 300, 100]
    assert [round(sample * 32768) for block in blocks for sample in block] == list(samples)
