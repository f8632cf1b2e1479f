"""The pages every site begins with, and what editors may do there."""

from __future__ import annotations

import pytest
from django.test import Client
from wagtail.models import Page, Site

from cms.models import HomePage
from courses.models import CataloguePage, CourseItem, CoursePage
from livestreams.models import LivestreamIndexPage
from tests import cast

pytestmark = pytest.mark.django_db


def test_a_new_site_has_its_three_pages() -> None:
    home = HomePage.objects.get()
    assert Site.objects.get(is_default_site=True).root_page_id == home.pk
    assert (home.title, home.slug, home.live) == ("共享党课", "home", True)
    assert [(page.specific_class, page.slug) for page in home.get_children()] == [
        (CataloguePage, "courses"),
        (LivestreamIndexPage, "live"),
    ]
    assert not Page.find_problems()[0]
    assert all(not problems for problems in Page.find_problems())


def test_editors_make_and_publish_courses_below_the_home_page_only(client: Client) -> None:
    editor = cast.editor()
    catalogue, home = CataloguePage.objects.get(), HomePage.objects.get()
    for page in (home, catalogue):
        rights = page.permissions_for_user(editor)
        assert rights.can_add_subpage()
        assert rights.can_publish_subpage()
    assert not home.get_parent().permissions_for_user(editor).can_add_subpage()
    lecture = cast.lecture(topic=cast.topic())
    form = {
        "title": "班组安全十讲", "slug": "safety", "intro": "", "action-publish": "1",
        "items-TOTAL_FORMS": "1", "items-INITIAL_FORMS": "0", "items-MIN_NUM_FORMS": "0", "items-MAX_NUM_FORMS": "1000",
        "items-0-ORDER": "1", "items-0-lecture": str(lecture.pk), "items-0-section": "一、先看清楚",
        "items-0-is_required": "on", "comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0",
    }  # fmt: skip

    response = cast.signed_in(client, editor).post(f"/admin/pages/add/courses/coursepage/{catalogue.pk}/", form)

    assert response.status_code == 302
    course = CoursePage.objects.get(live=True)
    assert CourseItem.objects.get(page=course).lecture == lecture


def test_a_course_is_edited_with_the_lecture_chooser(client: Client) -> None:
    catalogue = CataloguePage.objects.get()
    response = cast.signed_in(client, cast.editor()).get(f"/admin/pages/add/courses/coursepage/{catalogue.pk}/")
    assert "lecture_chooser" in response.content.decode()
