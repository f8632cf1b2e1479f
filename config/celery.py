"""The Celery application. Messages carry a job's id and nothing else; the row is the truth (see jobs)."""

from __future__ import annotations

import os

from celery import Celery

from jobs import file_queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

file_queue.use()
app = Celery("shared_lectures")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
