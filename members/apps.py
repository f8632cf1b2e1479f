from __future__ import annotations

from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("Members")

    def ready(self) -> None:
        from members import receivers, sentences  # noqa: F401  # registering is what they are for

        # The name Wagtail reads its section of users from; its form wants an e-mail address and two names.
        apps.get_app_config("wagtailusers").user_viewset = "members.admin.MemberViewSet"  # type: ignore[attr-defined]
