"""What Wagtail's admin gets from search."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import path, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from members import roles
from search.admin import SynonymViewSet, missed


@hooks.register("register_admin_viewset")  # type: ignore[untyped-decorator]  # Wagtail is untyped
def viewsets() -> list[Any]:
    return [SynonymViewSet()]


@hooks.register("register_admin_urls")  # type: ignore[untyped-decorator]
def addresses() -> list[Any]:
    return [path("not-found/", missed, name="search-missed")]


class EditorsItem(MenuItem):  # type: ignore[misc]
    """For editors only: others would find nothing there."""

    def is_shown(self, request: HttpRequest) -> bool:
        return roles.is_editor(request.user, timezone.localdate())


@hooks.register("register_admin_menu_item")  # type: ignore[untyped-decorator]
def missed_item() -> EditorsItem:
    return EditorsItem(
        _("Not found"), reverse_lazy("search-missed"), name="search-missed", icon_name="search", order=245
    )
