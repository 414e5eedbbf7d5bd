"""The guard of the events once more: SQLite makes a table anew when a column of it changes, and drops its triggers.

Whichever migration changes `reports_event` is followed by one like this. PostgreSQL keeps its trigger.
"""

from django.db import migrations

SQLITE = (
    "DROP TRIGGER IF EXISTS reports_event_refuse",
    """CREATE TRIGGER reports_event_refuse BEFORE UPDATE ON reports_event
    BEGIN SELECT RAISE(ABORT, 'events are never changed'); END""",
)


def guard(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for statement in SQLITE:
            schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("reports", "0005_plainer_words")]
    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
