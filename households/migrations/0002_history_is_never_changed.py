"""A trigger that refuses to change the history of a household, so that not even a stray UPDATE rewrites it.

The note alone may be written again: it is encrypted, and has to follow when keys are rotated or a person is erased.
Deleting is refused in Python only: emptying a test database must stay possible.
"""

from django.db import migrations

COLUMNS = "id, household_id, at, kind, actor_id, actor_role, resident_id, data, restricted, request_id"
POSTGRESQL = f"""
CREATE FUNCTION households_householdevent_refuse() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'events are never changed'; END $$ LANGUAGE plpgsql;
CREATE TRIGGER households_householdevent_refuse BEFORE UPDATE OF {COLUMNS} ON households_householdevent
FOR EACH ROW EXECUTE FUNCTION households_householdevent_refuse();
"""
SQLITE = f"""
CREATE TRIGGER households_householdevent_refuse BEFORE UPDATE OF {COLUMNS} ON households_householdevent
BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
"""


def guard(apps, schema_editor):
    schema_editor.execute(POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)


class Migration(migrations.Migration):
    dependencies = [("households", "0001_initial")]
    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
