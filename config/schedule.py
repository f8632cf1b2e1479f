"""What runs by the clock. Every entry is safe to run twice, late, or not at all for a while."""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab

SCHEDULE: dict[str, dict[str, Any]] = {
    "push-sweep": {"task": "push.tasks.sweep", "schedule": crontab(minute="41")},
    # A little after midnight in Shanghai: appointments begin and end with the day.
    "members-refresh-roles": {"task": "members.tasks.refresh", "schedule": crontab(hour="0", minute="3")},
    "members-sweep-attempts": {"task": "members.tasks.sweep_attempts", "schedule": crontab(minute="17")},
    "courses-publish-due": {"task": "courses.tasks.publish_due", "schedule": crontab()},
    "media-sweep": {"task": "media_pipeline.tasks.sweep", "schedule": crontab(minute="29")},
    "engagement-sweep-beats": {"task": "engagement.tasks.sweep_beats", "schedule": 5.0, "options": {"expires": 5.0}},
    "engagement-run-featured": {"task": "engagement.tasks.run_featured", "schedule": crontab(hour="2", minute="23")},
    "search-drain": {
        "task": "search.tasks.drain",
        "schedule": 30.0,
        "options": {"queue": "index", "expires": 30.0},
    },
    # At night, when few change anything: reads every lecture once.
    "search-check": {
        "task": "search.tasks.check",
        "schedule": crontab(hour="3", minute="40"),
        "options": {"queue": "index"},
    },
}
