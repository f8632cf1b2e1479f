"""The picture that stands for a lecture: chosen, sent, and what is not taken for one."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as installed
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image, ImageOps

from courses import history, posters
from courses.models import Lecture
from media_pipeline import leftovers, own_pictures, storage
from media_pipeline.models import Package
from tests import cast
from ui.sentences import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
CANDIDATES = [{"name": "poster", "at_ms": 1000}, {"name": "poster-2", "at_ms": 31_000}]


@pytest.fixture
def engine(tmp_path: Path, settings: Any) -> None:
    settings.STORAGE_URL = f"file://{tmp_path / 'media'}"


def lecture_with_candidates(**facts: Any) -> Lecture:
    lecture = cast.lecture(**{"state": "draft", **facts})
    Package.objects.update(posters=CANDIDATES)
    return Lecture.objects.with_card().get(pk=lecture.pk)


def photograph(width: int = 800, height: int = 600, kind: str = "JPEG", **options: Any) -> bytes:
    """Red above, blue below, a green corner on the upper left."""
    picture = Image.new("RGB", (width, height), "blue")
    picture.paste("red", (0, 0, width, height // 2))
    picture.paste("green", (0, 0, width // 4, height // 4))
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def kept(lecture: Lecture, name: str = "poster.jpg") -> Image.Image:
    with storage.default().open(f"packages/{lecture.asset.public_id}/{lecture.asset.picture}/{name}") as file:
        return Image.open(io.BytesIO(file.read()))


def page(lecture: Lecture) -> str:
    return reverse("courses:poster", args=[lecture.public_id])


def test_one_of_the_recordings_own_pictures_is_chosen(client: Client) -> None:
    lecture = lecture_with_candidates()
    cast.signed_in(client, lecture.author)
    assert "/poster.jpg" in posters.url(lecture, small=False)
    assert "用00:31这张" in client.get(page(lecture)).content.decode()

    assert client.post(page(lecture), {"name": "poster-2"}).status_code == 302

    lecture = Lecture.objects.with_card().get(pk=lecture.pk)
    assert "/poster-2-small.jpg" in posters.url(lecture)
    assert "poster-2-small.jpg" in client.get("/mine/").content.decode()
    assert client.post(page(lecture), {"name": "../../x"}).status_code == 400


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_of_ones_own_is_made_anew_in_two_sizes(client: Client, kind: str) -> None:
    lecture = lecture_with_candidates()
    cast.signed_in(client, lecture.author)
    sent = photograph(2000, 1500, kind)

    response = client.post(page(lecture), {"file": SimpleUploadedFile("封面.php", sent)})

    assert response.status_code == 302
    lecture = Lecture.objects.with_card().get(pk=lecture.pk)
    assert (kept(lecture).size, kept(lecture, "poster-small.jpg").size) == ((1280, 960), (480, 360))
    assert kept(lecture).format == "JPEG"
    assert f"/{lecture.asset.picture}/poster-small.jpg" in posters.url(lecture)
    assert "另传的图片" in client.get(page(lecture)).content.decode()

    client.post(page(lecture), {"name": "poster"})
    assert "/poster-small.jpg" in posters.url(Lecture.objects.with_card().get(pk=lecture.pk))
    assert Lecture.objects.with_card().get(pk=lecture.pk).asset.picture == ""


@pytest.mark.parametrize("held", range(1, 9))
def test_a_photograph_stands_upright_however_the_camera_was_held_and_tells_no_place(held: int) -> None:
    lecture = lecture_with_candidates()
    exif = Image.Exif()
    exif[0x0112] = held
    exif[0x010F] = "SecretPhone"
    exif.get_ifd(0x8825)[1] = "N"
    sent = photograph(exif=exif.tobytes())

    posters.send(lecture, sent, by=lecture.author, now=NOW)

    made, wanted = kept(lecture), ImageOps.exif_transpose(Image.open(io.BytesIO(sent)))
    assert made.size == wanted.size
    for x, y in ((0.1, 0.1), (0.9, 0.1), (0.1, 0.9), (0.9, 0.9)):
        at = int(x * made.width), int(y * made.height)
        near = [abs(a - b) for a, b in zip(made.getpixel(at), wanted.getpixel(at), strict=True)]
        assert max(near) < 40, (held, at)
    folder = f"packages/{lecture.asset.public_id}/{lecture.asset.picture}"
    for name in ("poster.jpg", "poster-small.jpg"):
        with storage.default().open(f"{folder}/{name}") as file:
            assert b"Secret" not in file.read()


def bomb(width: int, height: int) -> bytes:
    """The head of a PNG of this size, with nothing behind it."""
    whole = bytearray(photograph(400, 300, "PNG"))
    whole[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return bytes(whole)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "picture_missing"),
        (b"GIF89a" + b"\0" * 100, "picture_other_kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "picture_other_kind"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "picture_other_kind"),
        (b"\xff\xd8\xff" + b"rubbish" * 50, "picture_unreadable"),
        (photograph()[:900], "picture_unreadable"),
        (b"RIFF\0\0\0\0WEBP" + b"\0" * 64, "picture_unreadable"),
        (b"\x89PNG\r\n\x1a\n", "picture_unreadable"),
        (photograph(300, 100), "picture_too_small"),
        (b"\xff\xd8\xff" + b"\0" * own_pictures.MOST_BYTES, "picture_too_large"),
    ],
)
def test_what_is_no_picture_is_refused_and_nothing_of_it_kept(data: bytes, code: str) -> None:
    lecture = lecture_with_candidates()
    with pytest.raises(Refused) as refused:
        posters.send(lecture, data, by=lecture.author, now=NOW)
    assert refused.value.code == code
    assert lecture.asset.picture == ""
    assert list(storage.default().list(f"packages/{lecture.asset.public_id}")) == []


def test_a_picture_that_says_it_is_enormous_is_refused() -> None:
    lecture = lecture_with_candidates()
    with pytest.raises(Refused) as refused:
        posters.send(lecture, bomb(60_000, 60_000), by=lecture.author, now=NOW)
    assert refused.value.code in {"picture_too_many_pixels", "picture_unreadable"}


def test_once_approved_another_picture_is_an_editors_business(client: Client) -> None:
    lecture = lecture_with_candidates(state="published")
    address = f"/api/v1/lectures/{lecture.public_id}/poster"
    file = SimpleUploadedFile("x.jpg", photograph())
    cast.signed_in(client, lecture.author)
    assert client.post(address, {"file": file}).json()["code"] == "lecture_locked_field"
    chosen = client.put(address, {"name": "poster-2"}, content_type="application/json").json()
    assert [one["is_chosen"] for one in chosen["candidates"]] == [False, True]

    file.seek(0)
    sent = cast.signed_in(client, cast.editor()).post(address, {"file": file})
    assert (sent.status_code, sent.json()["is_own"]) == (200, True)
    assert [entry.verb for entry in history.of(lecture)][:2] == ["poster_changed", "poster_changed"]


def test_the_sweep_keeps_the_picture_that_is_used_and_takes_the_one_before(settings: Any) -> None:
    from datetime import timedelta

    lecture = lecture_with_candidates()
    posters.send(lecture, photograph(), by=lecture.author, now=NOW)
    before = lecture.asset.picture
    posters.send(lecture, photograph(), by=lecture.author, now=NOW)
    later = datetime.now(tz=UTC) + timedelta(hours=installed.UPLOAD_KEEP_HOURS + 1)

    leftovers.sweep(later)

    left = set(storage.default().folders(f"packages/{lecture.asset.public_id}"))
    assert lecture.asset.picture in left
    assert before not in left
