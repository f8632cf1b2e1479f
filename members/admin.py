"""The operators' desk in Wagtail's admin: members (in the place of Wagtail's own users), organisations, enterprises,
appointments. Nothing here is ever deleted; members are closed and appointments ended."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from django.forms import BaseForm
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views.generic import CreateView, EditView, IndexView
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet

from members.admin_forms import (
    EndAppointmentForm,
    MemberForm,
    NewAppointmentForm,
    NewOrganisationForm,
    OrganisationForm,
)
from members.models import Appointment, Enterprise, Member, Organisation


class _List(IndexView):  # type: ignore[misc]  # Wagtail is untyped
    joined: tuple[str, ...] = ()

    def get_base_queryset(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_base_queryset()
        return rows.select_related(*self.joined)


class _Add(CreateView):  # type: ignore[misc]
    def save_instance(self) -> Any:
        return self.form.save()


class _Change(EditView):  # type: ignore[misc]
    def save_instance(self) -> Any:
        return self.form.save()


class KeptViewSet(ModelViewSet):  # type: ignore[misc]
    """List, add, change: our forms call our rules, and our audit trail is the history."""

    add_form: type[BaseForm] | None = None
    change_form: type[BaseForm] | None = None
    joined: tuple[str, ...] = ()  # what the list shows of other rows
    index_view_class = _List
    add_view_class = _Add
    edit_view_class = _Change
    copy_view_enabled = False
    add_to_reference_index = False

    def get_form_class(self, for_update: bool = False) -> Any:
        return (self.change_form if for_update else self.add_form) or super().get_form_class(for_update)

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_index_view_kwargs(**{"joined": self.joined, **kwargs})  # type: ignore[no-any-return]

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        none = {"delete_url_name": None, "history_url_name": None, "usage_url_name": None}
        return super().get_common_view_kwargs(**{**none, **kwargs})  # type: ignore[no-any-return]

    def get_urlpatterns(self) -> list[Any]:
        kept = {"index", "index_results", "add", "edit"}
        return [pattern for pattern in super().get_urlpatterns() if pattern.name in kept]


class MemberViewSet(KeptViewSet):
    """Stands where Wagtail's own list of users would (members.apps)."""

    model: type[Model] = Member
    icon = "user"
    menu_label = _("Members")
    menu_name = "members"
    menu_order = 600
    add_to_admin_menu = True
    ordering = "name"
    joined = ("enterprise",)
    list_display = ("name", "phone", "enterprise", "employee_number", "is_active", "last_login")
    list_filter = ("is_active", "enterprise")
    search_fields = ("name", "phone", "employee_number")
    add_form = change_form = MemberForm


class OrganisationViewSet(KeptViewSet):
    model: type[Model] = Organisation
    icon = "site"
    menu_label = _("Organisations")
    ordering = "path"
    joined = ("enterprise",)
    list_display = ("name", "kind", "short_name", "enterprise")
    list_filter = ("kind",)
    search_fields = ("name", "short_name")
    add_form = NewOrganisationForm
    change_form = OrganisationForm


class AppointmentViewSet(KeptViewSet):
    model: type[Model] = Appointment
    icon = "key"
    menu_label = _("Appointments")
    ordering = "-starts_on"
    joined = ("member", "organisation")
    list_display = ("__str__", "organisation", "starts_on", "ends_on")
    list_filter = ("role",)
    search_fields = ("member__name",)
    add_form = NewAppointmentForm
    change_form = EndAppointmentForm


class EnterpriseViewSet(KeptViewSet):
    model: type[Model] = Enterprise
    icon = "home"
    menu_label = _("Enterprises")
    ordering = "name"
    list_display = ("name", "short_name")
    form_fields = ("name", "short_name")


class PlacesGroup(ViewSetGroup):  # type: ignore[misc]
    menu_label = _("Organisations and roles")
    menu_icon = "group"
    menu_order = 610
    items = (OrganisationViewSet, AppointmentViewSet, EnterpriseViewSet)
