"""What the house promises of itself: sizes, names, layers, migrations, words."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from config import translations
from ui import sentences

ROOT = Path(settings.BASE_DIR)
APPS = translations.app_folders()
SOURCES = sorted(path for app in APPS for path in app.rglob("*.py") if "migrations" not in path.parts)
WRITTEN = [
    *SOURCES,
    *(ROOT / "tests").rglob("*.py"),
    *(ROOT / "bench").rglob("*.py"),
    *(ROOT / "frontend").glob("*/*.js"),
    *(ROOT / "frontend").glob("*/*.css"),
    *(path for path in (ROOT / "script").rglob("*") if path.is_file()),
]
DRAWERS = {"utils", "helpers", "services", "core", "common"}


def test_no_file_is_longer_than_400_lines() -> None:
    assert [str(path) for path in WRITTEN if len(path.read_text().splitlines()) > 400] == []


def test_no_function_is_longer_than_50_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= 50
    ]
    assert long == []


def test_no_module_is_a_drawer() -> None:
    assert [str(path) for path in SOURCES if path.stem in DRAWERS or DRAWERS & set(path.parts)] == []


def test_every_module_says_what_it_is() -> None:
    wordless = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.stem not in {"__init__", "apps", "urls"} and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert wordless == []


def test_doors_are_the_only_users_of_what_they_guard() -> None:
    guarded: dict[str, set[str]] = {
        "subprocess": {"media_pipeline/runner.py", "config/supervisor.py"},
        "boto3": {"media_pipeline/storage/s3_clients.py", "media_pipeline/storage/s3_errors.py"},
        "botocore": {f"media_pipeline/storage/{name}.py" for name in ("s3", "s3_clients", "s3_errors", "bucket")},
        "elasticsearch": {
            "search/page_backend.py",
            *(f"search/engines/elastic{part}.py" for part in ("", "_search", "_writing")),
        },
    }
    for module, allowed in guarded.items():
        pattern = re.compile(rf"^\s*(import|from) {module}\b", re.MULTILINE)
        users = {str(path.relative_to(ROOT)) for path in SOURCES if pattern.search(path.read_text())}
        assert users <= allowed, module


def test_views_forms_tasks_and_receivers_stay_inside_their_app() -> None:
    """Another app may import models, subject modules, access and signals; never these."""
    words = "views|forms|tasks|receivers"
    private = re.compile(rf"^\s*from (\w+)(?:\.({words})\b| import .*\b({words})\b)")
    wrong = []
    names = {app.name for app in APPS}
    for path in SOURCES:
        own = path.relative_to(ROOT).parts[0]
        for line in path.read_text().splitlines():
            found = private.match(line)
            if found and found[1] in names and found[1] != own and own != "config":
                wrong.append(f"{path.relative_to(ROOT)}: {line.strip()}")
    assert wrong == []


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_migrations_have_names_that_say_something() -> None:
    unnamed = [
        path.name
        for app in APPS
        for path in (app / "migrations").glob("0*.py")
        if re.search(r"_auto_|_and_", path.name)
    ]
    assert unnamed == []


@pytest.mark.django_db
def test_every_string_has_chinese() -> None:
    assert translations.missing() == []


def test_every_sentence_is_said_in_both_languages() -> None:
    """No code is answered in English to a Chinese reader."""

    def said(code: str) -> dict[str, str]:
        names = re.findall(r"%\((\w+)\)", str(sentences._sentences[code]))
        return sentences.say_in_all(code, dict.fromkeys(names, 1))

    assert [code for code in sentences.codes() if said(code)["zh-hans"] == said(code)["en"]] == []


def test_nothing_of_one_machine_is_in_the_sources() -> None:
    """No absolute path of somebody's home or work folder, and no package registry's address."""
    wrong = re.compile(r"(^|[\s\"'(=])/(?:work|root|home)/|pypi\.(org)|npmjs\.(org)|pythonhosted")
    texts = [path for path in WRITTEN if path.name != "test_house.py"]
    assert [str(path) for path in texts if wrong.search(path.read_text())] == []


@pytest.mark.parametrize("script", ["setup", "server", "test", "lint", "bench", "services"])
def test_each_script_explains_itself(script: str) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "script" / script), "--help"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0
    assert "usage: script/" in done.stdout
