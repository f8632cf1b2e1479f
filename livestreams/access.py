"""Finding a livestream's page in order to work on it."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.utils import timezone

from livestreams.models import LivestreamPage
from members import roles
from members.models import Member
from ui.sentences import Refused


def page_to_edit(member: Member | AnonymousUser, page_id: int) -> LivestreamPage:
    """For editors. Others who could see the page are told so (403); a page that is not out is not there (404)."""
    joined = LivestreamPage.objects.select_related("presenter", "topic", "replay__asset__cut__package")
    page = joined.filter(pk=page_id).first()
    is_editor = roles.is_editor(member, timezone.localdate())
    if page is None or not (page.live or is_editor):
        raise Http404
    if not is_editor:
        raise Refused("recording_only_editors", status=403)
    return page  # type: ignore[no-any-return]  # Wagtail is untyped
