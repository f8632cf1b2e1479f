"""The page that shows every component, for those who build. It exists only while DEBUG is on."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from ui import csp, samples


class SampleForm(forms.Form):
    title = forms.CharField(label="标题", help_text="一句话，二十个字以内。")
    day = forms.DateField(label="哪天之前看完", widget=forms.DateInput(attrs={"type": "date"}))
    dub = forms.BooleanField(label="允许同事给这节课配音", required=False)
    who = forms.ChoiceField(label="给谁看", choices=[("all", "所有党员"), ("one", "本支部")], widget=forms.RadioSelect)


@csp.with_player
def components(request: HttpRequest) -> HttpResponse:
    if not settings.DEBUG:
        raise Http404
    form = SampleForm({"title": "两道线", "day": "昨天"})
    return render(request, "ui/components.html", {"form": form, **samples.context(request)})
