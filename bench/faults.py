"""Kills what a site runs on, with SIGKILL, at random moments over a mixed batch, and says what was lost.

A site of its own on loopback: web, workers and schedule as `manage.py serve` keeps them, in a data folder that goes
again. Its broker is a Redis of ours where there is one (it keeps nothing, so what it held is lost), else the folder,
whose messages are thrown away. `taken up again`: from the kill until another worker has the job. Ends with 1 if a
recording did not end ready or refused as it must, something was made or told twice, a file or a process was left, or
work waited longer than a minute.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

DATA = Path(os.environ["DATA_DIR"]) / "faults"
os.environ |= {"DATA_DIR": str(DATA), "DJANGO_SETTINGS_MODULE": "config.settings"}

from bench import engines  # noqa: E402
from tests.browser.site import ENGINES, Site, free_port  # noqa: E402 - before Django reads the environment

for name in ENGINES if "--make-people" not in sys.argv else ():  # the site's own, then
    os.environ.pop(name, None)
# What rows and files are kept in must be known before Django is set up.
GROWN_UP = engines.environment() if "--grown-up" in sys.argv else {}
os.environ |= GROWN_UP
import django  # noqa: E402

django.setup()

from django.utils import timezone  # noqa: E402 - Django must be set up before what follows is read

from bench import batch, losses  # noqa: E402
from jobs.models import Job, JobEvent  # noqa: E402
from media_pipeline.models import Asset  # noqa: E402
from tests.browser import people  # noqa: E402

WITHIN = 60.0  # seconds in which lost work must be taken up again
WEIGHTS = {"worker": 9, "ffmpeg": 7, "web": 2, "broker": 2}
STUCK = 240.0  # seconds without any step of any job: twice what a job pauses at most after it was lost
LONG_S, PART_S = 16, 5
# By the names of processes; the supervisor gives its children theirs.
KINDS = {"worker": "worker", "encoder": "worker", "web": "web", "ffmpeg": "ffmpeg", "ffprobe": "ffmpeg"}


@dataclass
class Blow:
    """One kill. `held`: jobs that were being done by what was killed. `after`: seconds until the web answered, or the
    queue moved."""

    target: str
    at: datetime
    held: list[int] = field(default_factory=list)
    after: float | None = None


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    state: str
    began: str
    name: str

    @property
    def kind(self) -> str:
        if self.state == "Z":
            return ""
        return KINDS.get(self.name.rstrip("-0123456789"), "")


def processes() -> Iterator[Process]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent, *more = path.read_text().rpartition(")")[2].split()
            name = path.with_name("comm").read_text().strip()
        except OSError:  # it has ended
            continue
        yield Process(int(path.parent.name), int(parent), state, more[17], name)


def below(top: int) -> list[Process]:
    everything, found = list(processes()), {top}
    for _ in range(6):  # web and workers, their launchers, ffmpeg
        found |= {one.pid for one in everything if one.parent in found}
    return [one for one in everything if one.pid in found and one.pid != top]


class Broker:
    """Our own Redis, or the folder."""

    def __init__(self) -> None:
        self.program, self.port = shutil.which("redis-server"), free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0" if self.program else "filesystem://"

    def start(self) -> None:
        if self.program:
            words = [
                "--port",
                str(self.port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
                "--dir",
                str(DATA),
            ]
            self.process = subprocess.Popen(
                [self.program, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )

    def kill(self) -> None:
        """All that it held is lost; it is there again a moment later."""
        self.stop()
        for message in (DATA / "queue").glob("*.msg"):
            message.unlink(missing_ok=True)
        time.sleep(0.5)
        self.start()

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()


class Faults:
    def __init__(self, site: Site, broker: Broker, sender: batch.Sender, chance: random.Random) -> None:
        self.site, self.broker, self.sender, self.chance = site, broker, sender, chance
        self.blows: list[Blow] = []
        self.faults: list[str] = []
        self.killed: list[Process] = []  # ffmpeg whose worker was killed: must be gone as well
        self._seen: set[int] = set()

    def strike(self, kills: int, *, every: float, until: float) -> None:
        first = self.chance.sample(list(WEIGHTS), len(WEIGHTS))  # however few: one of each
        while len(self.blows) < kills and time.monotonic() < until and not self.sender.trouble:
            time.sleep(self.chance.uniform(0.1, 2 * every))
            self.look()
            target = first[-1] if first else self.chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            if blow := self.hit(target):
                self.blows.append(blow)
                first = first[:-1]
                if len(self.blows) % 20 == 0:
                    print(f"· {len(self.blows)} kills, {len(self.sender.sent)} recordings sent", flush=True)

    def hit(self, target: str) -> Blow | None:
        """Kill one of them; None if there is none just now."""
        if target == "broker":
            blow = Blow(target, timezone.now())
            self.broker.kill()
            return blow
        assert self.site.process
        there = below(self.site.process.pid)
        found = [one for one in there if one.kind == target]
        if not found:
            return None
        # Where it hurts: of the workers one that has a job, if any has.
        names = Job.objects.filter(state=Job.State.RUNNING).values_list("worker", flat=True)
        at_work = {int(name.rpartition(":")[2]) for name in names}
        one = self.chance.choice([one for one in found if one.pid in at_work] or found)
        holder = one.parent if target == "ffmpeg" else one.pid
        held = Job.objects.filter(state=Job.State.RUNNING, worker__endswith=f":{holder}")
        blow = Blow(target, timezone.now(), [job.pk for job in held])
        self.killed += [child for child in there if target == "worker" and child.parent == one.pid]
        try:
            os.kill(one.pid, signal.SIGKILL)
        except ProcessLookupError:
            return None  # it has just ended by itself
        if target == "web":
            blow.after = self._web_again(blow.at)
        return blow

    def _web_again(self, since: datetime) -> float:
        while (timezone.now() - since).total_seconds() < 2 * WITHIN:
            try:
                with urllib.request.urlopen(f"{self.site.url}/healthz", timeout=5):
                    break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        return (timezone.now() - since).total_seconds()

    def look(self) -> None:
        """Nothing is called ready that is not whole; no ffmpeg works on for a worker that is dead."""
        self.faults += losses.half_done(self._seen)

    def settle(self) -> None:
        """Until all has ended, or nothing moves any more; and the sweeps have gone over it."""
        moved, last = time.monotonic(), 0
        while time.monotonic() < moved + STUCK and (losses.under_way() or Job.objects.active().exists()):
            time.sleep(0.3)
            self.look()
            if (count := JobEvent.objects.count()) != last:
                moved, last = time.monotonic(), count
        patience = time.monotonic() + 25
        while time.monotonic() < patience and losses.left_in_scratch():
            time.sleep(0.5)

    def judge(self) -> dict[str, Any]:
        waits = [(blow, job, losses.taken_up(job, blow.at)) for blow in self.blows for job in blow.held]
        late = [
            f"job {job} waited {wait} s for another worker" for _, job, wait in waits if wait is None or wait > WITHIN
        ]
        for blow in self.blows:
            if blow.target == "broker":
                blow.after = losses.next_claim(blow.at)
        late += [
            f"{one.target}: {one.after:.0f} s" for one in self.blows if one.after is not None and one.after > WITHIN
        ]
        self.look()
        there = {(one.pid, one.began): one for one in processes()}
        assert self.site.process
        found = {
            "trouble": [self.sender.trouble] if self.sender.trouble else [],
            "late": late,
            "not complete": self.faults,
            "ended otherwise": list(losses.unlike_sent(self.sender.sent)),
            "twice": [*losses.doubled(), *losses.unlike_each_other()],
            "orphan files": [*losses.orphans(), *losses.left_in_scratch()],
            "processes": [
                *(f"ffmpeg {one.pid}" for one in self.killed if (one.pid, one.began) in there),
                *(f"{one.pid} {one.state} {one.name}" for one in below(self.site.process.pid)
                  if one.state == "Z" or one.kind == "ffmpeg"),
            ],
        }  # fmt: skip
        seconds = sorted(wait for _, _, wait in waits if wait is not None)
        return {
            "kills": len(self.blows),
            "by target": dict(Counter(blow.target for blow in self.blows)),
            "in work": len(waits),
            "taken up again": len([one for one in seconds if one <= WITHIN]),
            "median s": _at(seconds, 0.5),
            "longest s": _at(seconds, 1.0),
            "web again s": max((one.after for one in self.blows if one.target == "web" and one.after), default=None),
            "queue moved s": max(
                (one.after for one in self.blows if one.target == "broker" and one.after), default=None
            ),
            "recordings": len(self.sender.sent),
            "states": dict(Counter(Asset.objects.values_list("state", flat=True))),
            "attempts": JobEvent.objects.filter(to_state=Job.State.RUNNING).count(),
            "jobs": Job.objects.count(),
            "faults": {what: told for what, told in found.items() if told},
        }


def _at(ordered: list[float], part: float) -> float | None:
    return round(ordered[round((len(ordered) - 1) * part)], 1) if ordered else None


def show(found: dict[str, Any]) -> None:
    targets = ", ".join(f"{count} × {target}" for target, count in found["by target"].items())
    print(f"{found['kills']} kills: {targets}")
    print(
        f"{found['in work']} jobs were being done by what was killed; {found['taken up again']} taken up again within "
        f"{WITHIN:.0f} s (median {found['median s']} s, longest {found['longest s']} s)"
    )
    print(
        f"web answered again after {found['web again s']} s at most, the queue moved after {found['queue moved s']} s"
    )
    print(f"{found['recordings']} recordings: {found['states']}; {found['jobs']} jobs in {found['attempts']} attempts")
    for what, told in found["faults"].items():
        print(f"✗ {what}: {len(told)}", *told[:10], sep="\n    ")
    if not found["faults"]:
        print("✓ nothing lost, nothing twice, no file and no process left over")


def measure(kills: int, minutes: float, every: float, seed: int, ahead: int, *, few: bool) -> dict[str, Any]:
    chance = random.Random(seed)
    site, broker = Site(DATA), Broker()
    films = batch.films(DATA.parent / "faults-films", long_s=LONG_S, few=few)
    site.environ |= {
        "CELERY_BROKER_URL": broker.url, "ENCODES_AT_ONCE": "1" if few else "3", "ENCODE_THREADS": "1",
        "OCR_PYTHON": "none", "SPEECH_PYTHON": "none", "ENCODE_PARTS_ABOVE_SECONDS": "10",
        "ENCODE_PART_SECONDS": str(PART_S),
    } | GROWN_UP  # fmt: skip
    broker.start()
    try:
        site.manage("set_up")
        site.run(sys.executable, "-m", "bench.faults", "--make-people", DATA_DIR=str(DATA.parent), **GROWN_UP)
        site.start()
        sender = batch.Sender(site.url, key(site), films, chance, losses.under_way, ahead=ahead)
        faults, began = Faults(site, broker, sender, chance), time.monotonic()
        sender.start()
        faults.strike(kills, every=every, until=began + minutes * 60)
        sender.over.set()
        sender.join(batch.PATIENCE)
        faults.settle()
        found = faults.judge()
        if found["faults"]:
            print(site.logs())
        return found
    finally:
        if left := site.stop():
            print(f"✗ outlived the site: {left}")
        broker.stop()
        shutil.rmtree(DATA, ignore_errors=True)


def key(site: Site) -> str:
    body = json.dumps({"identifier": people.AUTHOR.phone, "password": people.PASSWORD}).encode()
    asked = urllib.request.Request(f"{site.url}/api/v1/tokens", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return str(json.load(answer)["token"])


def main() -> None:
    raw = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(prog="script/bench faults", description=__doc__, formatter_class=raw)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=30, help="of killing at most (default: 30)")
    parser.add_argument("--every", type=float, default=3.0, help="seconds between two, on average (default: 3)")
    parser.add_argument(
        "--seed", type=int, default=random.randrange(10**6), help="of the moments (default: another each time)"
    )
    parser.add_argument("--ahead", type=int, default=8, help="recordings under way (default: 8)")
    parser.add_argument("--few", action="store_true", help="only three films, and one encoder")
    parser.add_argument("--grown-up", action="store_true", help="rows in PostgreSQL, files on S3 (TEST_… addresses)")
    parser.add_argument("--database", type=Path, help="a migrated SQLite file to begin with: half a minute less")
    parser.add_argument("--make-people", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make_people:
        from tests.browser import rows

        rows.make_people()
        return
    shutil.rmtree(DATA, ignore_errors=True)
    DATA.mkdir(parents=True)
    if options.database:
        shutil.copy(options.database, DATA / "db.sqlite3")
    print(f"seed {options.seed}", flush=True)
    with engines.standing(GROWN_UP) if GROWN_UP else nullcontext():
        found = measure(options.kills, options.minutes, options.every, options.seed, options.ahead, few=options.few)
    show(found)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1, ensure_ascii=False))
    sys.exit(1 if found["faults"] else 0)


if __name__ == "__main__":
    main()
