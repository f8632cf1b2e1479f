"""The chapters of a cut as rows: found when it is made, replaced by its author."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from media_pipeline import chapter_lists, chapters
from media_pipeline.chapters import Chapter as Mark
from media_pipeline.media_info import MediaInfo
from media_pipeline.models import Chapter, Cut
from ui.prepared import prepared

Source = Chapter.Source


def of(cut: Cut) -> list[Chapter]:
    return _of(cut.pk)


@prepared
def _of(cut: int) -> QuerySet[Chapter, Chapter]:
    return Chapter.objects.filter(cut=cut)


def titles(rows: Sequence[Chapter]) -> list[str]:
    """As they are read: those without one are counted."""
    return [row.title or gettext("Part %(number)s") % {"number": number} for number, row in enumerate(rows, 1)]


@transaction.atomic
def note(cut: Cut, info: MediaInfo, slides_ms: Sequence[int]) -> None:
    """The first time: the file's own chapters, else those of its slides. What an author has written stays."""
    if cut.chapters.exists():
        return
    length = info.duration_ms
    if found := chapters.from_container(info.chapters, length):
        _replace(cut, chapters.cut(found, cut_ranges(cut), length), Source.CONTAINER)
    else:
        _replace(cut, chapters.of_slides(slides_ms, cut.duration_ms), Source.SLIDES)


@transaction.atomic
def name(cut: Cut, headings: Mapping[int, str]) -> None:
    """Titles for chapters that have none: `headings` of slides, by the moment they come."""
    for row in cut.chapters.filter(title="", source=Source.SLIDES):
        if heading := headings.get(row.start_ms, ""):
            Chapter.objects.filter(pk=row.pk).update(title=chapters.title(heading))


@transaction.atomic
def arrange(cut: Cut, found: Iterable[tuple[int, str]]) -> list[Chapter]:
    """These are its chapters from now on; none at all takes them away. Raises Refused."""
    _replace(cut, chapter_lists.arranged(found, cut.duration_ms), Source.PASTED)
    return of(cut)


@transaction.atomic
def write(cut: Cut, text: str) -> list[Chapter]:
    """The author's own list, a line each; nothing takes them all away. Raises Refused."""
    _replace(cut, chapter_lists.read(text, cut.duration_ms), Source.PASTED)
    return of(cut)


def text(rows: Sequence[Chapter]) -> str:
    """The list for its author to edit."""
    return chapter_lists.write([Mark(row.start_ms, row.title) for row in rows], titles(rows))


def webvtt(cut: Cut) -> str:
    rows = of(cut)
    return chapters.webvtt([Mark(row.start_ms, row.title) for row in rows], cut.duration_ms, titles(rows))


def cut_ranges(cut: Cut) -> list[tuple[int, int]]:
    return [(start, end) for start, end in cut.kept]


def _replace(cut: Cut, found: Sequence[Mark], source: str) -> None:
    Cut.objects.select_for_update().get(pk=cut.pk)  # two that write at once would mix their lists
    cut.chapters.all().delete()
    Chapter.objects.bulk_create(
        [Chapter(cut=cut, start_ms=one.start_ms, title=one.title, source=source) for one in found]
    )
