"""Assets that are ready: made once in a run by the real pipeline, given to each test as rows and files of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from media_pipeline.models import Asset
from tests import databases
from tests.media_pipeline import packages


class Prepared:
    """`folder` lasts as long as the run. On PostgreSQL, where these tests rarely run, each is made anew."""

    def __init__(self, folder: Path, copies: databases.SqliteCopies | databases.PostgresCopies) -> None:
        self.folder, self.copies = folder, copies

    def give(self, name: str, media: Path, make: Callable[[], Asset]) -> Asset:
        """Rows of nothing else are there afterwards; `media`: where the test's storage keeps its files."""
        if not isinstance(self.copies, databases.SqliteCopies):
            return make()
        rows, files = self.folder / f"{name}.sqlite3", self.folder / name
        if not rows.exists():
            asset = make()
            shutil.copytree(media, files)
            self.copies.save(rows)
            return asset
        shutil.copytree(files, media, dirs_exist_ok=True)
        self.copies.restore(rows)
        return packages.again(Asset.objects.get())
