"""What Wagtail's admin gets from members. Its own list of users is replaced in members.apps."""

from __future__ import annotations

from typing import Any

from wagtail import hooks
from wagtail.admin.views import account

from members.admin import PlacesGroup
from members.chooser import member_chooser


@hooks.register("register_admin_viewset")  # type: ignore[untyped-decorator]  # Wagtail is untyped
def places() -> Any:
    return [PlacesGroup(), member_chooser]


def _never(panel: Any) -> bool:
    return False


# The account page asks for first and last name and for letters to an address. Names come from the roster, letters are
# not written: without this, nobody could save the page.
account.NameEmailSettingsPanel.is_active = _never
account.NotificationsSettingsPanel.is_active = _never
