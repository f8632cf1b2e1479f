"""The sign-in form: its shape only. Who may come in is decided by members.sign_in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members import sign_in
from ui.sentences import Refused


class SignInForm(forms.Form):
    identifier = forms.CharField(
        label=_("Employee number or phone"),
        max_length=64,
        error_messages={"required": _("No number yet. Enter your employee number or your phone.")},
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    # Not checked against a list: which enterprises have a number is told only after a try was counted.
    enterprise = forms.CharField(label=_("Your enterprise"), max_length=120, required=False, widget=forms.Select)
    password = forms.CharField(
        label=_("Password"),
        max_length=256,
        strip=False,
        error_messages={"required": _("No password yet. Enter it.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    remember = forms.BooleanField(label=_("Remember me on this device for 30 days"), required=False, initial=True)

    asks_which = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if chosen := self.data.get("enterprise", ""):
            self._offer([chosen])

    def refuse(self, refusal: Refused) -> None:
        """Say at the right field why not. The question which enterprise keeps all that was typed, the password too:
        being asked again for what was right would be taken for a no."""
        asked = refusal.code == "sign_in_which_enterprise"
        if asked or self.asks_which:
            self._offer([one.name for one in sign_in.enterprises_for(self.cleaned_data["identifier"])])
        if asked:
            self.fields["password"].widget = forms.PasswordInput(
                attrs={"autocomplete": "current-password"}, render_value=True
            )
        self.add_error(refusal.field or "password", str(refusal))

    def _offer(self, names: list[str]) -> None:
        self.asks_which = bool(names)
        self.fields["enterprise"].widget = forms.Select(choices=[("", _("Choose")), *((name, name) for name in names)])
