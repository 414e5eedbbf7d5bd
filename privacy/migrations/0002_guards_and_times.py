"""Tombstones are never changed; log-ins are found by time, for which axes has no index of its own."""

from django.db import migrations

POSTGRESQL = """
CREATE FUNCTION privacy_tombstone_refuse() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'tombstones are never changed'; END $$ LANGUAGE plpgsql;
CREATE TRIGGER privacy_tombstone_refuse BEFORE UPDATE ON privacy_tombstone
FOR EACH ROW EXECUTE FUNCTION privacy_tombstone_refuse();
"""
SQLITE = """
CREATE TRIGGER privacy_tombstone_refuse BEFORE UPDATE ON privacy_tombstone
BEGIN SELECT RAISE(ABORT, 'tombstones are never changed'); END;
"""


def guard(apps, schema_editor):
    schema_editor.execute(POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)
    for table in ("axes_accesslog", "axes_accessfailurelog"):
        schema_editor.execute(f"CREATE INDEX {table}_by_time ON {table} (attempt_time, id)")


class Migration(migrations.Migration):
    dependencies = [("privacy", "0001_initial"), ("axes", "0010_accessattemptexpiration")]
    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
