"""The key to one's own event stream."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema

from push import channels, tokens

router = Router(tags=["events"])


class StreamKey(Schema):
    token: str
    url: str


@router.post("/events", response=StreamKey)
def open_stream(request: HttpRequest) -> dict[str, str]:
    """A key for one minute. Open `GET url?token=…`; after a break ask for a new key and add `&after=<last id>`."""
    token = tokens.issue([channels.for_member(request.auth.pk)])  # type: ignore[attr-defined]  # set by ninja
    return {"token": token, "url": "/api/v1/events"}
