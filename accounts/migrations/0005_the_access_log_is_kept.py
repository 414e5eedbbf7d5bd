"""A trigger that refuses to delete an access younger than 180 days; older ones go by `manage.py purge_personal_data`.

The tests' database is emptied by TRUNCATE, which fires no such trigger on PostgreSQL; on SQLite the tests take it off.
"""

from django.db import migrations

POSTGRESQL = """
CREATE FUNCTION accounts_accesslog_keep() RETURNS trigger AS $$
BEGIN
    IF OLD.at > now() - interval '180 days' THEN RAISE EXCEPTION 'the access log is kept for 180 days'; END IF;
    RETURN OLD;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER accounts_accesslog_keep BEFORE DELETE ON accounts_accesslog
FOR EACH ROW EXECUTE FUNCTION accounts_accesslog_keep();
"""
SQLITE = """
CREATE TRIGGER accounts_accesslog_keep BEFORE DELETE ON accounts_accesslog
WHEN OLD.at > datetime('now', '-180 days')
BEGIN SELECT RAISE(ABORT, 'the access log is kept for 180 days'); END;
"""


def guard(apps, schema_editor):
    schema_editor.execute(POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_rights_and_second_factors")]
    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
