"""Featured candidates and the rule set at the editors' desk."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from engagement import rules, scoring
from engagement.models import FeaturedMark, RuleSet
from tests import cast
from tests.livestreams.builders import NOW

pytestmark = pytest.mark.django_db


def mark(**facts: Any) -> FeaturedMark:
    lecture, in_force = cast.lecture(topic=cast.topic()), rules.current(NOW)
    tally = scoring.Tally(views={1: 200, 2: 100, 3: 100}, viewers=400, captions_reviewed=True)
    evidence = scoring.weigh(tally, in_force, cooled_hours=100, rank=1)
    return FeaturedMark.objects.create(
        **{
            "lecture": lecture, "topic": lecture.topic, "period": "2026-Q4", "rules": in_force,
            "evidence": evidence.as_json(), "events_hash": "x", "found_at": NOW, **facts,
        }
    )  # fmt: skip


def test_a_candidate_is_shown_with_its_evidence(client: Client) -> None:
    candidate = mark()
    text = cast.signed_in(client, cast.editor()).get(reverse("desk:featured")).content.decode()
    assert candidate.lecture.title in text
    assert "400" in text
    assert reverse("desk:featured-decide", args=[candidate.pk, "decline"]) in text


def test_declining_and_withdrawing_need_a_reason(client: Client) -> None:
    editor = cast.editor()
    candidate = mark()
    confirmed = mark(state="confirmed", decided_at=NOW, decided_by=editor)
    cast.signed_in(client, editor)
    for one, decision, to in ((candidate, "decline", "declined"), (confirmed, "withdraw", "withdrawn")):
        url = reverse("desk:featured-decide", args=[one.pk, decision])
        before = one.state
        client.post(url, {"reason": ""})
        assert FeaturedMark.objects.get(pk=one.pk).state == before
        client.post(url, {"reason": "题目和上季度的一样"})
        decided = FeaturedMark.objects.get(pk=one.pk)
        assert (decided.state, decided.reason, decided.decided_by) == (to, "题目和上季度的一样", editor)


def test_confirming_what_no_longer_meets_the_rule_is_refused_with_a_sentence(client: Client) -> None:
    candidate = mark()  # its evidence was never counted from anything, so weighing it again finds nothing
    response = cast.signed_in(client, cast.editor()).post(
        reverse("desk:featured-decide", args=[candidate.pk, "confirm"]), follow=True
    )
    assert FeaturedMark.objects.get(pk=candidate.pk).state == "candidate"
    assert [message.level_tag for message in response.context["messages"]] == ["error"]


def test_decisions_are_posted_known_and_about_a_mark(client: Client) -> None:
    candidate = mark()
    cast.signed_in(client, cast.editor())
    assert client.get(reverse("desk:featured-decide", args=[candidate.pk, "confirm"])).status_code == 405
    assert client.post(reverse("desk:featured-decide", args=[candidate.pk, "burn"])).status_code == 404
    assert client.post(reverse("desk:featured-decide", args=[candidate.pk + 1, "confirm"])).status_code == 404


def test_saving_the_rules_makes_a_new_version(client: Client) -> None:
    editor = cast.editor()
    cast.signed_in(client, editor)
    form = client.get(reverse("desk:rules")).context["form"]
    before = RuleSet.objects.count()
    values = {name: value for name, value in form.initial.items() if value is not False}

    assert client.post(reverse("desk:rules"), values).status_code == 302
    assert RuleSet.objects.count() == before  # nothing changed, no version
    assert client.post(reverse("desk:rules"), values | {"viewers_least": 7}).status_code == 302

    newest = RuleSet.objects.order_by("-version")[0]
    assert RuleSet.objects.count() == before + 1
    assert newest.viewers_least == 7
    assert newest.score_least == form.initial["score_least"]


def test_a_rule_that_is_no_number_stays_on_the_form(client: Client) -> None:
    before = RuleSet.objects.count()
    cast.signed_in(client, cast.editor())
    values = {name: value for name, value in client.get(reverse("desk:rules")).context["form"].initial.items() if value}
    response = client.post(reverse("desk:rules"), values | {"places": "三"})
    assert response.status_code == 400
    assert list(response.context["form"].errors) == ["places"]
    assert RuleSet.objects.count() == before
