"""The home page."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from wagtail.models import Page


class HomePage(Page):  # type: ignore[misc]  # Wagtail is untyped
    """The front page; composed in cms.home."""

    template = "cms/home_page.html"
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    subpage_types: ClassVar[list[str]] = ["courses.CataloguePage", "livestreams.LivestreamIndexPage"]
    max_count = 1

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return context | {"home": home.compose(request.user, now), "today": now}

    class Meta:
        verbose_name = _("home page")
