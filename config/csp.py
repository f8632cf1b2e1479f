"""The content security policy: strict on the member site, looser under /admin/ (Wagtail 8 has inline scripts).

Media Chrome and hls-video put constant style sheets into shadow roots. Pages that show the player admit exactly
those, by the hashes the front-end build computed (frontend/build.mjs → csp-player.json).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from media_pipeline import storage

_SITE = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob: data:",  # hls.js begins each text track with an empty one of its own
    "worker-src": "'self' blob:",  # hls.js demuxes in a worker made from a blob
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
}
_ADMIN = _SITE | {"script-src": "'self' 'unsafe-inline'", "style-src": "'self' 'unsafe-inline'"}


@cache
def player_style_hashes() -> str:
    path = Path(settings.STATICFILES_DIRS[0]) / "csp-player.json"
    hashes: list[str] = json.loads(path.read_text()) if path.exists() else []
    return "".join(f" '{one}'" for one in hashes)


def policy(*, admin: bool = False, player: bool = False) -> str:
    directives = dict(_ADMIN if admin else _SITE)
    if player and not admin:
        directives["style-src"] += player_style_hashes()
    if (origin := storage.default().parts_origin) not in {"", settings.SITE_URL}:
        directives["connect-src"] += f" {origin}"  # parts of uploads go there straight from the page
    return "; ".join(f"{name} {value}" for name, value in directives.items())


class ContentSecurityPolicyMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["Content-Security-Policy"] = policy(
            admin=request.path.startswith("/admin/"), player=getattr(response, "csp_player", False)
        )
        return response
