"""The address map. Doors (media, parts, beats, events) stand in front of it, in config.asgi."""

from __future__ import annotations

from django.conf import settings
from django.urls import include, path
from django.views.static import serve
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as admin_urls
from wagtail.documents import urls as document_urls

from config import health
from config.api import api

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("api/v1/", api.urls),
    path("admin/", include(admin_urls)),
    path("documents/", include(document_urls)),
    path("", include("members.urls")),
    path("", include("courses.urls")),
    path("", include("engagement.urls")),
    path("", include("search.urls")),
    path("", include("study_sessions.urls")),
    path("", include("cms.urls")),
    path("ui/", include("ui.urls")),
    # Editors' images. nginx answers these where it stands in front.
    path("images/<path:path>", serve, {"document_root": settings.MEDIA_ROOT}, name="image"),
    path("", include(wagtail_urls)),
]
