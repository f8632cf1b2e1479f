"""A branch with a secretary, and what can be planned in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from study_sessions import planning
from study_sessions.models import StudySession
from tests import cast

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
START = datetime(2026, 11, 23, 7, tzinfo=UTC)  # 15:00 in Shanghai
HOUR = timedelta(hours=1)


class Branch:
    """A committee with two branches; the first has a secretary, a member and a planned session."""

    def __init__(self) -> None:
        self.committee = cast.organisation("某公司党委", kind="committee")
        self.place = cast.organisation("装配二车间党支部", parent=self.committee)
        self.other = cast.organisation("物流站党支部", parent=self.committee)
        self.committee.refresh_from_db()
        self.secretary = cast.secretary(self.place)
        self.member = cast.member(organisation=self.place)
        self.lecture = cast.lecture(title="看不见的那一面")

    def plan(self, **facts: Any) -> StudySession:
        return planning.plan(
            **{
                "by": self.secretary,
                "organisation": self.place,
                "lecture": self.lecture,
                "starts_at": START,
                "ends_at": START + HOUR,
                "now": NOW,
                **facts,
            }
        )

    def edit(self, session: StudySession, **facts: Any) -> None:
        names = ("lecture", "title", "note", "starts_at", "ends_at")
        known = {name: getattr(session, name) for name in names}
        planning.edit(session, **{"by": self.secretary, "now": NOW, **known, **facts})


@pytest.fixture
def branch(db: None) -> Branch:
    return Branch()


def people(branch: Branch) -> dict[str, Any]:
    return {
        "secretary": branch.secretary,
        "executive secretary": cast.appointed("executive_secretary", branch.place),
        "secretary above": cast.secretary(branch.committee),
        "secretary beside": cast.secretary(branch.other),
        "member": branch.member,
        "editor": cast.editor(branch.place),
        "operator": cast.operator(branch.committee),
    }
