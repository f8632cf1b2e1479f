"""Answering an editor whose press of a button could not be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest

from ui.sentences import Refused


def tried(request: HttpRequest, act: Callable[[], Any], *, done: str) -> bool:
    """Do `act` and say `done`, or say why not."""
    try:
        act()
    except Refused as refused:
        messages.error(request, str(refused))
        return False
    messages.success(request, done)
    return True


def tried_form(form: BaseForm, act: Callable[[], Any]) -> bool:
    """Do `act`; what is in the way stands at its field, and what was typed stays."""
    if not form.is_valid():
        return False
    try:
        act()
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return False
    return True
