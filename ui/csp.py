"""Marks on a response that the content security policy (config.csp) obeys."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpResponseBase

View = TypeVar("View", bound=Callable[..., Any])


def admit_player(response: HttpResponseBase) -> None:
    """Let the player's own style sheets (known by hash) into this page."""
    response.csp_player = True  # type: ignore[attr-defined]  # a mark for our own middleware


def with_player(view: View) -> View:
    """Decorator: the page this view answers shows the player."""

    @wraps(view)
    def marked(*args: Any, **kwargs: Any) -> Any:
        response = view(*args, **kwargs)
        admit_player(response)
        return response

    return marked  # type: ignore[return-value]  # the same signature, which wraps() cannot say
