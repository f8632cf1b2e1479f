"""What is said about uploads, parts, media addresses and assets."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ui.sentences import register

register(
    {
        "upload_name_missing": _("The file has no name. Give it one and choose it again."),
        "upload_name_too_long": _("The file’s name is longer than %(limit)s characters. Shorten it and choose again."),
        "upload_purpose_unknown": _("A file is for a lecture, for a replay or in place of a recording. Say which."),
        "replay_for_editors": _("Only editors upload replays. Send it as a lecture, or ask an editor."),
        "upload_empty": _("There is nothing in this file. Choose another one."),
        "upload_too_large": _("This file is larger than %(limit)s. Save it smaller, or cut it into several lectures."),
        "upload_too_many_open": _(
            "You already have %(limit)s files on the way. Let one of them finish, or drop one you no longer need."
        ),
        "upload_closed": _("This upload was dropped or is too old. Choose the file again."),
        "upload_complete": _("This file has already arrived in full. Nothing more needs to be sent."),
        "upload_incomplete": _(
            "%(count)s parts of this file have not arrived yet (%(missing)s). Send them and finish again."
        ),
        "upload_sign_too_many": _("That is more than %(limit)s parts at once. Ask for fewer at a time."),
        "upload_no_such_part": _("This file has only the parts 1 to %(count)s. Ask for one of those."),
        "storage_full": _("There is no room for this file right now. Tell an operator, and try again later."),
        "part_link_invalid": _("This address for sending a part does not hold. Ask for a new one."),
        "part_link_expired": _("This address for sending a part has expired. Ask for a new one."),
        "part_wrong_size": _("This part must have exactly %(size)s bytes. Send it again, whole."),
        "part_damaged": _("This part was damaged on its way. Send it again."),
        "part_stalled": _("Nothing more of this part arrived. Send it again when the network is better."),
        "part_overtaken": _("This part is also being sent on another connection. Send it again in a moment."),
        "method_not_allowed": _("This address cannot be used that way. Use %(methods)s."),
        "media_link_expired": _("This address of the recording has expired. Load the page again."),
        "media_link_invalid": _("This address of the recording does not hold. Open the lecture’s own page."),
        "media_not_found": _("There is no such recording any more. Load the page again."),
        "media_unavailable": _("The recording cannot be fetched at the moment. Try again in a few seconds."),
        "storage_unavailable": _("Files cannot be stored or fetched at the moment. Try again in a few minutes."),
        "range_not_satisfiable": _("The file ends before the place you asked for. Ask for a place below %(size)s."),
        "asset_not_failed": _("Only a recording whose preparation failed can be prepared again."),
        "cut_malformed": _("These parts cannot be read. Send each as its beginning and its end, in milliseconds."),
        "cut_too_many": _("A recording can be cut into %(limit)s parts at most. Leave out fewer places."),
        "cut_backwards": _("A part ends before it begins. Exchange its two times."),
        "cut_outside": _(
            "%(at)s is outside the recording, which goes from 00:00 to %(end)s. Choose a time in between."
        ),
        "cut_overlap": _("Two parts overlap. Let each begin after the one before has ended."),
        "cut_piece_too_short": _(
            "A part would be shorter than a tenth of a second. Make it longer, or leave it out altogether."
        ),
        "cut_too_short": _("Less than a second would be left of the recording. Leave out less."),
        "cut_not_made": _("This version is not ready yet. Wait until it is, then try again."),
        "cut_not_inspected": _("The recording has not been looked at yet. Try again in a moment."),
        "picture_missing": _("No picture has come with it. Choose one."),
        "picture_too_large": _("This picture is larger than %(limit)s. Save it smaller and choose it again."),
        "picture_other_kind": _("This is no picture that can be used here. Choose a JPEG, PNG or WebP."),
        "picture_unreadable": _(
            "This picture is damaged or of an unusual kind. Save it again as JPEG and choose that."
        ),
        "picture_too_many_pixels": _(
            "The picture is %(width)s × %(height)s pixels; %(limit)s a side is the most. Save it smaller."
        ),
        "picture_too_small": _(
            "The picture is only %(width)s × %(height)s pixels; %(least)s is the least. Choose a larger one."
        ),
        "poster_unknown": _("There is no such picture of this recording. Load the page again and choose one."),
        "asset_in_use": _("A lecture is made of this recording. Remove it from the lecture first."),
    }
)
