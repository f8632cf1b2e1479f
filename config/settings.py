"""All settings of the site. Values come from the environment only (docs/operations.md lists them)."""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
from pathlib import Path

from config import environment as env
from config.schedule import SCHEDULE
from search import page_analysis

BASE_DIR = Path(__file__).resolve().parent.parent
# Everything a running installation writes is below this folder.
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var"))).resolve()

DEBUG = env.flag("DEBUG")
SITE_URL = env.text("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
HTTPS = SITE_URL.startswith("https://")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1],testserver")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SECRET_KEY = env.secret("SECRET_KEY") or env.local_secret(DATA_DIR / "secret-key")
# nginx checks media paths with this one, so it must be settable by itself and must not reveal SECRET_KEY.
MEDIA_SIGNING_KEY = (
    env.secret("MEDIA_SIGNING_KEY") or hmac.new(SECRET_KEY.encode(), b"media paths", hashlib.sha256).hexdigest()
)

INSTALLED_APPS = [
    "config",
    "cms",
    "search",
    "livestreams",
    "study_sessions",
    "engagement",
    "courses",
    "media_pipeline",
    "members",
    "jobs",
    "audit",
    "push",
    "ui",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "treebeard",
    "ninja",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "config.requests.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "members.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.csp.ContentSecurityPolicyMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "members.context.preferences",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "ui.templatetags.ui"],
        },
    },
]

# ---- rows ----

DATABASES = {"default": env.database(env.text("DATABASE_URL"), data=DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "members.Member"
AUTHENTICATION_BACKENDS = ["members.sign_in.MemberBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "members:sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_ENGINE = "members.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"  # Lax, so that a shared link opens signed in
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_PROXY") else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"  # Wagtail's preview frames its own pages

# ---- time and words ----

USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
LANGUAGE_CODE = "zh-hans"
LANGUAGES = WAGTAILADMIN_PERMITTED_LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
WAGTAIL_CONTENT_LANGUAGES = [("zh-hans", "简体中文")]
WAGTAIL_I18N_ENABLED = False
# Catalogues of all apps, compiled into one by `manage.py compile_translations`; the checkout is never written.
LOCALE_PATHS = [DATA_DIR / "locale"]

# ---- files ----

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [Path(env.text("FRONT_END_DIR", str(DATA_DIR / "dist")))]  # what frontend/build.mjs made
MEDIA_URL = "/images/"  # Wagtail's images only; lectures have signed paths of their own
MEDIA_ROOT = DATA_DIR / "images"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# Where uploads, sources and packages lie: file:///folder, or s3://bucket/prefix?endpoint=…&region=…&public=…
STORAGE_URL = env.text("STORAGE_URL", f"file://{DATA_DIR / 'media'}")
STORAGE_ACCESS_KEY = env.secret("STORAGE_ACCESS_KEY")
STORAGE_SECRET_KEY = env.secret("STORAGE_SECRET_KEY")
STORAGE_COPIES_BYTES = env.number("STORAGE_COPIES_BYTES", 20 * 1024**3)  # what workers of one machine keep of S3
MEDIA_BY_NGINX = env.flag("MEDIA_BY_NGINX")  # it stands in front, and takes media from S3 where the door tells it to
SCRATCH_DIR = Path(env.text("SCRATCH_DIR", str(DATA_DIR / "scratch")))
SCRATCH_BYTES = env.number("SCRATCH_BYTES", 0)  # of one machine, for all its jobs together; 0: what the disk has
FFMPEG = env.text("FFMPEG")  # empty: PATH, then the wheel
FFPROBE = env.text("FFPROBE")
UPLOAD_PART_SIZE = 8 * 1024 * 1024
UPLOAD_MAX_BYTES = env.number("UPLOAD_MAX_BYTES", 4 * 1024**3, least=1)
UPLOAD_KEEP_HOURS = env.number("UPLOAD_KEEP_HOURS", 72, least=1)
LECTURE_MAX_SECONDS = env.number("LECTURE_MAX_SECONDS", 90 * 60, least=1)
LECTURE_MAX_PIXELS_A_SIDE = env.number("LECTURE_MAX_PIXELS_A_SIDE", 8192, least=16)
LECTURE_MAX_ASPECT = 8
ENCODE_PARTS_ABOVE_SECONDS = env.number("ENCODE_PARTS_ABOVE_SECONDS", 300, least=1)  # longer films are encoded in parts
ENCODE_PART_SECONDS = env.number("ENCODE_PART_SECONDS", 120, least=4)
CORES = os.cpu_count() or 1
# Of one machine: how many encodes `manage.py serve` keeps going at a time; threads of each (0: ffmpeg's own choice).
ENCODES_AT_ONCE = env.number("ENCODES_AT_ONCE", max(1, CORES // 4), least=1)
ENCODE_THREADS = env.number("ENCODE_THREADS", 0 if ENCODES_AT_ONCE == 1 else max(1, CORES // ENCODES_AT_ONCE))
RUNNER_MEMORY_BYTES = env.number("RUNNER_MEMORY_BYTES", 6 * 1024**3, least=256 * 1024**2)
# Extras of a worker, off where they are missing (docs/operations.md): the Python that has rapidocr, the one that has
# sherpa_onnx (empty: this one), and the folder of a speech model.
OCR_PYTHON = env.text("OCR_PYTHON")
SPEECH_PYTHON = env.text("SPEECH_PYTHON")
SPEECH_MODEL_DIR = env.text("SPEECH_MODEL_DIR")

# ---- work ----

JOB_LEASE_SECONDS = env.number("JOB_LEASE_SECONDS", 25, least=3)  # a worker not heard of for so long is taken for dead
CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", "filesystem://")
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "data_folder_in": str(DATA_DIR / "queue"),
        "data_folder_out": str(DATA_DIR / "queue"),
        "control_folder": str(DATA_DIR / "queue-control"),
        "polling_interval": 0.1,
    }
    if CELERY_BROKER_URL.startswith("filesystem:")
    else {}
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "fast"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = SCHEDULE
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "schedule")
CELERY_TIMEZONE = TIME_ZONE

# ---- search ----

# Empty: the embedded engine, in a file or in PostgreSQL; it also stands by where Elasticsearch answers.
ELASTICSEARCH_URL = env.text("ELASTICSEARCH_URL")
ELASTICSEARCH_API_KEY = env.secret("ELASTICSEARCH_API_KEY")
ELASTICSEARCH_PREFIX = env.text("ELASTICSEARCH_PREFIX", "shared")  # of its indices
ELASTICSEARCH_REPLICAS = env.number("ELASTICSEARCH_REPLICAS", 0)
SEARCH_INDEX_FILE = DATA_DIR / "search.sqlite3"

# ---- Wagtail ----

WAGTAIL_SITE_NAME = "共享党课"
WAGTAILADMIN_BASE_URL = SITE_URL
WAGTAILSEARCH_BACKENDS = page_analysis.backends(
    ELASTICSEARCH_URL, prefix=ELASTICSEARCH_PREFIX, replicas=ELASTICSEARCH_REPLICAS, api_key=ELASTICSEARCH_API_KEY
)
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAILADMIN_LOGIN_URL = "/sign-in/"
WAGTAILDOCS_SERVE_METHOD = "serve_view"

# ---- API ----

NINJA_PAGINATION_PER_PAGE = 24
NINJA_MAX_PER_PAGE_SIZE = 100

# ---- logs ----

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "config.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.request": {"level": logging.ERROR},
        "ffmpeg": {"level": logging.WARNING},
        "elastic_transport": {"level": logging.WARNING},  # it tells of every request
    },
}
