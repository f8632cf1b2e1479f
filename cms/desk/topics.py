"""Topics in Wagtail's admin; saving and deleting go through courses.topics, so that lists by topic hear of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.admin.views.generic import CreateView, DeleteView, EditView
from wagtail.admin.viewsets.model import ModelViewSet

from courses import topics
from courses.models import Topic
from ui.sentences import Refused


class _Saves:
    """Saving by our rule instead of by the form."""

    form: Any
    request: Any

    def save_instance(self) -> Topic:
        topic: Topic = self.form.save(commit=False)
        topics.keep(topic, by=self.request.user, now=timezone.now())
        return topic


class _Add(_Saves, CreateView):  # type: ignore[misc]  # Wagtail is untyped
    pass


class _Change(_Saves, EditView):  # type: ignore[misc]
    pass


class _Delete(DeleteView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> HttpResponse:
        try:
            topics.remove(self.object, by=self.request.user, now=timezone.now())
        except Refused as refused:
            messages.error(self.request, str(refused))
        else:
            messages.success(self.request, self.get_success_message())
        return redirect(self.index_url_name)


class TopicViewSet(ModelViewSet):  # type: ignore[misc]
    model: Any = Topic
    icon = "tag"
    menu_label = _("Topics")
    menu_name = "topics"
    menu_order = 220
    add_to_admin_menu = True
    ordering: Any = ("position", "name")
    list_display: Any = ("name", "slug", "position")
    search_fields: Any = ("name",)
    panels: Any = [FieldPanel("name"), FieldPanel("slug"), FieldPanel("description"), FieldPanel("position")]
    add_view_class = _Add
    edit_view_class = _Change
    delete_view_class = _Delete
    copy_view_enabled = False
    add_to_reference_index = False
