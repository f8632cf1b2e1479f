"""Settings of a passing installation in which `manage.py try_media` tries files: the pipeline, and nothing above it.

DATA_DIR is a temporary folder. Few apps start in half a second, and their tables are made without migrations.
"""

from __future__ import annotations

from config.environment import database
from config.settings import *  # noqa: F403 - all that is not said here is as in the site
from config.settings import DATA_DIR

INSTALLED_APPS = [
    "config",
    "media_pipeline",
    "jobs",
    "audit",
    "push",
    "ui",
    "django.contrib.auth",
    "django.contrib.contenttypes",
]
AUTH_USER_MODEL = "auth.User"  # the pipeline knows members by key only
MIGRATION_MODULES = dict.fromkeys(["media_pipeline", "jobs", "audit", "push", "auth", "contenttypes"])
MIDDLEWARE = []

# Whatever the site is configured with: here it is all below the temporary folder, and in this process.
DATABASES = {"default": database("", data=DATA_DIR)}
OCR_PYTHON = SPEECH_PYTHON = "none"  # extras are no part of what is tried
STORAGE_URL = f"file://{DATA_DIR / 'media'}"
SCRATCH_DIR = DATA_DIR / "scratch"
CELERY_BROKER_URL = "memory://localhost/"
CELERY_BROKER_TRANSPORT_OPTIONS = {}
