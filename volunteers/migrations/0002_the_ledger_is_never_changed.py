"""Triggers that refuse to change an entry of the ledger, a step on record, and a service record once it is decided, so
that not even a stray UPDATE rewrites history.

Deleting is refused in Python only: emptying a test database must stay possible.
"""

from django.db import migrations

# Table, when, what is said.
GUARDED = (
    ("volunteers_creditentry", "", "entries are never changed"),
    ("volunteers_volunteerstep", "", "steps are never changed"),
    ("volunteers_servicerecord", "WHEN (OLD.status <> 'proposed')", "decided records are never changed"),
)
POSTGRESQL = """
CREATE FUNCTION {table}_refuse() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION '{says}'; END $$ LANGUAGE plpgsql;
CREATE TRIGGER {table}_refuse BEFORE UPDATE ON {table}
FOR EACH ROW {when} EXECUTE FUNCTION {table}_refuse();
"""
SQLITE = """
CREATE TRIGGER {table}_refuse BEFORE UPDATE ON {table} {when}
BEGIN SELECT RAISE(ABORT, '{says}'); END;
"""


def guard(apps, schema_editor):
    statement = POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE
    for table, when, says in GUARDED:
        schema_editor.execute(statement.format(table=table, when=when, says=says))


class Migration(migrations.Migration):
    dependencies = [("volunteers", "0001_initial")]
    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
