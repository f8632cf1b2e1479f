"""The look keeps its own rules: one list of colours, two equal dark lists, no colour anywhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STYLES = ROOT / "frontend" / "styles"
PIECES = sorted(path for path in STYLES.glob("*.css") if path.name not in {"tokens.css", "index.css"})


def _declarations(block: str) -> list[str]:
    return re.findall(r"--[\w-]+:[^;]+;|color-scheme:[^;]+;", re.sub(r"/\*.*?\*/", "", block, flags=re.DOTALL))


def test_the_two_dark_lists_are_equal():
    tokens = (STYLES / "tokens.css").read_text()
    by_device = re.search(r':root:not\(\[data-theme="light"\]\) \{(.*?)\}', tokens, re.DOTALL)
    by_choice = re.search(r':root\[data-theme="dark"\] \{(.*?)\}', tokens, re.DOTALL)
    assert by_device
    assert by_choice
    assert _declarations(by_device[1]) == _declarations(by_choice[1])
    assert len(_declarations(by_choice[1])) > 20


@pytest.mark.parametrize("path", PIECES, ids=lambda path: path.name)
def test_colours_stand_in_the_tokens_only(path: Path):
    css = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|rgba|hsl|oklch|color-mix)\(", css)


@pytest.mark.parametrize("path", PIECES, ids=lambda path: path.name)
def test_only_tokens_that_exist_are_used(path: Path):
    known = set(re.findall(r"(--[\w-]+):", (STYLES / "tokens.css").read_text()))
    own = set(re.findall(r"(--media-[\w-]+):", path.read_text()))
    assert set(re.findall(r"var\((--[\w-]+)", path.read_text())) <= known | own


def test_every_piece_is_in_the_one_style_sheet():
    imported = set(re.findall(r'@import "\./([\w.-]+)"', (STYLES / "index.css").read_text()))
    assert imported == {path.name for path in STYLES.glob("*.css")} - {"index.css"}


def test_old_browsers_get_a_page():
    for path in STYLES.glob("*.css"):
        css = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        assert "@layer" not in css
        assert "light-dark(" not in css
