"""What is said about lectures that cannot be changed or moved as asked."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ui.sentences import register

register(
    {
        "lecture_title_length": _("A title has %(least)s to %(most)s characters. Shorten or complete it."),
        "lecture_summary_length": _("A summary has at most %(most)s characters. Shorten it."),
        "lecture_speaker_length": _("A speaker’s name has at most %(most)s characters. Shorten it."),
        "lecture_topic_missing": _("The lecture has no topic yet. Choose the one it fits best."),
        "lecture_topic_unknown": _("There is no such topic. Choose one from the list."),
        "lecture_visibility_unknown": _(
            "A lecture is for everyone, for all members or for one organisation. Choose one."
        ),
        "lecture_no_organisation": _(
            "The author belonged to no organisation then, so the lecture cannot be for one. Choose “all members”."
        ),
        "lecture_dates_reversed": _("It would be withdrawn before it comes out. Correct one of the two times."),
        "lecture_asset_refused": _("This file could not be accepted. Delete the draft and upload another file."),
        "lecture_asset_failed": _(
            "Preparing this file went wrong on our side. An editor can start it again; then submit the lecture."
        ),
        "lecture_not_ready": _("The recording is not ready yet. It will come out by itself as soon as it is."),
        "lecture_moved_on": _(
            "Someone else was faster: the lecture has moved on. Load the page again to see where it is."
        ),
        "lecture_locked_submitted": _(
            "The editors are looking at this lecture, so it stays as it is. Wait until they approve or return it."
        ),
        "lecture_locked_withdrawn": _("This lecture is withdrawn. Take it up again first, then change it."),
        "lecture_locked_field": _("Once submitted, only an editor can change this. Write to the editors."),
        "lecture_reason_missing": _("Say why in a sentence or two. The author will read it."),
        "lecture_was_published": _("This lecture has been out, so it cannot be deleted. Withdraw it instead."),
        "lecture_in_use": _("A page still shows this lecture, so it cannot be deleted. Ask an editor to take it off."),
        "lecture_only_drafts_deleted": _("Only a draft can be deleted. Withdraw the lecture instead."),
        "lecture_no_such_asset": _("There is no such file of yours. Upload it first."),
        "lecture_not_yours": _("Only its author or an editor can change this lecture. Write to one of them."),
        "lecture_only_editors": _("Only an editor can do this. The author’s part is done."),
        "captions_file_missing": _("No file has come with it. Choose the file with the captions."),
        "recording_not_looked_at": _("The recording has just arrived and is being looked at. Try again in a moment."),
        "moment_unreadable": _("“%(words)s” is no time in the lecture. Write it as 03:20 or 1:02:03."),
        "version_same": _("This is what the lecture shows already. Choose other parts."),
        "version_asset_taken": _("This file was not uploaded for this lecture. Upload it on the lecture’s own page."),
        "version_moved_on": _("This version has moved on meanwhile. Load the page again to see where it is."),
        "topic_in_use": _("Lectures or livestreams have the topic “%(name)s”. Give them another one first."),
        "lecture_state_unknown": _("There is no such state of a lecture. Leave the filter out or use another."),
    }
)
