"""Captions as members really have them become cues, or are refused with the line that is wrong."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline import captions
from media_pipeline.captions import Cue
from ui import sentences
from ui.sentences import Refused

SRT = "1\n00:00:01,000 --> 00:00:02,500\n同志们好\n\n2\n00:00:03,000 --> 00:00:04,000\n今天讲三点\n"
CUES = (Cue(1000, 2500, "同志们好"), Cue(3000, 4000, "今天讲三点"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_files_of_any_computer_are_read(encoding: str, end: str) -> None:
    assert captions.read(SRT.replace("\n", end).encode(encoding)) == CUES


@pytest.mark.parametrize(
    "text",
    [
        SRT,
        "\n\n" + SRT,
        SRT.replace("\n\n", "\n \n"),
        SRT.replace("\n\n", "\n"),  # no empty line between cues
        SRT.replace("00:00:0", "0:00:0"),
        SRT.replace("00:00:0", "00:0").replace(",", "."),  # no hours
        SRT.replace(",000", ""),
        SRT.replace(",000", ",0").replace(",500", ",5"),
        SRT.replace(":", "：").replace(",", "，"),  # a Chinese keyboard
        SRT.replace(" --> ", "-->"),
        SRT.replace("-->", "->"),
        SRT.replace("-->", "→"),
        SRT.replace("\n1\n", "\n").replace("2\n00", "00"),  # no numbers
        "WEBVTT\n\n" + SRT.replace(",", "."),
        "WEBVTT 党课\nKind: captions\nLanguage: zh\n\nNOTE made by hand\n\nSTYLE\n::cue { color: red }\n\n" + SRT,
        "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n" + SRT.replace(",", "."),
        "WEBVTT\n\n" + SRT.replace("2,500", "2,500 position:10%,line-left align:left size:35%"),
        SRT + "\n3\n00:00:05,000 --> 00:00:06,000\n\n\n4\n00:00:06,000 --> 00:00:07,000\n{\\an8}\n",  # empty cues
        SRT + "\n" + SRT,  # everything twice
    ],
)
def test_what_writers_do_differently_means_the_same(text: str) -> None:
    assert captions.read(text.encode()) == CUES


def one(words: str, *, head: str = "") -> str:
    (cue,) = captions.read(f"{head}1\n00:00:01,000 --> 00:00:02,000\n{words}\n".encode())
    return cue.text


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("<b>重</b>点", "重点"),
        ("<font color='#ffffff'>白</font>字", "白字"),
        ("{\\an8}{\\pos(192,240)}上面", "上面"),
        ("第一行\\N第二行", "第一行\n第二行"),
        ("第一行<br/>第二行", "第一行\n第二行"),
        ("<v 王丽>大家好", "王丽：大家好"),
        ("<v.loud 王丽>大家好</v>", "王丽：大家好"),
        ("<ruby>漢<rt>かん</rt></ruby>字", "漢字"),
        ("一<00:00:01.500>二<c.red>三</c>", "一二三"),
        ("3 < 5 &amp; 5 &gt; 3", "3 < 5 & 5 > 3"),
        ("2019 → 2023", "2019 → 2023"),
        ("5:30 → 6:30上课", "5:30 → 6:30上课"),
        ("所以 A --> B", "所以 A --> B"),
        ("  两头  空  ", "两头 空"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("<img src=x onerror=alert(1)>字", "字"),
        ("&lt;script&gt;", "<script>"),
        ("&#x202e;倒&#0;过来", "倒\ufffd过来"),
        ("\u202e倒过来\u0007", "倒过来"),
        ("<b", "<b"),
        ("2024", "2024"),
    ],
)
def test_markup_means_nothing(words: str, text: str) -> None:
    assert one(words) == text
    if "\n" not in text:
        assert one(words, head="WEBVTT\n\n") == text


def test_an_empty_line_inside_a_subrip_cue_does_not_lose_what_follows() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\n上\n\n下\n\n2\n00:00:03,000 --> 00:00:04,000\n后\n"

    assert captions.read(text.encode()) == (Cue(1000, 2000, "上\n下"), Cue(3000, 4000, "后"))


def test_cues_are_put_in_order_and_may_overlap() -> None:
    text = "00:00:05.000 --> 00:00:08.000\n乙\n\n00:00:01.000 --> 00:00:06.000\n甲\n"

    assert [cue.text for cue in captions.read(f"WEBVTT\n\n{text}".encode())] == ["甲", "乙"]


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b"", "captions_without_times", None),
        ("一封信，没有时间".encode(), "captions_without_times", None),
        (b"WEBVTT\n\n", "captions_without_times", None),
        (b"[Script Info]\nTitle: x\n", "captions_other_format", None),
        (b"[00:12.00]\xe6\xad\x8c", "captions_other_format", None),
        (b"x" * (captions.MOST_BYTES + 1), "captions_too_large", None),
        (b"1\n00:00:01,000 --> 00:00:02,000\n\xff\xff\xff\xfe\n", "captions_encoding", 3),
        (b"1\n00:00:02,000 --> 00:00:01,000\na\n", "captions_backwards", 2),
        (b"1\n00:00:02,000 --> 00:00:02,000\na\n", "captions_backwards", 2),
        (b"1\n00:00:01,000 --> later\na\n", "captions_bad_time", 2),
        (b"1\n00:00:0l,000 --> 00:00:02,000\na\n", "captions_bad_time", 2),
        (b"1\n-00:00:01,000 --> 00:00:02,000\na\n", "captions_bad_time", 2),
        (b"1\n00:00:01:12 --> 00:00:02:00\na\n", "captions_bad_time", 2),
        (b"1\n00:61:00,000 --> 00:62:00,000\na\n", "captions_bad_time", 2),
        (b"1\n00:00:01,000 --> 9999:00:00,000\na\n", "captions_bad_time", 2),
        (b"1\n00:00:01,000 --> 00:00:02,000\n" + b"a" * 1001, "captions_cue_too_long", 2),
        (b"1\n00:00:01,000 --> 00:00:02,000\n" + b"<b>" * 20_000, "captions_cue_too_long", 2),
    ],
)
def test_what_is_wrong_is_said_with_its_line(data: bytes, code: str, line: int | None) -> None:
    with pytest.raises(Refused) as refused:
        captions.read(data)

    assert (refused.value.code, refused.value.params.get("line")) == (code, line)
    assert refused.value.as_json()["message"]["zh-hans"] != refused.value.as_json()["message"]["en"]


def test_a_few_broken_characters_do_not_garble_the_rest() -> None:
    data = (SRT * 20).encode().replace("好".encode(), "好".encode() + b"\xe5\xa5", 1)

    assert "今天讲三点" in {cue.text for cue in captions.read(data)}


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_with_a_sentence(data: bytes) -> None:
    for head in (b"", b"WEBVTT\n\n", b"1\n00:00:01,000 --> 00:00:02,000\n"):
        found, refused = attempt(head + data)

        assert refused is None or refused.code in sentences.codes()
        assert all(cue.text.strip() and cue.start_ms < cue.end_ms for cue in found)
        assert not found or captions.read(captions.write(found).encode()) == found


def attempt(data: bytes) -> tuple[tuple[Cue, ...], Refused | None]:
    try:
        return captions.read(data), None
    except Refused as refused:
        return (), refused


@pytest.mark.parametrize("poison", ["<v.", "<v " + " " * 4000, "<br" + " " * 4000, "{\\", "<", "<!--", "&", "-->", "-"])
def test_a_file_made_to_be_slow_is_not(poison: str) -> None:
    times = poison * (9900 // len(poison))
    block = f"00:00:01.000 --> 00:00:02.000\n{times}\n\n"
    started = time.process_time()

    for text in ("WEBVTT\n\n" + block * 200, times * 200):
        try:
            captions.read(text.encode())
        except Refused:
            continue

    assert time.process_time() - started < 5


LINES = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), min_size=1, max_size=30)
CUE = st.builds(
    lambda start, length, text: Cue(start, start + length, text),
    st.integers(0, 5_400_000), st.integers(60, 20_000),
    st.lists(st.sampled_from(["好", "a < b", "a --> b", "<b>粗</b>", "&amp;", "NOTE", "12", "{\\an8}"]), min_size=1,
             max_size=3).map("\n".join),
)  # fmt: skip


@given(st.lists(CUE, max_size=6, unique=True))
def test_what_is_written_is_what_players_show(cues: list[Cue]) -> None:
    """Text stays text: no arrow, tag or entity of a cue gets out of it."""
    written = captions.write(cues)

    assert written.count("-->") == len(cues)
    assert "<" not in written
    assert "\n\n\n" not in written


def test_written_times_and_blocks() -> None:
    assert captions.write(CUES) == (
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n同志们好\n\n00:00:03.000 --> 00:00:04.000\n今天讲三点\n"
    )
    assert captions.write([]) == "WEBVTT\n"


def test_captions_end_with_the_lecture() -> None:
    assert captions.clipped(CUES, 3500) == (CUES[0], Cue(3000, 3500, "今天讲三点"))
    assert captions.clipped(CUES, 3020) == (CUES[0],)
    assert captions.clipped(CUES, 900) == ()


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ([], CUES),
        ([(0, 10_000)], CUES),
        ([(2000, 10_000)], (Cue(0, 500, "同志们好"), Cue(1000, 2000, "今天讲三点"))),
        ([(0, 2000), (3500, 9000)], (Cue(1000, 2000, "同志们好"), Cue(2000, 2500, "今天讲三点"))),
        ([(0, 1200), (2000, 3000)], (Cue(1000, 1700, "同志们好"),)),  # its middle left out: one cue still
        ([(5000, 6000)], ()),
        ([(2470, 5000)], (Cue(530, 1530, "今天讲三点"),)),  # thirty milliseconds nobody can read
    ],
)
def test_captions_follow_a_cut(kept: list[tuple[int, int]], expected: tuple[Cue, ...]) -> None:
    assert captions.cut(CUES, kept) == expected


RANGES = st.lists(st.integers(0, 60_000), min_size=2, max_size=8, unique=True).map(
    lambda edges: [(a, b) for a, b in zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False) if b - a >= 60]
)


@given(st.lists(st.tuples(st.integers(0, 59_000), st.integers(60, 5000)), max_size=8), RANGES)
def test_what_a_cut_kept_comes_back_where_it_was(times: list[tuple[int, int]], kept: list[tuple[int, int]]) -> None:
    cues = [Cue(start, start + length, f"第{number}句") for number, (start, length) in enumerate(times)]
    found = captions.cut(cues, kept)
    length = sum(end - start for start, end in kept) if kept else captions.cue_times.MOST_MS

    assert all(0 <= cue.start_ms < cue.end_ms <= length for cue in found)
    again = captions.cut(captions.restored(found, kept), kept)
    assert {cue.text for cue in again} <= {cue.text for cue in found}
    assert all(cue in found or cue.end_ms - cue.start_ms < 5000 for cue in again)
