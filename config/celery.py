"""The Celery application. Messages carry a job's id and nothing else; the row is the truth (see jobs)."""

from __future__ import annotations

import os

from celery import Celery
from kombu import Exchange, Queue

from jobs import file_queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

QUEUES = ("fast", "encode", "index")  # jobs.models.Job.Queue

file_queue.use()
app = Celery("shared_lectures")
app.config_from_object("django.conf:settings", namespace="CELERY")
# A message is gone once it is read: what is lost with its worker is found by our own lease. If Redis is away just when
# a message would be acknowledged, Celery 5.7 takes it for one still in work, and never reads another.
# Workers are `solo`: while one works, it reads no further (docs/decisions/0022).
app.conf.task_queues = [Queue(name, Exchange(name), routing_key=name, no_ack=True) for name in QUEUES]
app.autodiscover_tasks()
