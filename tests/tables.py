"""`python -m tests.tables`: the migrated tables that all lanes of script/test copy, before any of them begins."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from tests import databases  # noqa: E402 - settings come first

if __name__ == "__main__":
    copies = databases.copies()
    assert isinstance(copies, databases.SqliteCopies)
    copies.make_template()
