"""The site's own settings, on a data folder of the tests' own and with cheap passwords."""

from __future__ import annotations

import os
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
os.environ["DATA_DIR"] = os.environ.get("TEST_DATA_DIR", str(_ROOT / "var" / "test"))
os.environ.setdefault("LOG_LEVEL", "WARNING")
# Extras cost a second a slide: only the tests that are about them ask for them.
os.environ.setdefault("TEST_OCR_PYTHON", os.environ.get("OCR_PYTHON", ""))
os.environ["OCR_PYTHON"] = os.environ["SPEECH_PYTHON"] = "none"
if "TEST_DATABASE_URL" in os.environ:
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]

from config.settings import *  # noqa: E402, F403
from config.settings import DATA_DIR, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# What is the same whenever it is made, and takes a while: tables, films. Other lanes of script/test look here, too.
KEPT_DIR = Path(os.environ.get("TEST_KEPT_DIR", DATA_DIR))
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
for folder in ("dist", "static", "queue", "queue-control"):
    (DATA_DIR / folder).mkdir(parents=True, exist_ok=True)
