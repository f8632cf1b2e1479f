from __future__ import annotations

from django.utils.translation import override

from ui import progress

SEEN = [(0, 190_000), (220_000, 356_000)]
LENGTH = 522_000


def test_gaps_are_what_no_segment_covers():
    found = [(gap.start_ms, gap.end_ms, gap.is_last) for gap in progress.gaps(SEEN, LENGTH)]
    assert found == [(190_000, 220_000, False), (356_000, 522_000, True)]


def test_holes_from_rounding_are_no_gaps():
    assert progress.gaps([(0, 5000), (5900, 9950)], 10_000) == []


def test_a_hundred_per_cent_only_when_nothing_is_missing():
    assert progress.per_cent([(0, 9_999)], 10_000) == 99
    assert progress.per_cent([(0, 10_000)], 10_000) == 100
    assert progress.per_cent([], 0) == 0


def test_the_sentence_names_what_is_still_to_watch():
    with override("zh-hans"):
        said = progress.says(SEEN, missing_ms=143_200, duration_ms=LENGTH, is_done=False)
        assert said == "看了62%，再看2分24秒就算看完。"
        assert progress.says([], missing_ms=469_800, duration_ms=LENGTH, is_done=False) == "还没看。看7分50秒就算看完。"
        assert progress.says(SEEN, missing_ms=0, duration_ms=LENGTH, is_done=True) == "你已经看完了。"
        assert progress.says([], missing_ms=None, duration_ms=LENGTH, is_done=False) == "还没看。"


def test_the_line_says_to_those_who_cannot_see_it_what_is_missing():
    with override("zh-hans"):
        assert progress.line_label(SEEN, LENGTH) == "已看62%，缺03:10到03:40、05:56以后"
        assert progress.line_label([(0, LENGTH)], LENGTH) == "已看100%"


def test_chips_lead_to_the_gaps():
    with override("zh-hans"):
        assert [gap.label for gap in progress.gaps(SEEN, LENGTH)] == ["去03:10–03:40", "去05:56以后"]
