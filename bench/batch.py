"""A mixed batch for the faults: small films of every way through the pipeline, sent as by a browser that does not give
up."""

from __future__ import annotations

import random
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
from django.db import Error

from media_pipeline import tools

PATIENCE = 120.0  # seconds for one answer of a site whose web process is killed again and again
_TOOK = {200, 201, 204}
_SOUND = ["-f", "lavfi", "-t", "{s}", "-i", "sine=frequency=300"]


@dataclass(frozen=True)
class Film:
    name: str
    path: Path
    is_good: bool  # ends ready; else refused


def films(folder: Path, *, long_s: int, few: bool) -> list[Film]:
    """Each once. `long_s`: of those that are encoded in parts. few: three of them."""
    folder.mkdir(parents=True, exist_ok=True)
    x264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    unlike = [*x264[:4], "-profile:v", "high444", "-pix_fmt", "yuv444p", "-g", "50"]
    uneven = "testsrc2=size=640x360:rate=25,select='not(between(n,40,90))*mod(n,3)'"
    aac = ["-c:a", "aac", "-b:a", "32k"]
    good = {
        "clip.mp4": ("testsrc2=size=320x240:rate=25", 5, [*x264, *aac]),
        "talk.mp4": ("testsrc2=size=854x480:rate=15", 9, [*x264, *aac]),
        "slides.mp4": (uneven, 9, [*x264, "-fps_mode", "vfr", *aac]),
        "camera.mkv": ("testsrc2=size=640x360:rate=25", 7, [*unlike, "-c:a", "mp3"]),
        "long.mp4": ("testsrc2=size=640x360:rate=15", long_s, [*unlike, *aac]),
        "long-clip.mp4": ("testsrc2=size=640x360:rate=15", long_s, [*x264, "-g", "30", *aac]),
    }
    if few:
        good = {name: how for name, how in good.items() if name in {"talk.mp4", "long.mp4"}}
    made = [Film(name, _make(folder / name, *how), is_good=True) for name, how in good.items()]
    broken = folder / "broken.mp4"
    whole = made[0].path.read_bytes()
    broken.write_bytes(whole[: whole.index(b"moov") - 1000])
    if few:
        return [*made, Film(broken.name, broken, is_good=False)]
    sound = _make(folder / "sound.m4a", "", 4, ["-vn", *aac])
    text = folder / "text.mp4"
    text.write_text("这不是录像。\n" * 2000)
    return [*made, *(Film(path.name, path, is_good=False) for path in (sound, text, broken))]


def _make(path: Path, picture: str, seconds: int, codecs: list[str]) -> Path:
    if not path.exists():
        draft = path.with_stem(f"draft-{path.stem}")
        inputs = ["-f", "lavfi", "-t", str(seconds), "-i", picture] if picture else []
        sound = [word.format(s=seconds) for word in _SOUND]
        subprocess.run([tools.ffmpeg(), "-v", "error", "-y", *inputs, *sound, *codecs, str(draft)], check=True)
        draft.rename(path)
    return path


def _nobody(request: httpx.Request) -> httpx.Request:
    """A signed address says itself who may put a part there; an S3 service refuses to be told twice."""
    request.headers.pop("Authorization", None)
    return request


class Sender(threading.Thread):
    """Keeps `ahead` recordings of the batch under way until it is told to end. What fails is tried again, as browsers
    do; an answer that says no is a fault."""

    def __init__(
        self, url: str, key: str, batch: list[Film], chance: random.Random, under_way: Callable[[], int], *, ahead: int
    ) -> None:
        super().__init__(name="sender", daemon=True)
        headers = {"Authorization": f"Bearer {key}"}
        self.client = httpx.Client(base_url=f"{url}/api/v1/", headers=headers, timeout=15)
        self.batch, self.chance, self.under_way, self.ahead = batch, chance, under_way, ahead
        self.sent: dict[str, Film] = {}  # by the asset's id
        self.over = threading.Event()
        self.trouble = ""

    def run(self) -> None:
        order: list[Film] = []
        try:
            while not self.over.is_set():
                if self.under_way() >= self.ahead:
                    self.over.wait(0.3)
                    continue
                order = order or self.chance.sample(self.batch, len(self.batch))
                film = order.pop()
                self.sent[self._send(film)] = film
        except (httpx.HTTPError, ValueError, OSError, Error) as error:  # told at the end, by the thread that judges
            self.trouble = f"{type(error).__name__}: {error}"

    def _send(self, film: Film) -> str:
        data = film.path.read_bytes()
        told = self._ask("POST", "uploads", json={"name": film.name, "size": len(data)}).json()
        size, known = told["part_size"], told["id"]
        for number in range(1, told["part_count"] + 1):
            signed = self._ask("POST", f"uploads/{known}/sign", json={"numbers": [number]}).json()["parts"][0]
            part = data[(number - 1) * size : number * size]
            self._ask("PUT", str(self.client.base_url.join(signed["url"])), content=part, auth=_nobody)
        return str(self._ask("POST", f"uploads/{known}/complete").json()["id"])

    def _ask(self, method: str, address: str, **more: object) -> httpx.Response:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self.client.request(method, address, **more)  # type: ignore[arg-type]
                if answer.status_code in _TOOK:
                    return answer
                if answer.status_code < 500:
                    raise ValueError(f"{method} {address}: {answer.status_code} {answer.text[:200]}")
            except httpx.TransportError:  # it was killed, and comes again
                answer = None
            if time.monotonic() > until:
                raise TimeoutError(f"{method} {address}: no answer for {PATIENCE:.0f} s")
            time.sleep(0.2)
