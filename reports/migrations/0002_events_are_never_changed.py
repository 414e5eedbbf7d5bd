"""A trigger that refuses to change an event, so that not even a stray UPDATE rewrites history.

Deleting is refused in Python only: emptying a test database must stay possible.
"""

from django.db import migrations

POSTGRESQL = """
CREATE FUNCTION reports_event_refuse() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'events are never changed'; END $$ LANGUAGE plpgsql;
CREATE TRIGGER reports_event_refuse BEFORE UPDATE ON reports_event
FOR EACH ROW EXECUTE FUNCTION reports_event_refuse();
"""
SQLITE = """
CREATE TRIGGER reports_event_refuse BEFORE UPDATE ON reports_event
BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
"""


def guard(apps, schema_editor):
    schema_editor.execute(POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]
    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
