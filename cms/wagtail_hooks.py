"""What Wagtail's admin gets from the editors' desk: addresses, menu, look, topics, the lecture chooser."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import include, path, reverse_lazy
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from cms.desk import dashboard, urls
from cms.desk.chooser import lecture_chooser
from cms.desk.topics import TopicViewSet
from members import roles


@hooks.register("register_admin_urls")  # type: ignore[untyped-decorator]  # Wagtail is untyped
def desk() -> list[Any]:
    return [path("", include((urls, "desk"), namespace="desk"))]


@hooks.register("register_admin_viewset")  # type: ignore[untyped-decorator]
def viewsets() -> list[Any]:
    return [TopicViewSet(), lecture_chooser]


@hooks.register("insert_global_admin_css")  # type: ignore[untyped-decorator]
def look() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', static("desk.css"))


@hooks.register("construct_homepage_summary_items")  # type: ignore[untyped-decorator]
def summary(request: HttpRequest, items: list[Any]) -> None:
    """What waits for the editor, instead of how many images and documents there are."""
    items[:] = dashboard.items(request)


class DeskItem(MenuItem):  # type: ignore[misc]
    """For editors only: others would find nothing there."""

    def is_shown(self, request: HttpRequest) -> bool:
        return roles.is_editor(request.user, timezone.localdate())


class OperatorItem(MenuItem):  # type: ignore[misc]
    """For operators only."""

    def is_shown(self, request: HttpRequest) -> bool:
        return roles.is_operator(request.user, timezone.localdate())


def _item(label: str | Promise, address: str, icon: str, order: int) -> DeskItem:
    return DeskItem(label, reverse_lazy(address), name=address.replace(":", "-"), icon_name=icon, order=order)


@hooks.register("register_admin_menu_item")  # type: ignore[untyped-decorator]
def review() -> DeskItem:
    return _item(_("Review"), "desk:review-list", "tasks", 10)


@hooks.register("register_admin_menu_item")  # type: ignore[untyped-decorator]
def featured() -> DeskItem:
    return _item(_("Featured candidates"), "desk:featured", "pick", 200)


@hooks.register("register_admin_menu_item")  # type: ignore[untyped-decorator]
def recordings() -> DeskItem:
    return _item(_("Recordings"), "desk:recording-list", "media", 210)


@hooks.register("register_admin_menu_item")  # type: ignore[untyped-decorator]
def rules() -> DeskItem:
    return _item(_("Rules of points"), "desk:rules", "cog", 230)


@hooks.register("register_admin_menu_item")  # type: ignore[untyped-decorator]
def operations() -> OperatorItem:
    address = reverse_lazy("desk:operations")
    return OperatorItem(_("Operations"), address, name="desk-operations", icon_name="cogs", order=240)
