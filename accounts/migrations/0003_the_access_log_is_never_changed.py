"""A trigger that refuses to change the access log, so that not even a stray UPDATE rewrites who saw what.

Deleting is refused in Python only: emptying a test database must stay possible, and so must the end of retention.
"""

from django.db import migrations

POSTGRESQL = """
CREATE FUNCTION accounts_accesslog_refuse() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'the access log is never changed'; END $$ LANGUAGE plpgsql;
CREATE TRIGGER accounts_accesslog_refuse BEFORE UPDATE ON accounts_accesslog
FOR EACH ROW EXECUTE FUNCTION accounts_accesslog_refuse();
"""
SQLITE = """
CREATE TRIGGER accounts_accesslog_refuse BEFORE UPDATE ON accounts_accesslog
BEGIN SELECT RAISE(ABORT, 'the access log is never changed'); END;
"""


def guard(apps, schema_editor):
    schema_editor.execute(POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_access_log")]
    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
