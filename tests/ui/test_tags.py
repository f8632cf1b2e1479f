from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.template import engines
from django.utils.translation import override


def rendered(text: str, **context: Any) -> str:
    return engines["django"].from_string(text).render(context)


def test_the_line_draws_parts_where_they_are_and_says_what_it_shows():
    line = rendered('{% line segments "已看62%" %}', segments=[(0, 36.4), (42.1, 68.2)])
    assert 'role="img" aria-label="已看62%"' in line
    assert '<rect x="0%" width="36.4%" height="100%"/><rect x="42.1%" width="26.1%" height="100%"/>' in line


@pytest.mark.parametrize("segments", [[(-10, 120)], [(50, 50)], [(120, 130)], None])
def test_a_line_never_leaves_its_box(segments: Any):
    line = rendered("{% line segments %}", segments=segments)
    assert line.count("<rect") == (1 if segments == [(-10, 120)] else 0)
    assert "120" not in line


def test_a_line_without_words_is_hidden_from_those_who_cannot_see_it():
    assert 'aria-hidden="true"' in rendered("{% line s %}", s=[(0, 10)])


def test_done_thick_and_now_are_drawn_so():
    line = rendered("{% line s 'x' done=True thick=True now=now %}", s=[(0, 10)], now=(10, 12.5))
    assert 'class="line line-done line-thick"' in line
    assert '<rect class="now" x="10%" width="2.5%" height="100%"/>' in line


def test_what_stands_in_a_label_is_escaped():
    assert "<script>" not in rendered("{% line s label %}", s=[], label='"><script>')


def test_days_are_shown_in_our_own_time_zone():
    late = datetime(2026, 8, 13, 17, 0, tzinfo=UTC)  # the 14th in Shanghai
    with override("zh-hans"):
        assert 'datetime="2026-08-14"' in rendered("{% day when %}", when=late)


def test_nothing_is_said_of_a_length_that_is_not_known():
    assert rendered("{{ ms|clock }}{{ ms|moment }}{{ ms|spoken_length }}{{ ms|file_size }}", ms=None) == ""


def test_intervals_become_per_cent_of_the_length():
    assert rendered("{% line segments|per_cent:10000 %}", segments=[(0, 2500)]).count('width="25%"') == 1
    assert rendered("{{ segments|per_cent:0 }}", segments=[(0, 1)]) == "[]"
