"""Settings of encoding that this machine cannot bear are told with what to do; those unset fit it."""

from __future__ import annotations

from typing import Any

import pytest

from media_pipeline import capacity


def test_what_is_not_set_fits_this_machine(settings: Any) -> None:
    assert 1 <= settings.ENCODES_AT_ONCE <= settings.CORES
    assert settings.ENCODES_AT_ONCE * max(settings.ENCODE_THREADS, 1) <= settings.CORES
    assert capacity.check_parts(None) == capacity.check_machine(None) == []


def test_more_encodes_than_cores_and_memory_are_told(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CORES, settings.ENCODES_AT_ONCE, settings.ENCODE_THREADS = 2, 5, 1
    monkeypatch.setattr(capacity, "memory_of_machine", lambda: 4 * 1024**3)

    threads, memory = capacity.check_machine(None)

    assert threads.msg == "5 encodes at once of 1 threads each are more than 2 cores can do."
    assert memory.msg == "5 encodes at once want 5 GiB of memory; this machine has 4.0."
    assert threads.hint
    assert memory.hint


def test_parts_too_long_to_cut_anything_are_told(settings: Any) -> None:
    settings.ENCODE_PARTS_ABOVE_SECONDS, settings.ENCODE_PART_SECONDS = 100, 200
    (told,) = capacity.check_parts(None)
    assert "not long enough to be cut" in told.msg
