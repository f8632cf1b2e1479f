"""Chapters: never too short, never too many, at the moment the slide came; an author's own list is read as written."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline import chapter_lists, chapters, glances, media_info
from media_pipeline.chapters import Change, Chapter
from media_pipeline.glances import CELLS, Glance
from ui.sentences import Refused


def glance(at_ms: int, *shown: int) -> Glance:
    """A picture of blocks of content: cells 200·n to 200·n + 199 for each n, each with a pattern of its own."""
    luma, edge = bytearray(b"\xf0" * CELLS), bytearray(CELLS)
    for block in shown:
        for cell in range(block * 200, block * 200 + 200):
            luma[cell], edge[cell] = 20 + block * 20, 60
    return Glance(at_ms, *(bytes(plane) for plane in (luma, luma, luma, edge, edge, edge)))


def film(*shown: tuple[int, ...]) -> list[Glance]:
    return [glance(number * 4000, *blocks) for number, blocks in enumerate(shown)]


A, B, C, NOTHING = (0, 1, 2, 3), (4, 5, 6), (7, 8, 9), ()


@pytest.mark.parametrize(
    ("seen", "at"),
    [
        ([A] * 4, []),
        ([A, A, B, B], [8]),
        ([(0,), (0, 1), (0, 1, 2), A], []),  # line by line
        ([A, A, (0,), (0,)], [8]),
        ([A, A, B, A, A], []),  # something passed before the lens
        ([A, A, B, C, A, A, A], [8, 16]),  # a film in between, longer than that: it begins and it ends
        ([A, A, B, C, C], [8]),  # a slide that was only passed over
        ([NOTHING, NOTHING, A, A], [8]),
        ([(block,) for block in range(11)], []),  # all of it moves
        ([A], []),
        ([], []),
    ],
)
def test_where_another_slide_stands(seen: list[tuple[int, ...]], at: list[int]) -> None:
    assert [change.by_ms // 1000 for change in chapters.changes(film(*seen))] == at


def test_how_much_is_kept() -> None:
    assert glances.kept(glance(0, 1, 2), glance(0, 1, 2, 3)) == 1.0
    assert glances.kept(glance(0, 1, 2), glance(0, 1)) == 0.5
    assert glances.kept(glance(0), glance(0, 1)) == 0.0
    assert glances.kept(glance(0), glance(0)) == 1.0


@pytest.mark.parametrize(
    ("packets", "at"),
    [
        ([(4040, 10, False), (5000, 2000, False), (5040, 12, False), (8000, 5000, True)], 5000),
        ([(4040, 10, False), (5000, 400, False), (5040, 12, False), (8000, 5000, True)], 8000),  # a pointer that moved
        ([(4040, 4000, False), (5000, 4100, False), (5040, 4050, False), (8000, 5000, True)], 8000),  # noise
        ([(3000, 900, False), (9000, 900, False)], 8000),
        ([], 8000),
    ],
)
def test_the_moment_is_the_frame_that_cost_most(packets: list[tuple[int, int, bool]], at: int) -> None:
    assert chapters.moment(Change(4000, 8000), packets) == at


@pytest.mark.parametrize(
    ("slides_s", "duration_s", "starts_s"),
    [
        ([30, 70], 100, [0, 30, 70]),
        ([30, 95], 100, [0, 30]),  # five seconds of thanks
        ([8, 30], 100, [0, 30]),  # the title alone
        ([30, 41, 80], 100, [0, 41, 80]),  # the short one joins the one before
        ([], 100, []),
        ([5], 100, []),
        ([30], 59, []),  # too short a lecture
        ([30, 30], 100, [0, 30]),
    ],
)
def test_short_chapters_join(slides_s: list[int], duration_s: int, starts_s: list[int]) -> None:
    found = chapters.of_slides([at * 1000 for at in slides_s], duration_s * 1000)

    assert [one.start_ms // 1000 for one in found] == starts_s


@given(st.lists(st.integers(-5000, 5_500_000), max_size=200), st.integers(0, 5_400_000))
def test_chapters_are_few_long_enough_and_begin_at_the_beginning(slides: list[int], duration_ms: int) -> None:
    found = chapters.of_slides(slides, duration_ms)
    lengths = [after - before for before, after in pairwise([*(one.start_ms for one in found), duration_ms])]

    assert len(found) != 1
    assert len(found) <= chapters.MOST
    assert not found or (found[0].start_ms == 0 and min(lengths) >= chapters.SHORTEST_MS)


def test_the_files_own_chapters_are_taken_as_they_are() -> None:
    own = [media_info.Chapter(40, 9000, " 开场\n"), media_info.Chapter(9000, 20_000, "<b>正题</b>"),
           media_info.Chapter(99_000, 99_500, "没有了")]  # fmt: skip

    assert chapters.from_container(own, 60_000) == [Chapter(0, "开场"), Chapter(9000, "正题")]
    assert chapters.from_container(own[:1], 60_000) == []
    assert chapters.from_container([media_info.Chapter(at, at + 1, "") for at in range(500)], 60_000) == []


def test_chapters_follow_a_cut() -> None:
    found = [Chapter(0, "一"), Chapter(30_000, "二"), Chapter(60_000, "三")]

    assert chapters.cut(found, [(10_000, 20_000), (65_000, 90_000)], 90_000) == [
        Chapter(0, "一"),
        Chapter(10_000, "三"),
    ]
    assert chapters.cut(found, [], 90_000) == found


def test_chapters_for_the_player_are_only_text() -> None:
    found = [Chapter(0), Chapter(30_000, "b"), Chapter(60_000, "c")]

    assert chapters.webvtt(found, 60_000, ["第1段", "a --> <b>", "c"]) == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:30.000\n第1段\n\n00:00:30.000 --> 00:01:00.000\na --&gt; &lt;b&gt;\n"
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("0:00 开场\n\n3:20 支部做什么", [Chapter(0, "开场"), Chapter(200_000, "支部做什么")]),
        ("00:00 - 开场\r\n01：03：20、尾声", [Chapter(0, "开场"), Chapter(3_800_000, "尾声")]),
        ("[00:00] 开场\n(65:00) 尾声", [Chapter(0, "开场"), Chapter(3_900_000, "尾声")]),
        ("0:10 <b>正题</b>", [Chapter(0), Chapter(10_000, "正题")]),
    ],
)
def test_a_pasted_list_is_read(text: str, found: list[Chapter]) -> None:
    assert chapter_lists.read(text, 4_000_000) == found


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("开场", "chapters_bad_line", 1),
        ("0:00 a\n0:61 b", "chapters_bad_line", 2),
        ("0:00 a\n\n1:61:00 b", "chapters_bad_line", 3),
        ("0:00", "chapters_untitled", 1),
        ("0:00 a\n0:00 b", "chapters_out_of_order", 2),
        ("0:00 a\n9:59:00 b", "chapters_after_the_end", 2),
        ("0:00 a\n" * 101, "chapters_too_many", None),
    ],
)
def test_what_is_wrong_with_a_list_is_said_with_its_line(text: str, code: str, line: int | None) -> None:
    with pytest.raises(Refused) as refused:
        chapter_lists.read(text, 4_000_000)

    assert (refused.value.code, refused.value.params.get("line")) == (code, line)


TITLES = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20).filter(chapters.title)


@given(st.lists(st.integers(1, 5000), unique=True, min_size=1, max_size=20), st.data())
def test_a_list_that_is_edited_and_saved_stays_the_same(seconds: list[int], data: st.DataObject) -> None:
    found = [Chapter(at * 1000, chapters.title(data.draw(TITLES))) for at in [0, *sorted(seconds)]]
    text = chapter_lists.write(found, [one.title for one in found])

    assert chapter_lists.read(text, 5_400_000) == found
