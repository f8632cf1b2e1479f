"""Nobody belongs to two organisations, or holds one role twice, at one time: the database itself refuses it.

PostgreSQL has exclusion constraints; SQLite gets triggers. A later migration that rebuilds these tables on SQLite
drops its triggers and must make them again.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# name of the rule → its table and the columns that make two rows the same thing
RULES = {
    "membership_no_overlap": ("members_membership", ("member_id",)),
    "appointment_no_overlap": ("members_appointment", ("member_id", "organisation_id", "role")),
}


def forwards(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    create = _triggers if schema_editor.connection.vendor == "sqlite" else _constraint
    for name, (table, columns) in RULES.items():
        for statement in create(name, table, columns):
            schema_editor.execute(statement)


def backwards(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for name, (table, _columns) in RULES.items():
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute(f"DROP TRIGGER {name}_insert")
            schema_editor.execute(f"DROP TRIGGER {name}_update")
        else:
            schema_editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


def _triggers(name: str, table: str, columns: tuple[str, ...]) -> list[str]:
    same = " AND ".join(f"{column} = NEW.{column}" for column in columns)
    times = "(NEW.ends_on IS NULL OR starts_on < NEW.ends_on) AND (ends_on IS NULL OR ends_on > NEW.starts_on)"
    overlap = f"SELECT 1 FROM {table} WHERE {same} AND id <> NEW.id AND {times}"  # noqa: S608 - the names are ours
    refuse = f"BEGIN SELECT RAISE(ABORT, '{name}') WHERE EXISTS ({overlap}); END"
    # AFTER: before an insert, SQLite does not know the new row's id yet. ABORT takes the row back all the same.
    return [
        f"CREATE TRIGGER {name}_insert AFTER INSERT ON {table} {refuse}",
        f"CREATE TRIGGER {name}_update AFTER UPDATE ON {table} {refuse}",
    ]


def _constraint(name: str, table: str, columns: tuple[str, ...]) -> list[str]:
    same = ", ".join(f"{column} WITH =" for column in columns)
    return [
        "CREATE EXTENSION IF NOT EXISTS btree_gist",  # equality of numbers and text beside ranges; a trusted extension
        f"ALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE USING gist ({same}, daterange(starts_on, ends_on) WITH &&)",
    ]


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
