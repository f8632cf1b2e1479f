"""Settings from the environment: typed, refusing what nobody can mean, secrets from files."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import environment as env


@pytest.mark.parametrize(("value", "meant"), [("1", True), ("on", True), ("False", False), ("no", False), ("", True)])
def test_a_flag_is_read(monkeypatch: pytest.MonkeyPatch, value: str, meant: bool) -> None:
    monkeypatch.setenv("FLAG", value)

    assert env.flag("FLAG", default=True) is meant


@pytest.mark.parametrize("value", ["maybe", "2", "yes please"])
def test_an_odd_flag_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("FLAG", value)

    with pytest.raises(env.BadSetting, match="FLAG"):
        env.flag("FLAG")


@pytest.mark.parametrize("value", ["-1", "many", "1.5"])
def test_an_odd_number_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("NUMBER", value)

    with pytest.raises(env.BadSetting, match="NUMBER"):
        env.number("NUMBER", 3)


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from the file\n")
    monkeypatch.setenv("KEY_FILE", str(tmp_path / "key"))

    assert env.secret("KEY") == "from the file"


def test_a_local_secret_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first = env.local_secret(tmp_path / "folder" / "key")

    assert env.local_secret(tmp_path / "folder" / "key") == first
    assert (tmp_path / "folder" / "key").stat().st_mode & 0o077 == 0
    assert len(first) > 40


def test_a_database_of_another_kind_is_refused_without_printing_its_password(tmp_path: Path) -> None:
    with pytest.raises(env.BadSetting) as refused:
        env.database("mysql://root:hush@host/name", data=tmp_path)

    assert "hush" not in str(refused.value)


def test_sqlite_takes_its_lock_when_a_transaction_begins(tmp_path: Path) -> None:
    assert env.database("", data=tmp_path)["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
