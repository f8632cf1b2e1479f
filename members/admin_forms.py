"""Forms of the operators' desk: members, organisations, appointments. They check; members.roster, organisations and
roles act."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.widgets import AdminDateInput

from members import organisations, phones, roles, roster
from members.chooser import member_chooser
from members.models import Appointment, Member, Organisation
from ui.sentences import Refused


class PlaceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic when run
    """A choice of organisations, in the order and with the indents of the tree."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Organisation.objects.order_by("path"), **kwargs)

    def label_from_instance(self, place: Any) -> str:
        return f"{'　' * (place.depth - 1)}{place.name}"


class MemberForm(WagtailAdminModelForm):  # type: ignore[misc]  # Wagtail is untyped
    organisation = PlaceField(label=_("organisation"), required=False)
    password = forms.CharField(
        label=_("New password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Leave it empty to change nothing. The member's keys for the API end with the old password."),
    )

    class Meta:
        model = Member
        fields = ("name", "phone", "enterprise", "employee_number", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["organisation"].initial = organisations.of(self.instance, on=timezone.localdate())

    def clean_phone(self) -> str | None:
        typed = self.cleaned_data["phone"]
        if typed and not phones.normalise(typed):
            raise forms.ValidationError(_("This is not a phone number. Write it as 13800000000 or +8613800000000."))
        return phones.normalise(typed or "") or None

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean()
        if facts.get("employee_number") and not facts.get("enterprise"):
            self.add_error("enterprise", _("An employee number belongs to an enterprise. Choose which."))
        if self.instance.pk:
            self._check_move(facts)
        return facts

    def _check_move(self, facts: dict[str, Any]) -> None:
        if "organisation" in self.changed_data and "organisation" in facts:
            try:
                roster.check_move(self.instance, facts["organisation"], on=timezone.localdate())
            except Refused as refusal:
                self.add_error("organisation", str(refusal))

    def _post_clean(self) -> None:
        super()._post_clean()
        if password := self.cleaned_data.get("password"):
            try:
                validate_password(password, self.instance)
            except forms.ValidationError as error:
                self.add_error("password", error)

    def save(self, commit: bool = True) -> Member:
        return roster.keep(
            self.instance,
            organisation=self.cleaned_data["organisation"],
            password=self.cleaned_data["password"],
            changed=self.changed_data,
            by=self.for_user,
            now=timezone.now(),
        )


class OrganisationForm(WagtailAdminModelForm):  # type: ignore[misc]
    class Meta:
        model = Organisation
        fields = ("name", "short_name", "kind", "enterprise")

    def save(self, commit: bool = True) -> Organisation:
        organisation: Organisation = self.instance
        organisations.change(organisation, changed=self.changed_data, by=self.for_user, now=timezone.now())
        return organisation


class NewOrganisationForm(OrganisationForm):
    above = PlaceField(label=_("Below"), required=False, help_text=_("Empty: at the top of the tree"))

    def save(self, commit: bool = True) -> Organisation:
        facts = {name: self.cleaned_data[name] for name in self.Meta.fields}
        self.instance = organisations.add(self.cleaned_data["above"], by=self.for_user, now=timezone.now(), **facts)
        return self.instance


class NewAppointmentForm(WagtailAdminModelForm):  # type: ignore[misc]
    organisation = PlaceField(label=_("organisation"))

    class Meta:
        model = Appointment
        fields = ("member", "role", "organisation", "starts_on", "ends_on")
        widgets = {"member": member_chooser.widget_class, "starts_on": AdminDateInput, "ends_on": AdminDateInput}

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean()
        if not self.errors:
            try:
                roles.check_appointment(**facts)
            except Refused as refusal:
                self.add_error(refusal.field, str(refusal))
        return facts

    def save(self, commit: bool = True) -> Appointment:
        appointment: Appointment = roles.appoint(**self.cleaned_data, by=self.for_user, now=timezone.now())
        self.instance = appointment
        return appointment


class EndAppointmentForm(WagtailAdminModelForm):  # type: ignore[misc]
    """An appointment is never rewritten, only ended."""

    ends_on = forms.DateField(label=_("Ends on"), help_text=_("The first day without this role"), widget=AdminDateInput)

    class Meta:
        model = Appointment
        fields = ("ends_on",)

    def clean_ends_on(self) -> date:
        ends_on: date = self.cleaned_data["ends_on"]
        try:
            roles.check_end(self.instance, on=ends_on)
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return ends_on

    def _post_clean(self) -> None:
        """The row is written by the rule alone."""

    def save(self, commit: bool = True) -> Appointment:
        appointment: Appointment = self.instance
        roles.end(appointment, on=self.cleaned_data["ends_on"], by=self.for_user, now=timezone.now())
        return appointment
