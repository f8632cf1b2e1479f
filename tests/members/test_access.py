"""The decorators that guard pages."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpResponse

from members import access
from tests import cast

pytestmark = pytest.mark.django_db
GUARDS = {
    "signed_in": {"member", "editor", "secretary", "operator"},
    "editor_required": {"editor"},
    "secretary_required": {"secretary"},
    "operator_required": {"operator"},
}


@pytest.mark.parametrize("guard", GUARDS)
@pytest.mark.parametrize("role", ["member", "editor", "secretary", "operator"])
def test_each_guard_lets_its_own_in_and_shows_others_nothing(rf, guard, role):
    request = rf.get("/x/")
    request.user = getattr(cast, role)()
    view = getattr(access, guard)(lambda request, number: HttpResponse(request.user.name + number))
    if role in GUARDS[guard]:
        assert view(request, "7").content.decode() == request.user.name + "7"
    else:
        with pytest.raises(Http404):
            view(request, "7")


@pytest.mark.parametrize("guard", GUARDS)
def test_visitors_are_sent_to_sign_in_and_back(rf, guard):
    view = getattr(access, guard)(lambda request: HttpResponse())
    for request, back in ((rf.get("/x/?a=1&b=2"), "/x/%3Fa%3D1%26b%3D2"), (rf.post("/x/"), "/")):
        request.user = AnonymousUser()
        assert view(request)["Location"] == f"/sign-in/?next={back}"


@pytest.mark.parametrize(
    ("candidate", "path"),
    [
        ("/a/?b=c#d", "/a/?b=c#d"),
        (None, "/"),
        ("", "/"),
        ("a/", "/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("///evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("/\n/evil.example/", "/"),
    ],
)
def test_own_path(candidate, path):
    assert access.own_path(candidate) == path
