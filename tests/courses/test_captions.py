"""Captions and chapters of a lecture: pages and API, who may change them when, what is said about wrong ones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from courses import captions, chapters, history
from courses.models import Lecture
from engagement import tallies
from media_pipeline import text_tracks
from media_pipeline.models import Chapter, TextTrack
from tests import cast

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
SRT = "1\n00:00:01,000 --> 00:00:02,500\n同志们好\n\n2\n00:00:03,000 --> 00:00:04,000\n今天讲三点\n"


def page(name: str, lecture: Lecture, *more: str) -> str:
    return reverse(f"courses:{name}", args=[lecture.public_id, *more])


def send(client: Client, lecture: Lecture, text: str = SRT, language: str = "zh-Hans") -> Any:
    file = SimpleUploadedFile("课.srt", text.encode())
    return client.post(page("captions", lecture), {"file": file, "language": language})


def send_by_api(client: Client, lecture: Lecture, text: str = SRT, **more: Any) -> Any:
    file = SimpleUploadedFile("课.srt", text.encode())
    return client.post(f"/api/v1/lectures/{lecture.public_id}/captions", {"file": file, **more})


def added(lecture: Lecture, language: str = "zh-Hans") -> TextTrack:
    return captions.add(lecture, SRT.encode(), language=language, name="课.srt", by=lecture.author, now=NOW)


def text_of(response: Any) -> str:
    return str(response.content.decode())


# ---- captions ----


def test_an_author_sends_captions_and_finds_them_in_the_list(client: Client) -> None:
    lecture = cast.lecture(state="draft")
    cast.signed_in(client, lecture.author)
    assert "这节课还没有字幕。" in text_of(client.get(page("captions", lecture)))

    assert send(client, lecture).status_code == 302

    seen = text_of(client.get(page("captions", lecture)))
    assert "简体中文" in seen
    assert "2条" in seen
    assert "还没校对" in seen
    (track,) = text_tracks.of(lecture.asset.cut)
    whole = text_of(client.get(page("caption-text", lecture, track.public_id)))
    assert "今天讲三点" in whole
    assert 'data-start="3000"' in whole


def test_a_wrong_line_is_named_with_its_reason_and_nothing_is_kept(client: Client) -> None:
    lecture = cast.lecture(state="draft")
    cast.signed_in(client, lecture.author)

    response = send(client, lecture, SRT.replace("00:00:04,000", "00:00:99,000"))

    assert response.status_code == 400
    assert "第6行" in text_of(response)
    assert not TextTrack.objects.exists()


@pytest.mark.parametrize(
    ("text", "more", "code"),
    [
        ("", {"language": "en"}, "captions_file_missing"),
        ("nothing of it", {"language": "en"}, "captions_without_times"),
        (SRT, {"language": "?"}, "captions_language_unknown"),
        (SRT.replace("00:00:0", "01:00:0"), {"language": "en"}, "captions_beyond_the_end"),
    ],
)
def test_the_api_says_what_is_wrong(client: Client, text: str, more: Any, code: str) -> None:
    lecture = cast.lecture(state="draft")
    cast.signed_in(client, lecture.author)
    response = send_by_api(client, lecture, text, **more)
    assert (response.status_code, response.json()["code"]) == (400, code)
    assert set(response.json()["message"]) == {"zh-hans", "en"}


def test_captions_in_the_same_language_take_the_place_of_the_first(client: Client) -> None:
    lecture = cast.lecture(state="draft")
    cast.signed_in(client, lecture.author)
    first = send_by_api(client, lecture, language="en").json()
    again = send_by_api(client, lecture, SRT.replace("三点", "四点"), language="en")
    assert again.status_code == 201

    (there,) = client.get(f"/api/v1/lectures/{lecture.public_id}/captions").json()["captions"]
    assert there["id"] == first["id"]
    vtt = client.get(f"/api/v1/lectures/{lecture.public_id}/captions/{there['id']}")
    assert vtt["Content-Type"] == "text/vtt; charset=utf-8"
    assert vtt["Content-Disposition"].startswith("attachment")
    assert "今天讲四点" in text_of(vtt)


def test_taken_away_they_are_gone_and_the_history_says_so(client: Client) -> None:
    lecture = cast.lecture()
    track = added(lecture)
    cast.signed_in(client, lecture.author)

    client.post(page("caption-change", lecture, track.public_id, "remove"))

    assert not TextTrack.objects.exists()
    assert [entry.verb for entry in history.of(lecture)][:2] == ["captions_removed", "captions_added"]


def test_only_an_editor_says_that_they_are_looked_through(client: Client) -> None:
    lecture, editor = cast.lecture(), cast.editor()
    track = added(lecture)
    to = page("caption-change", lecture, track.public_id, "check")

    cast.signed_in(client, lecture.author).post(to)
    track.refresh_from_db()
    assert track.reviewed_at is None
    assert "我校对过了" not in text_of(client.get(page("caption-text", lecture, track.public_id)))

    cast.signed_in(client, editor)
    assert "我校对过了" in text_of(client.get(page("caption-text", lecture, track.public_id)))
    client.post(to)
    track.refresh_from_db()
    assert track.reviewed_by == editor
    assert text_tracks.reviewed([lecture.asset_id]) == {lecture.asset_id}
    client.post(page("caption-change", lecture, track.public_id, "recheck"))
    assert text_tracks.reviewed([lecture.asset_id]) == set()


def test_viewers_of_the_api_see_what_is_shown_only(client: Client) -> None:
    lecture = cast.lecture()
    added(lecture)
    TextTrack.objects.create(cut=lecture.asset.cut, language="en", source="asr", added_at=NOW)
    address = f"/api/v1/lectures/{lecture.public_id}/captions"

    seen = cast.signed_in(client, cast.member()).get(address).json()["captions"]
    assert [one["language"] for one in seen] == ["zh-Hans"]
    seen = cast.signed_in(client, lecture.author).get(address).json()["captions"]
    assert [(one["language"], one["shown"]) for one in seen] == [("en", False), ("zh-Hans", True)]


def test_while_it_lies_with_the_editors_only_they_change_it(client: Client) -> None:
    lecture = cast.lecture(state="submitted", topic=cast.topic())
    cast.signed_in(client, lecture.author)
    assert send(client, lecture).status_code == 400
    assert "传字幕" not in text_of(client.get(page("captions", lecture)))
    assert send_by_api(client, lecture, language="en").json()["code"] == "lecture_locked_submitted"

    cast.signed_in(client, cast.editor())
    assert send(client, lecture).status_code == 302


def test_a_recording_that_nobody_has_looked_at_has_no_captions_yet(client: Client) -> None:
    lecture = cast.lecture(state="draft")
    type(lecture.asset).objects.filter(pk=lecture.asset_id).update(state="received", cut=None)
    cast.signed_in(client, lecture.author)
    assert send_by_api(client, lecture, language="en").json()["code"] == "recording_not_looked_at"
    for name in ("captions", "chapters", "poster"):
        assert client.get(page(name, lecture)).status_code == 200


def test_the_rule_for_featured_lectures_sees_reviewed_captions() -> None:
    from engagement import viewings

    done, half = cast.lecture(), cast.lecture()
    for lecture in (done, half):
        viewings.watch(cast.member(), lecture, [(0, 60_000)], now=NOW)
        added(lecture)
    captions.check(done, text_tracks.of(done.asset.cut)[0], done=True, by=cast.editor(), now=NOW)

    counted = tallies.of_quarter("2026-Q4")

    assert (counted[done.pk].captions_reviewed, counted[half.pk].captions_reviewed) == (True, False)


# ---- chapters ----


def marked(lecture: Lecture, *starts: int, source: str = "slides") -> None:
    for start in starts:
        Chapter.objects.create(cut=lecture.asset.cut, start_ms=start, source=source)


def starts(lecture: Lecture) -> list[tuple[int, str]]:
    return [(row.start_ms, row.title) for row in chapters.rows(lecture)]


def test_chapters_of_slides_are_shown_named_and_moved(client: Client) -> None:
    lecture = cast.lecture(state="draft")
    marked(lecture, 0, 12_340, 30_000)
    cast.signed_in(client, lecture.author)
    seen = text_of(client.get(page("chapters", lecture)))
    assert "按幻灯片换页找出来的" in seen
    assert 'value="00:12"' in seen

    rows = {"time": ["00:00", "00:12", "０：４０", ""], "title": ["", "为什么", "后来", ""]}
    assert client.post(page("chapters", lecture), rows).status_code == 302

    assert starts(lecture) == [(0, ""), (12_340, "为什么"), (40_000, "后来")]  # what was not moved stays exact


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("5 minutes", "x")], "“5 minutes”"),
        ([("00:10", "x"), ("00:10", "y")], "00:10"),
        ([("01:00", "x")], "01:00"),
        ([("", "只有名字")], "“只有名字”"),
    ],
)
def test_a_time_that_cannot_be_is_named_and_what_was_typed_stays(
    client: Client, rows: list[tuple[str, str]], words: str
) -> None:
    lecture = cast.lecture(state="draft")
    cast.signed_in(client, lecture.author)
    sent = {"time": [time for time, _ in rows], "title": [title for _, title in rows]}
    response = client.post(page("chapters", lecture), sent)
    assert response.status_code == 400
    assert words in text_of(response)
    assert all(f'value="{title}"' in text_of(response) for _, title in rows)
    assert starts(lecture) == []


def test_a_list_is_pasted(client: Client) -> None:
    lecture = cast.lecture(state="draft")
    cast.signed_in(client, lecture.author)
    assert client.post(page("chapters", lecture), {"list": "0:05 开场\n0:20 正题"}).status_code == 302
    assert starts(lecture) == [(0, ""), (5000, "开场"), (20_000, "正题")]
    response = client.post(page("chapters", lecture), {"list": "0:05 开场\n正题"})
    assert "第2行" in text_of(response)


def test_chapters_are_arranged_by_the_api_and_all_taken_away(client: Client) -> None:
    lecture = cast.lecture()
    address = f"/api/v1/lectures/{lecture.public_id}/chapters"
    cast.signed_in(client, lecture.author)
    sent = {"chapters": [{"start_ms": 20_500, "title": "正题"}, {"start_ms": 0, "title": ""}]}

    answer = client.put(address, sent, content_type="application/json").json()

    assert [(one["start_ms"], one["name"]) for one in answer["chapters"]] == [(0, "第1段"), (20_500, "正题")]
    wrong = client.put(address, {"chapters": [{"start_ms": -1}]}, content_type="application/json")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "chapters_outside")
    assert client.put(address, {"chapters": []}, content_type="application/json").json() == {"chapters": []}
    assert "chapters_changed" in [entry.verb for entry in history.of(lecture)]


def test_whoever_may_watch_gets_the_chapters_beside_the_picture(client: Client) -> None:
    lecture = cast.lecture(visibility="public")
    assert "data-chapters" not in text_of(client.get(lecture.get_absolute_url()))
    marked(lecture, 0, 20_000)
    Chapter.objects.filter(start_ms=20_000).update(title="螺栓 <b>&")

    seen = text_of(client.get(lecture.get_absolute_url()))
    file = client.get(page("chapters-vtt", lecture))

    assert "data-chapters" in seen
    assert f'src="{page("chapters-vtt", lecture)}"' in seen
    assert "螺栓 &lt;b&gt;&amp;" in seen
    assert file["Content-Type"].startswith("text/vtt")
    assert "00:00:20.000 --> 00:01:00.000\n螺栓 &lt;b&gt;&amp;\n" in text_of(file)
