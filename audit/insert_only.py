"""A migration operation that makes a table insert-only in the database itself, on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def insert_only(table: str, *, may_change: tuple[str, ...] = ()) -> migrations.RunPython:
    """Refuse DELETE and UPDATE on `table`, except of the columns named in `may_change`."""

    def forwards(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table} WHERE 1 = 0")  # noqa: S608 - the table's name is ours
            columns = (
                [column.name for column in cursor.description if column.name not in may_change]
                if (schema_editor.connection.vendor == "postgresql")
                else [column[0] for column in cursor.description if column[0] not in may_change]
            )
        for statement in _create(table, columns, schema_editor.connection.vendor):
            schema_editor.execute(statement)

    def backwards(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
        for statement in _drop(table, schema_editor.connection.vendor):
            schema_editor.execute(statement)

    return migrations.RunPython(forwards, backwards)


def _create(table: str, columns: list[str], vendor: str) -> list[str]:
    if vendor == "sqlite":
        changed = ", ".join(f'"{column}"' for column in columns)
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"
        return [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE OF {changed} ON {table} {refuse}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
        ]
    changed = ", ".join(f'"{column}"' for column in columns)
    body = f"BEGIN RAISE EXCEPTION '{table} is insert-only'; END"
    refuse = f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
    return [
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE OF {changed} ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
    ]


def _drop(table: str, vendor: str) -> list[str]:
    if vendor == "sqlite":
        return [f"DROP TRIGGER {table}_no_update", f"DROP TRIGGER {table}_no_delete"]
    return [
        f"DROP TRIGGER {table}_no_update ON {table}",
        f"DROP TRIGGER {table}_no_delete ON {table}",
        f"DROP FUNCTION {table}_refuse()",
    ]
