"""A worker that kills itself at one moment of a preparation. As kill -9, power or the kernel's hunger for memory would:
nothing is tidied up."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn


def work(moment: str, job: int) -> NoReturn:
    """Do the job, in a process forked for this, and die at `moment` of it."""
    from jobs import runner

    MOMENTS[moment]()
    runner.run(job)
    sys.exit(f"It lived through {moment!r}.")


def die(*args: Any, **kwargs: Any) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise SystemExit("unreachable")


def after_the_claim() -> None:
    from jobs import runner

    runner.JobHandle = die  # type: ignore[assignment,misc]


def in_the_middle_of_the_ladder() -> None:
    from django.conf import settings

    from media_pipeline import runner, tools

    run = runner.run

    def in_real_time(args: Any, **options: Any) -> Any:
        """So that it is still the middle when the blow falls, however busy the machine is."""
        at = args.index("-i") if args[0] == tools.ffmpeg() else 1
        return run([*args[:at], "-re", *args[at:]] if at > 1 else args, **options)

    runner.run = in_real_time

    def watch() -> None:
        while not any(Path(settings.SCRATCH_DIR).glob("*/*/out/*/00001.m4s")):
            time.sleep(0.002)
        die()

    threading.Thread(target=watch, daemon=True).start()


def between_ladder_and_verification() -> None:
    from media_pipeline import verification

    verification.verify = die


def between_the_last_put_and_the_pointer_switch() -> None:
    from media_pipeline import generations

    generations.publish = die  # type: ignore[assignment]


def when_the_first_play_begins_to_show() -> None:
    from media_pipeline import generations

    generations.show = die  # type: ignore[assignment]


def when_the_first_play_is_whole() -> None:
    from media_pipeline import generations

    generations.settle_first_play = die  # type: ignore[assignment]


def in_the_switch_before_its_commit() -> None:
    from media_pipeline import signals

    signals.asset_ready.send = die  # type: ignore[method-assign]


def between_the_commit_and_the_end_of_the_job() -> None:
    from jobs import runner

    runner.finish = die


def between_a_refusal_and_the_removal_of_its_bytes() -> None:
    from media_pipeline import storage

    refuse = storage.default

    def unless_refused() -> Any:
        from media_pipeline.models import Asset

        return die() if Asset.objects.filter(state="refused").exists() else refuse()

    storage.default = unless_refused


MOMENTS: dict[str, Callable[[], None]] = {
    made.__name__: made
    for made in (
        after_the_claim,
        when_the_first_play_begins_to_show,
        when_the_first_play_is_whole,
        in_the_middle_of_the_ladder,
        between_ladder_and_verification,
        between_the_last_put_and_the_pointer_switch,
        in_the_switch_before_its_commit,
        between_the_commit_and_the_end_of_the_job,
        between_a_refusal_and_the_removal_of_its_bytes,
    )
}
