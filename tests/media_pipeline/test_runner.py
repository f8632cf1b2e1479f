"""The door to other programs: what it gives a child, what it takes from it, and that none outlives its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from media_pipeline import runner

ROOT = Path(__file__).resolve().parents[2]
SLEEPY = "sleep 300 & echo $! > sleeper; wait"
# Goes on as soon as that limit is set, which is done when the program runs already.
LIMITED = (
    "import resource, time\nfor _ in range(2000):\n"
    "    if 0 < resource.getrlimit(resource.RLIMIT_{})[0] <= {}: break\n    time.sleep(0.01)\n"
)


def python(program: str, **options: Any) -> runner.Finished:
    return runner.run([sys.executable, "-c", program], **{"timeout": 30, **options})


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def is_gone(pid: int) -> bool:
    """Ended; a zombie nobody has reaped yet counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def is_asleep(folder: Path) -> bool:
    return (folder / "sleeper").exists() and (folder / "sleeper").read_text().endswith("\n")


def sleeper_in(folder: Path) -> int:
    assert within(60, lambda: is_asleep(folder))
    return int((folder / "sleeper").read_text())


def alone(program: str) -> list[str]:
    """A process of its own with nothing of the site but the runner."""
    opening = (
        "from pathlib import Path; from sys import argv; from django.conf import settings;"
        "settings.configure(RUNNER_MEMORY_BYTES=2**32); from media_pipeline import runner;"
    )
    return [sys.executable, "-c", opening + program]


def test_it_answers_how_the_child_ended_and_what_it_said() -> None:
    found = python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")

    assert (found.returncode, found.stdout, found.stderr) == (3, "out\n", "err\n")
    assert found.cpu_s > 0
    assert found.max_rss > 1024 * 1024


def test_a_child_ended_by_a_signal_says_which() -> None:
    assert python("import os; os.kill(os.getpid(), 11)").returncode == -signal.SIGSEGV


def test_only_the_end_of_its_complaints_is_kept() -> None:
    found = python("import sys; sys.stderr.write('a' * 100_000 + 'the reason')")

    assert len(found.stderr) == runner.STDERR_KEPT
    assert found.stderr.endswith("the reason")


def test_it_gets_no_input_and_waits_for_none() -> None:
    assert python("import sys; print(repr(sys.stdin.read()))").stdout == "''\n"


def test_none_of_our_secrets_are_in_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "not for children")
    monkeypatch.setenv("DATABASE_URL", "postgres://user:word@host/base")

    names = set(python("import os; print(*os.environ)").stdout.split())

    assert "PATH" in names
    assert names <= {
        *runner._INHERITED,
        "LC_ALL",
        "GCONV_PATH",
        "AV_LOG_FORCE_NOCOLOR",
        "LC_CTYPE",
        "PWD",
        "OLDPWD",
        "SHLVL",
        "_",
    }


def test_it_has_none_of_our_open_files(tmp_path: Path) -> None:
    with (tmp_path / "open").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        found = python("import os; print(*(os.readlink(f'/proc/self/fd/{n}') for n in range(3, 64) "
                       "if os.path.exists(f'/proc/self/fd/{n}')))")  # fmt: skip

    assert str(tmp_path) not in found.stdout


def test_a_child_that_takes_too_long_is_killed_with_all_it_started(tmp_path: Path) -> None:
    with pytest.raises(runner.TimedOut):
        runner.run(["/bin/sh", "-c", SLEEPY], timeout=8, cwd=tmp_path)

    assert within(60, lambda: is_gone(sleeper_in(tmp_path)))


def test_a_child_that_ends_but_leaves_another_behind_does_not_hold_us(tmp_path: Path) -> None:
    with pytest.raises(runner.TimedOut):
        runner.run(["/bin/sh", "-c", "sleep 300 & echo $! > sleeper"], timeout=8, cwd=tmp_path)

    assert within(60, lambda: is_gone(sleeper_in(tmp_path)))


def test_a_child_that_says_too_much_is_stopped() -> None:
    with pytest.raises(runner.OutputTooLong):
        python("while True: print('x' * 1000)", max_output=100_000)


def test_a_child_that_wants_too_much_memory_does_not_get_it(settings: Any) -> None:
    settings.RUNNER_MEMORY_BYTES = 256 * 1024**2

    found = python(LIMITED.format("AS", 256 * 1024**2) + "print(len(bytearray(10**9)))")

    assert found.returncode == 1
    assert "MemoryError" in found.stderr


