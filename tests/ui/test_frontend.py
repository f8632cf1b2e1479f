"""The front end's own tests, its build and its lock file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FRONTEND = ROOT / "frontend"
NODE = os.environ.get("NODE") or shutil.which("node")
MODULES = os.environ.get("NODE_MODULES", str(FRONTEND / "node_modules"))

with_node = pytest.mark.skipif(NODE is None, reason="no Node on this machine: script/setup --dev brings one")
with_modules = pytest.mark.skipif(
    not (Path(MODULES) / "esbuild").is_dir(), reason="no Node modules: NODE_MODULES does not lead to them"
)


@with_node
def test_the_scripts_own_tests_pass():
    tests = sorted(str(path) for path in (FRONTEND / "test").glob("*.test.js"))
    done = subprocess.run([NODE, "--test", *tests], check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-3000:]


@with_node
@with_modules
def test_the_build_makes_one_file_a_page_and_the_hashes_of_the_player(tmp_path: Path):
    out = tmp_path / "dist"
    done = subprocess.run(
        [NODE, str(FRONTEND / "build.mjs"), "--out", str(out)],
        check=False, capture_output=True, text=True, timeout=120, env=os.environ | {"NODE_PATH": MODULES},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    names = {path.name for path in out.iterdir()}
    scripts = {"site.js", "upload.js", "player.js", "search.js", "work.js", "events-worker.js"}
    assert names == scripts | {"site.css", "desk.css", "csp-player.json"}
    hashes = json.loads((out / "csp-player.json").read_text())
    assert len(hashes) >= 8
    assert all(one.startswith("sha256-") for one in hashes)
    # What every page loads stays small; the player is for the watch page only.
    assert (out / "site.js").stat().st_size < 10_000
    assert (out / "site.css").stat().st_size < 50_000


def test_the_lock_file_names_no_place_to_download_from():
    text = (FRONTEND / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]
    assert not any("resolved" in facts for facts in packages.values())
    assert all("integrity" in facts for path, facts in packages.items() if path)
