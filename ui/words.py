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
    # below a search box
    "suggestions": _("What may be meant"),
    "speaker": _("speaker"),
    "topic": _("topic"),
    "forget": _("Forget what was searched for on this device"),
}
LENGTHS: Words = {
    "hours": _("%(hours)s h %(minutes)s min"),
    "minutes_seconds": _("%(minutes)s min %(seconds)s s"),
    "minutes": _("%(minutes)s min"),
    "seconds": _("%(seconds)s s"),
}
PLAYER: Words = {
    "speed": _("Speed, now {rate}×"),
    "speed_short": _("{rate}×"),
    "quality": _("Picture quality"),
    "auto": _("Auto"),
    "captions": _("Captions"),
    "no_captions": _("No captions"),
    "seek": _("Where in the lecture"),
    "seek_text": _("{at} of {length}"),
    "seek_chapter": _("{title}, {at}"),
    "seek_missing": _("{at} of {length}; {parts} not watched"),
    "seek_growing": _("{at} of {length}; ready up to {reach} so far"),
    "not_yet": _("It is ready up to {at} so far."),
    "not_yet_todo": _("The rest is being made; it can be played as it comes."),
    "part": _("{start} to {end}"),
    "part_last": _("after {start}"),
    "comma": _(", "),
    "gap": _("Go to {start}–{end}"),
    "gap_last": _("Go to {start} and after"),
    "watched": _("{percent}% watched; {more} more and it counts as finished."),
    "not_watched": _("Not watched yet. Watch {more} and it counts as finished."),
    "nearly_done": _("{percent}% watched; it is being counted."),
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
UPLOAD: Words = {
    # states, right of the name
    "sending": _("Uploading"),
    "paused": _("Stopped"),
    "waiting": _("No connection"),
    "finishing": _("Nearly there"),
    "unfinished": _("Not finished"),
    "preparing": _("Being prepared"),
    "playable": _("Can be watched"),
    "ready": _("Ready"),
    "refused": _("Not accepted"),
    "failed": _("Did not work"),
    # what is said below
    "progress": _("Upload progress"),
    "left": _("about {time} left"),
    "bytes": _("{done} / {all}"),
    "parts": _("{done} of {all} parts received"),
    "may_close": _("You may close this page. Open it again and it goes on with the first part that has not arrived."),
    "waits": _("The connection is down."),
    "waits_todo": _("Nothing is lost. It goes on by itself as soon as you are online again."),
    "retrying": _("The network is slow; trying part {number} again."),
    "rest": _("{done} of it are here. Choose the same file to send the rest."),
    "other_file": _("This is another file."),
    "other_file_todo": _("Choose “{name}” ({size}) to go on, or upload the new one separately."),
    "too_large": _("“{name}” has {size}, the most is {most}."),
    "too_large_todo": _("Make it smaller or cut it into several lectures."),
    "empty_file": _("“{name}” is empty."),
    "empty_file_todo": _("Look in the gallery whether the recording was saved, and choose it again."),
    "unreadable": _("“{name}” can no longer be read."),
    "unreadable_todo": _("It may have been moved or changed. Choose it again."),
    "no_answer": _("The site did not answer."),
    "no_answer_todo": _("Nothing is lost. Try again in a moment."),
    "queue": _("{count} before yours. You can already write the title."),
    "soon": _("It takes about {time} more. You can already write the title."),
    "working": _("It is being prepared. You can already write the title."),
    "watchable": _("It can be watched already."),
    "watchable_todo": _("The other picture qualities take about {time} more. You can already write the title."),
    "watchable_soon": _("The other picture qualities follow. You can already write the title."),
    "done": _("It can be watched now."),
    "done_todo": _("Write title and summary, then hand it to the editors."),
    "done_replay": _("The recording is attached."),
    "broken": _("This went wrong on our side."),
    "broken_todo": _("The file is safe. An editor can have it prepared again."),
    # steps
    "step_received": _("File received"),
    "step_inspect": _("Picture and sound checked"),
    "step_play": _("First version can be watched"),
    "step_encode": _("Picture qualities made"),
    "step_pictures": _("Pictures made, everything checked"),
    "step_submit": _("You hand it to the editors"),
    "about": _("about {time}"),
    # what can be done
    "pause": _("Stop for now"),
    "go_on": _("Go on uploading"),
    "abandon": _("Do not upload it"),
    "abandon_sure": _("Really drop it?"),
    "same_file": _("Choose the same file and go on"),
    "other": _("Choose another file"),
    "again": _("Try again"),
    "write": _("Write title and summary"),
    "look": _("Watch it first"),
    "dismiss": _("Take it off this list"),
}

WORDS: dict[str, Words] = {"site": SITE, "player": PLAYER | LENGTHS, "upload": UPLOAD | LENGTHS}
