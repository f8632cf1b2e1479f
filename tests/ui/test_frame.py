"""The bars around a page are drawn once for many, and still say to each reader what is theirs alone."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.utils.translation import override

from ui import frame

PLAIN = SimpleNamespace(text_size="normal", theme="auto")


def bar(name: str, address: str = "/", *, who: str = "", token: str = "t", preferences: Any = PLAIN) -> str:
    request = RequestFactory().get(address)
    request.user = SimpleNamespace(is_authenticated=True, is_staff=False, name=who) if who else AnonymousUser()
    return frame.drawn(name, request, preferences, token)


def test_each_reader_has_their_own_name_token_and_way_back() -> None:
    for who, token, address in (("沈月明", "one", "/points/?kind=view"), ("祁连生", "two", "/points/")):
        top = bar("top", address, who=who, token=token)
        assert who in top
        assert set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]*)"', top)) == {token}
        assert set(re.findall(r'name="next" value="([^"]*)"', top)) == {address}
        assert f'aria-hidden="true">{who[0]}</span>' in top


def test_what_is_filled_in_is_escaped_and_makes_no_hole() -> None:
    top = bar("top", '/search/?q="><script>', who=f"<b>{frame.HOLE}csrf_token{frame.HOLE}", token="secret")
    assert "<script>" not in top
    assert "<b>" not in top
    assert set(re.findall('[^"]*secret[^"]*', top)) == {"secret"}


def test_a_visitor_is_led_back_to_where_they_were() -> None:
    assert 'href="/sign-in/?next=/search/%3Fq%3D%25E5%2585%259A"' in bar("top", "/search/?q=%E5%85%9A")


def test_only_staff_see_the_way_to_the_desk() -> None:
    request = RequestFactory().get("/")
    for is_staff in (True, False, True):
        request.user = SimpleNamespace(is_authenticated=True, is_staff=is_staff, name="编辑")  # type: ignore[assignment]
        assert ("/admin/" in frame.drawn("top", request, PLAIN, "t")) == is_staff


@pytest.mark.parametrize(
    ("address", "bars"),
    [("/", "top dock"), ("/courses/term/", "top dock"), ("/points/", "dock"), ("/mine/", "dock"), ("/lectures/x/", "")],
)
def test_the_bars_mark_where_one_is(address: str, bars: str) -> None:
    for name in ("top", "dock"):
        assert bar(name, address).count('aria-current="page"') == (name in bars.split())


def test_preferences_and_language_are_those_of_the_reader() -> None:
    dark = SimpleNamespace(text_size="large", theme="dark")
    for preferences, size, theme in ((PLAIN, "large", "auto"), (dark, "normal", "dark"), (PLAIN, "large", "auto")):
        assert f'name="text_size" value="{size}"' in bar("top", preferences=preferences)
        assert f'value="{theme}" aria-pressed="true"' in bar("foot", preferences=preferences)
    with override("en"):
        assert "中文" in bar("foot")
        assert ">Home<" in bar("top").replace("</a>", "<")
    with override("zh-hans"):
        assert "English" in bar("foot")
