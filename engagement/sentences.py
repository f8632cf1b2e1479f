"""What engagement says: why a beat, a share or a viewing did not count, and what to do about refusals."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ui.sentences import register

register(
    {
        # beats: why an interval was not counted
        "foreign_session": _("This playback was opened by somebody else. Open the lecture yourself and watch it."),
        "stale_cut": _("The lecture was replaced by a new version. Open it again and go on from there."),
        "bad_interval": _("The player sent a stretch that cannot be. Open the lecture again and go on watching."),
        "beyond_end": _("The player sent a stretch beyond the end of the lecture. Open it again and go on watching."),
        "no_lease": _("Another device or tab was playing at that time. Watch in one place at a time."),
        "hidden_too_long": _("The page was out of sight for more than 10 seconds. Keep it in sight while you watch."),
        "too_fast": _("More was played than time had passed. Watch at double speed at most."),
        # entries: why a point was not counted, or was corrected
        "view_cap_a_day": _("This colleague had already finished as many lectures that day as count. Nothing to do."),
        "share_cap_a_pair": _(
            "As many of your shares to this colleague as count in 30 days were counted. Share with somebody else."
        ),
        "share_cap_a_day": _("As many shares as count in a day were counted that day. Tomorrow they count again."),
        "share_cap_a_quarter": _("As many shares as count in a quarter were counted. Next quarter they count again."),
        "share_too_late": _("They finished it too long after opening your link. Share a lecture when there is time."),
        "recounted": _("Recounted in order: it fits after all. Nothing to do."),
        "own_lecture": _("Watching your own lecture earns nothing. Share it, so that others finish it."),
        "share_of_own": _("It is your own lecture: whoever finishes it gives you a view point instead. Nothing to do."),
        "share_to_author": _("They made this lecture themselves. Share it with somebody else."),
        "share_seen_before": _("They had watched some of it before you shared it. Share it with somebody else."),
        "share_ran_out": _("They did not finish it within %(days)s days. Share a lecture when there is time."),
        "share_not_finished": _(
            "They have watched %(seen)s%%; %(needed)s%% counts as finished. %(days)s days are left. Nothing to do."
        ),
        # featured: what is in the way
        "unmet_score": _("The score is %(found)s, less than %(wanted)s."),
        "unmet_viewers": _("%(found)s people finished it, fewer than %(wanted)s."),
        "unmet_organisations": _("They came from %(found)s Party organisations, fewer than %(wanted)s."),
        "unmet_share_of_one": _("One Party organisation gave %(found)s%%, more than %(wanted)s%%."),
        "unmet_captions": _("Its captions have not been reviewed."),
        "unmet_cooling": _("It was found %(found)s hours ago; an editor decides after %(wanted)s."),
        "unmet_places": _("%(wanted)s places a topic; others have a higher score."),
        "awaits_editor": _("All conditions are met. An editor is about to decide."),
        # doors and rules
        "play_token_unknown": _("This playback is not known here. Open the lecture again."),
        "play_token_expired": _("This playback was opened more than 6 hours ago. Open the lecture again."),
        "not_playable_yet": _("The lecture cannot be played yet. Come back when it is ready."),
        "beats_only_post": _("Only POST is answered here. Send the intervals with POST."),
        "beats_too_large": _("That is more than 64 KiB at once. Send it in several pieces."),
        "beats_unreadable": _("This cannot be read as played intervals. Compare it with the API's description."),
        "beats_lecture_gone": _("The lecture is gone, so nothing was kept. Open another one."),
        "beats_not_now": _("This could not be written down just now. Send it again in a while."),
        "rules_not_backwards": _("Version %(version)s holds from a later time on. Choose a later moment."),
        "mark_moved": _("Somebody has decided about this lecture already. Load the page again."),
        "mark_conditions_unmet": _("Not all conditions are met now. Look at the figures again."),
        "mark_needs_reason": _("Say why, so that the author can understand it. Write a sentence as the reason."),
    }
)
