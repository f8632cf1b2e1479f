"""The benchmark's yardstick speaks the pipeline's own commands; when these change, it must still measure."""

from __future__ import annotations

from pathlib import Path

from bench import parts
from tests.media_pipeline import footage


def test_each_part_of_a_ladder_is_measured_alone(tmp_path: Path) -> None:
    source = footage.film(tmp_path / "lecture.mp4", seconds=1)
    spent = parts.measure(source, tmp_path / "parts")
    assert set(spent) == {"decode", "scale", "encode", "sound"}
    assert spent["encode"] > 0
