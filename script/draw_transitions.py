"""Draw the transition tables into docs/transitions.md: python script/draw_transitions.py"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "transitions.md"

HEAD = """# Transitions

What may follow what. Drawn from `reports/transitions.py`, `households/transitions.py` and
`volunteers/transitions.py` by `script/draw_transitions.py`; a test keeps both in step and tries every state, action and
role. A step that leaves the state as it is (such as a rating) is an arrow back to it; a step in *[brackets]* is taken
by the system as a consequence of another.
"""


def drawn() -> str:
    """The whole document."""
    from django.utils import translation

    from households import transitions as households
    from households.models import vocabulary as of_households
    from reports import transitions as matters
    from reports.models import vocabulary as of_matters
    from volunteers import transitions as volunteers
    from volunteers.models import vocabulary as of_volunteers

    parts = [HEAD]
    with translation.override("zh-hans"):
        for table, states in (
            (matters.REPORT, of_matters.ReportStatus),
            (matters.ASSIGNMENT, of_matters.AssignmentStatus),
            (matters.WHISTLE, of_matters.WhistleStatus),
            (matters.FIELD_CHECK, of_matters.FieldCheckStatus),
            (matters.REQUEST, of_matters.RequestStatus),
            (matters.ORDER, of_matters.OrderStatus),
            (households.COLOUR_CHANGE, of_households.ColourStatus),
            (volunteers.REGISTRATION, of_volunteers.RegistrationStatus),
            (volunteers.TEAM_CALL, of_volunteers.TeamCallStatus),
            (volunteers.ATTENDANCE, of_volunteers.AttendanceStatus),
            (volunteers.RECORD, of_volunteers.RecordStatus),
        ):
            lines = [f"\n## {table.subject.replace('_', ' ').capitalize()}\n", "```mermaid", "stateDiagram-v2"]
            lines += [f"    {state.value}: {state.value} {state.label}" for state in states]
            arrows: dict[tuple[str, str], list[str]] = {}
            for step in table.transitions.values():
                name = step.name if step.can else f"[{step.name}]"
                for source in sorted(step.sources, key=table.states.index):
                    arrows.setdefault((source, step.target or source), []).append(name)
            lines += [f"    {source} --> {target}: {', '.join(names)}" for (source, target), names in arrows.items()]
            lines += ["```", "", "| step | from | to | asks for |", "|---|---|---|---|"]
            for step in table.transitions.values():
                sources = ", ".join(sorted(step.sources, key=table.states.index))
                lines.append(f"| {step.name} | {sources} | {step.target or 'stays'} | {step.can or 'the system'} |")
            parts.append("\n".join(lines) + "\n")
    return "".join(parts)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "grid_backend.settings")
    import django

    django.setup()
    DOCUMENT.write_text(drawn(), encoding="utf-8")
