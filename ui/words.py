"""The sentences our scripts speak: written and translated here, read by them from a JSON block in the page.

`{name}` is filled in by the script. A script never holds a sentence of its own (tests/ui/test_words.py).
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = dict[str, str | Promise]

SITE: Words = {
    "copied": _("Copied"),
    "not_copied": _("Press and hold to copy: {url}"),
}
LENGTHS: Words = {
    "hours": _("%(hours)s h %(minutes)s min"),
    "minutes_seconds": _("%(minutes)s min %(seconds)s s"),
    "minutes": _("%(minutes)s min"),
    "seconds": _("%(seconds)s s"),
}
PLAYER: Words = {
    "play": _("Play"),
    "pause": _("Pause"),
    "back": _("Back 10 seconds"),
    "sound": _("Sound"),
    "sound_off": _("Sound is off"),
    "speed": _("Speed, now {rate}×"),
    "speed_short": _("{rate}×"),
    "quality": _("Picture quality"),
    "auto": _("Auto"),
    "auto_now": _("Auto ({height}p)"),
    "full": _("Full screen"),
    "full_off": _("Leave full screen"),
    "seek": _("Where in the lecture"),
    "seek_text": _("{at} of {length}"),
    "seek_missing": _("{at} of {length}; {parts} not watched"),
    "part": _("{start} to {end}"),
    "part_last": _("after {start}"),
    "comma": _(", "),
    "gap": _("Go to {start}–{end}"),
    "gap_last": _("Go to {start} and after"),
    "watched": _("{percent}% watched; {more} more and it counts as finished."),
    "not_watched": _("Not watched yet. Watch {more} and it counts as finished."),
    "done": _("You have watched it all."),
    "elsewhere": _("Another device is playing a lecture."),
    "elsewhere_todo": _("It has stopped here."),
    "take_back": _("Watch it here"),
    "broken": _("The picture does not come through."),
    "broken_todo": _("Check the connection, then try again."),
    "again": _("Try again"),
    "unsaved": _("The connection is down. What you watch is kept and sent later."),
    "no_count": _("What you watch is not being counted just now."),
    "no_count_todo": _("Load the page again so that it counts."),
}
UPLOAD: Words = {}

WORDS: dict[str, Words] = {"site": SITE, "player": PLAYER | LENGTHS, "upload": UPLOAD | LENGTHS}
