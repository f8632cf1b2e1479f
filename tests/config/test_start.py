"""What a process has loaded at its start is not searched for garbage; what it makes afterwards is."""

from __future__ import annotations

import gc


def test_the_collector_leaves_alone_what_was_loaded_and_works_for_the_rest() -> None:
    assert gc.get_freeze_count() > 100_000
    assert gc.isenabled()