def test_a_child_cannot_fill_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "LARGEST_FILE", 100_000)

    found = python(LIMITED.format("FSIZE", 100_000) + "open('big', 'wb').write(b'x' * 10**6)", cwd=tmp_path)

    assert found.returncode != 0
    assert (tmp_path / "big").stat().st_size <= 100_000


def test_a_lower_ceiling_of_ours_is_kept(tmp_path: Path) -> None:
    """Where an operator has limited the worker already, its children must still run."""
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (10**9, 10**9));"
        "print(runner.run(['/bin/sh', '-c', 'sleep 1; ulimit -H -f'], timeout=60).stdout)"
    )
    found = subprocess.run(alone(program), cwd=ROOT, capture_output=True, text=True, check=False)

    assert int(found.stdout) * 512 <= 10**9, found.stderr


def test_each_line_is_handed_over_and_not_kept() -> None:
    lines: list[str] = []

    found = python("print('one\\r'); print('two'); print('half', end='')", on_line=lines.append)

    assert lines == ["one", "two"]
    assert found.stdout == ""


def test_progress_is_told_while_it_works_and_never_goes_back() -> None:
    told: list[int] = []

    python(
        "import time\nfor us, pause in (('N/A', .6), ('1500000', .6), ('900000', .6), ('2000000', 3)):\n"
        "    print(f'frame=1\\nout_time_us={us}\\nprogress=continue', flush=True)\n    time.sleep(pause)",
        on_progress=told.append,
    )  # fmt: skip

    assert told == sorted(told)
    assert told[0] in {0, 1500}
    assert told[-1] == 2000


def test_a_silent_child_is_still_asked_after() -> None:
    told: list[int] = []

    python("import time; time.sleep(5)", on_progress=told.append)

    assert len(told) >= 2


def test_what_the_listener_raises_kills_the_child_and_is_raised_here(tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    def listen(reached_ms: int) -> None:
        if is_asleep(tmp_path):
            raise Enough

    with pytest.raises(Enough):
        runner.run(["/bin/sh", "-c", SLEEPY], timeout=300, on_progress=listen, cwd=tmp_path)

    assert within(60, lambda: is_gone(sleeper_in(tmp_path)))


@pytest.mark.parametrize("launcher", ["setpriv", "python"])
def test_a_child_dies_with_its_parent(tmp_path: Path, launcher: str) -> None:
    without = "runner._setpriv = lambda: None;" if launcher == "python" else ""
    program = (
        f"{without}runner.run(['/bin/sh', '-c', 'echo $$ > sleeper; exec sleep 300'], timeout=300, cwd=Path(argv[1]))"
    )
    with subprocess.Popen([*alone(program), str(tmp_path)], cwd=ROOT) as parent:
        try:
            child = sleeper_in(tmp_path)
            assert not is_gone(child)
        finally:
            parent.kill()

    assert within(60, lambda: is_gone(child))


def test_a_child_whose_parent_died_before_it_began_does_not_begin(tmp_path: Path) -> None:
    """The guard compares its parent's number with the one it was started by."""
    for guard in (
        ["/bin/sh", "-c", runner._SHELL_GUARD, "1"],
        [sys.executable, "-I", "-S", "-c", runner._PYTHON_LAUNCHER, "1"],
    ):
        subprocess.run([*guard, "/bin/sh", "-c", "echo alive > here"], cwd=tmp_path, check=False)

    assert not (tmp_path / "here").exists()


def test_a_child_that_is_killed_by_somebody_else_is_told_apart() -> None:
    with pytest.raises(runner.Killed):
        python("import os; os.kill(os.getpid(), 9)")


def test_a_child_that_works_on_without_getting_further_hangs() -> None:
    hanging = "import time\nwhile True: print('out_time_us=1000', flush=True); time.sleep(.1)"

    began = time.monotonic()
    with pytest.raises(runner.TimedOut):
        python(hanging, on_progress=lambda reached: None, stall=1.0, timeout=300)
    assert time.monotonic() - began < 60


def test_work_that_is_not_wanted_any_more_ends_within_two_seconds(tmp_path: Path) -> None:
    class Unwanted(Exception):
        pass

    def check() -> None:
        if is_asleep(tmp_path):
            raise Unwanted

    assert runner.CHECK_EVERY + runner.TICK <= 2
    began = time.monotonic()
    with pytest.raises(Unwanted), runner.wanted_while(check):
        runner.run(["/bin/sh", "-c", SLEEPY], timeout=300, cwd=tmp_path)
    assert time.monotonic() - began < 60  # long before its sleep is over, and before its time is up
    assert within(60, lambda: is_gone(sleeper_in(tmp_path)))
