"""The composition root: settings, addresses, doors, schedule, demo content. Only here may everything be imported."""

from config.celery import app as celery_app  # every process that loads Django must know which queue is meant

__all__ = ["celery_app"]
