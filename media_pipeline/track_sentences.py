"""What is said about captions and chapters that cannot be taken."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ui.sentences import register

register(
    {
        "captions_too_large": _(
            "This file is larger than %(limit)s. Captions are text; choose the file with the words."
        ),
        "captions_other_format": _(
            "These captions are of another kind (ASS or lyrics). Save them as SRT or WebVTT and choose that file."
        ),
        "captions_encoding": _(
            "Line %(line)s of the captions cannot be read. Save the file as UTF-8 and choose it again."
        ),
        "captions_without_times": _(
            "There are no captions with times in this file. Choose one that ends in .srt or .vtt."
        ),
        "captions_bad_time": _(
            "The time in line %(line)s of the captions cannot be read: “%(words)s”. "
            "It is written 00:01:02,345 --> 00:01:04,000."
        ),
        "captions_backwards": _(
            "In line %(line)s of the captions the end is not after the beginning. Put it right there."
        ),
        "captions_cue_too_long": _(
            "The caption at line %(line)s has more than %(limit)s characters. Make several of it."
        ),
        "captions_too_many": _("These are more than %(limit)s captions. Choose those of this lecture alone."),
        "captions_beyond_the_end": _(
            "All these captions are after the end of the lecture. Choose those that belong to it."
        ),
        "chapters_too_many": _("These are more than %(limit)s chapters. Leave the most important ones."),
        "chapters_bad_line": _(
            "Line %(line)s is not a chapter: “%(words)s”. Write its time and its title, as in 03:20 What a branch does."
        ),
        "chapters_untitled": _("The chapter in line %(line)s has no title. Write it after the time."),
        "chapters_out_of_order": _(
            "The chapter in line %(line)s does not begin after the one before. Put them in order."
        ),
        "chapters_after_the_end": _(
            "The chapter in line %(line)s would begin after the end of the lecture. Correct its time."
        ),
        "chapters_same_time": _("Two chapters begin at %(at)s. Move one of them, or take it away."),
        "chapters_outside": _(
            "%(at)s is outside the lecture, which goes from 00:00 to %(end)s. Choose a time in between."
        ),
        "captions_language_unknown": _("Say which language it is, as zh-Hans, en or bo."),
        "dub_silent": _("There is no sound in this file, so it cannot be laid over the lecture."),
        "dub_wrong_length": _(
            "This sound lasts %(seconds)s seconds, the lecture %(wanted)s. Speak to the picture from beginning to end."
        ),
    }
)
