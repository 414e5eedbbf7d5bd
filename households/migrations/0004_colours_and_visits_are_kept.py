"""Triggers that refuse to change what was proposed, what was decided, which colour was in effect, and what was visited.

Free are: notes, encrypted, which follow when keys are rotated or a person is erased; the decision on what waits; the
day by which a visit was due, which follows from the visits before it; and areas, which move with the tree.
Deleting is refused in Python only: emptying a test database must stay possible.
"""

from django.db import migrations

PROPOSED = "id, household_id, from_level_id, to_level_id, upwards, reason_id, needs, proposed_by_id, proposed_at"
DECISION = "status, decided_by_id, decided_at, superseded_by_id"
PERIOD = "id, household_id, level_id, since"
VISIT = (
    "id, household_id, visited_at, visited_on, received_at, submitted_by_id, result, level_id, leader_id, lng, lat, "
    "raw_lng, raw_lat, coord_type, accuracy, provider, distance_m, photos_expected, follow_up_id, body_hash"
)
# Name, table, columns, condition.
GUARDS = (
    ("households_colourchange_proposed", "households_colourchange", PROPOSED, ""),
    (
        "households_colourchange_decided",
        "households_colourchange",
        DECISION,
        "WHEN (OLD.status IN ('confirmed', 'refused', 'withdrawn'))",
    ),
    ("households_colourperiod_refuse", "households_colourperiod", PERIOD, ""),
    ("households_visit_refuse", "households_visit", VISIT, ""),
)
FUNCTION = """
CREATE FUNCTION households_kept_refuse() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'the history of households is never changed'; END $$ LANGUAGE plpgsql
"""


def guard(apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    if postgresql:
        schema_editor.execute(FUNCTION)
    for name, table, columns, when in GUARDS:
        if postgresql:
            then = "EXECUTE FUNCTION households_kept_refuse()"
        else:
            then = "BEGIN SELECT RAISE(ABORT, 'the history of households is never changed'); END"
        schema_editor.execute(
            f"CREATE TRIGGER {name} BEFORE UPDATE OF {columns} ON {table} FOR EACH ROW {when} {then}"
        )


class Migration(migrations.Migration):
    dependencies = [("households", "0003_colours_and_visits")]
    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
