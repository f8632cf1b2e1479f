"""Every template of the product: icons that exist, no inline style or script, components that render."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import Client, RequestFactory, override_settings

from ui import samples, words
from ui.navigation import DOCK, TOP

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(ROOT.glob("*/templates/**/*.html"))
ICONS = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "ui/static/ui/icons.svg").read_text()))
SCRIPTS = sorted(
    path for path in (ROOT / "frontend").glob("*/*.js") if path.parent.name not in {"test", "node_modules"}
)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_icon_that_is_named_is_drawn(path: Path):
    named = set(re.findall(r"""{% icon ["']([\w-]+)["']""", path.read_text()))
    assert named <= ICONS


def test_icons_named_in_code_are_drawn():
    assert {item.icon for item in (*TOP, *DOCK)} <= ICONS
    text = "".join(path.read_text() for path in SCRIPTS)
    named = set(re.findall(r"""(?:icon|drawing): "([\w-]+)"|this\.icon\("([\w-]+)"\)""", text))
    assert {one or other for one, other in named} <= ICONS


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_nothing_is_inline_that_the_policy_forbids(path: Path):
    text = path.read_text()
    if "wagtailadmin/" in text or "/desk/" in str(path):
        return  # under /admin/ Wagtail's own looser policy holds
    assert not re.search(r"<[^>]+\sstyle=", text)
    assert not re.search(r"<[^>]+\son[a-z]+=", text)
    assert "<style" not in text
    for script in re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", text):
        assert "application/json" in script


@override_settings(DEBUG=True)
@pytest.mark.django_db
def test_the_page_of_components_shows_every_component():
    page = Client().get("/ui/components/")
    assert page.status_code == 200
    shown = (ROOT / "ui/templates/ui/components.html").read_text()
    shown += "".join(path.read_text() for path in (ROOT / "ui/templates/ui/components").glob("*.html"))
    for path in (ROOT / "ui/templates/ui/components").glob("*.html"):
        assert f"ui/components/{path.name}" in shown, path.name


@pytest.mark.django_db
def test_the_page_of_components_is_for_those_who_build():
    assert Client().get("/ui/components/").status_code == 404


@pytest.mark.parametrize("name", ["404.html", "403.html", "403_csrf.html", "500.html"])
def test_error_pages_say_what_to_do_in_both_languages(name: str):
    from django.utils.translation import override

    request = RequestFactory().get("/somewhere/")
    request.user = AnonymousUser()
    said = set()
    for language in ("zh-hans", "en"):
        with override(language):
            page = render_to_string(name, request=None if name == "500.html" else request)
            said.add(re.sub(r"\s+", " ", page))
            assert 'href="/"' in page
    assert len(said) == 2


def test_a_card_without_picture_or_length_is_still_a_card():
    bare = samples.context(RequestFactory().get("/"))["cards"][-1]
    card = render_to_string("ui/_card.html", {"card": bare})
    assert "<img" not in card
    assert "length" not in card
    assert bare.title in card


def test_titles_are_escaped():
    from ui.cards import Card

    card = render_to_string("ui/_card.html", {"card": Card("/x/", "<script>alert(1)</script>", "", 1000)})
    assert "<script>" not in card


def test_scripts_hold_no_sentences_of_their_own():
    for path in SCRIPTS:
        code = re.sub(r"//[^\n]*|/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        assert not re.search(r"[\u4e00-\u9fff]", code), path.name


def test_every_word_a_script_asks_for_is_there():
    for script, folder in (("player", "player"), ("upload", "upload"), ("site", "site")):
        text = "".join(path.read_text() for path in (ROOT / "frontend" / folder).glob("*.js"))
        asked = set(re.findall(r"\bwords\.(\w+)\b(?!\()", text)) | set(re.findall(r"""\bword\("(\w+)\"""", text))
        asked |= set(re.findall(r"""this\.(?:button|link|choose|show)\("(\w+)\"""", text))
        assert asked <= set(words.WORDS[script]), asked - set(words.WORDS[script])
