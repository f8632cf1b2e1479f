"""The rule set of points and featured lectures. Saving makes a new version; old ones explain old entries."""

from __future__ import annotations

from django.contrib import messages
from django.forms import BoundField
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cms.desk.forms import FEATURED, POINTS, RulesForm
from cms.desk.refusals import tried_form
from engagement import rules
from engagement.models import RuleSet
from members.access import MemberRequest, editor_required


@require_http_methods(["GET", "HEAD", "POST"])
@editor_required
def rules_edit(request: MemberRequest) -> HttpResponse:
    now = timezone.now()
    current = rules.current(now)
    form = RulesForm(request.POST or None, instance=RuleSet.objects.get(pk=current.pk))
    if request.method == "POST" and tried_form(form, lambda: _change(request, form)):
        return redirect("desk:rules")
    context = {
        "title": _("Rules of points"),
        "icon": "cog",
        "current": current,
        "form": form,
        "groups": [(_("Points"), _fields(form, POINTS)), (_("Featured lectures"), _fields(form, FEATURED))],
        "versions": RuleSet.objects.order_by("-version")[:10],
    }
    return render(request, "cms/desk/rules.html", context, status=400 if form.errors else 200)


def _change(request: MemberRequest, form: RulesForm) -> None:
    changed = {name: form.cleaned_data[name] for name in form.changed_data}
    if not changed:
        messages.info(request, _("Nothing was changed, so there is no new version."))
        return
    made = rules.change(by=request.user, now=timezone.now(), **changed)
    messages.success(request, _("Version %(version)s holds from now on.") % {"version": made.version})


def _fields(form: RulesForm, names: tuple[str, ...]) -> list[BoundField]:
    return [form[name] for name in names]
