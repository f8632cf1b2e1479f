"""Fixtures for all tests: databases that are copied, not migrated; a cast; a way to run jobs to their end."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests import databases

# Properties are tried on machines that are busy with other tests: slow is not wrong.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What commits for real is run on PostgreSQL too (`-m postgres`); encoding is the same there, and takes minutes."""
    elsewhere = {"browser", "media_pipeline"}
    for item in items:
        if "committed_db" in getattr(item, "fixturenames", ()) and not elsewhere & set(item.path.parts):
            item.add_marker(pytest.mark.postgres)


def pytest_collection_finish() -> None:
    """All that Django and the site are made of stays to the end: the collector need not go through it each time."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def words() -> None:
    """The compiled Chinese, so that tests can ask for what people read."""
    from django.utils.translation import trans_real

    from config import translations

    translations.compile_all()
    trans_real._translations = {}  # read before the catalogue was there, it would be English for the whole run
    trans_real._default = None


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[Any]:
    """The template, copied once for the session. Tests marked `django_db` roll back inside it."""
    copies = databases.copies()
    with django_db_blocker.unblock():
        copies.set_up()
    yield copies
    with django_db_blocker.unblock():
        copies.tear_down()


@pytest.fixture
def committed_db(django_db_setup: Any, django_db_blocker: Any) -> Iterator[None]:
    """A database in which commits are real (threads, doors, triggers, on_commit). Restored from the template after."""
    with django_db_blocker.unblock():
        yield
        from django.db import connections

        connections.close_all()
        django_db_setup.restore()


@pytest.fixture
def run_jobs() -> Callable[[], int]:
    """Does every job that is due, here and now, until none is left; answers how many it did."""
    from jobs import runner

    return runner.run_due
