"""What the API takes in and gives out about colours. Notes only for those who keep households or confirm colours."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from accounts.roles import Can
from grids.models import Area
from households.access import may
from households.actions.colours import may_decide
from households.api.input import version_field
from households.api.output import ColourOut, HouseholdArea, HouseholdRow, HouseholdStaff
from households.models import ColourChange, ColourReason, GridColour, Household, SuggestionRule
from households.models.vocabulary import ColourStatus
from households.suggestions import Suggestion, suggestions
from reports.api.input import StrictSerializer

MAX_NOTE = 1000


class ProposeColourIn(StrictSerializer):
    to = serializers.SlugField(max_length=20, help_text="code of a risk level")
    reason = serializers.SlugField(max_length=24, help_text="code of a reason")
    note = serializers.CharField(max_length=MAX_NOTE)
    version = version_field("household")
    request_id = serializers.UUIDField(required=False)


class DecideColourIn(StrictSerializer):
    note = serializers.CharField(max_length=MAX_NOTE, required=False, allow_blank=True)
    request_id = serializers.UUIDField(required=False)


class RefuseColourIn(DecideColourIn):
    note = serializers.CharField(max_length=MAX_NOTE)


class ColourReasonOut(serializers.ModelSerializer[ColourReason]):
    class Meta:
        model = ColourReason
        fields = ("code", "name", "is_active")


class HouseholdName(serializers.ModelSerializer[Household]):
    """Which household, without its door."""

    grid = HouseholdArea()
    risk_level = ColourOut(allow_null=True)

    class Meta:
        model = Household
        fields = ("id", "code", "grid", "risk_level", "risk_unconfirmed")


def for_changes(changes: QuerySet[ColourChange]) -> QuerySet[ColourChange]:
    """With everything that is shown of a change, in the same query."""
    household = ("household__grid", "household__risk_level")
    rows = changes.select_related(*household, "from_level", "to_level", "reason", "proposed_by", "decided_by")
    return rows.defer("household__grid__geometry")


def reads_notes(user: User, household: Any) -> bool:
    """Whether the person works with what is written of a household; no query."""
    return may(user, Can.EDIT_HOUSEHOLDS, household) or may(user, Can.CONFIRM_COLOUR, household)


class ColourChangeOut(serializers.ModelSerializer[ColourChange]):
    household = HouseholdName()
    from_level = ColourOut(allow_null=True)
    to_level = ColourOut()
    reason = serializers.CharField(source="reason.code", default="", help_text="empty: it followed from a merge")
    status = serializers.ChoiceField(choices=ColourStatus.choices)
    note = serializers.SerializerMethodField(help_text="null for those who do not work with it")
    decision_note = serializers.SerializerMethodField(help_text="null for those who do not work with it")
    proposed_by = HouseholdStaff()
    decided_by = HouseholdStaff(allow_null=True, help_text="null on a confirmed one: nobody had to")
    may_decide = serializers.SerializerMethodField(help_text="whether it waits for the caller")

    class Meta:
        model = ColourChange
        fields = (
            *("id", "household", "from_level", "to_level", "upwards", "reason", "note", "needs", "status"),
            *("proposed_by", "proposed_at", "decided_by", "decided_at", "decision_note", "may_decide"),
        )

    def get_note(self, change: ColourChange) -> str | None:
        return change.note if reads_notes(self.context["user"], change.household) else None

    def get_decision_note(self, change: ColourChange) -> str | None:
        return change.decision_note if reads_notes(self.context["user"], change.household) else None

    def get_may_decide(self, change: ColourChange) -> bool:
        return change.status == ColourStatus.PROPOSED and may_decide(self.context["user"], change)


class EvidenceReport(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="report.pk")
    number = serializers.CharField(source="report.number")
    item = serializers.CharField(source="report.item_name")
    status = serializers.CharField(source="report.status")
    received_at = serializers.DateTimeField(source="report.received_at")


class EvidenceVisit(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="pk")
    visited_at = serializers.DateTimeField()
    result = serializers.CharField()


class SuggestionOut(serializers.Serializer[Suggestion]):
    kind = serializers.ChoiceField(choices=SuggestionRule.Kind.choices, source="rule.kind")
    level = ColourOut(source="rule.level")
    reports = EvidenceReport(many=True)
    visits = EvidenceVisit(many=True)
    days_overdue = serializers.IntegerField(allow_null=True)


class SuggestionRow(serializers.Serializer[Any]):
    household = HouseholdRow()
    suggestions = SuggestionOut(many=True, help_text="gravest first, each with its evidence")


def suggested_rows(user: User, households: Sequence[Household], rules: Sequence[SuggestionRule]) -> Any:
    found = suggestions(user, households, rules)
    rows = [{"household": one, "suggestions": found.get(one.pk, [])} for one in households]
    return SuggestionRow(rows, many=True, context={"user": user}).data


class GridCountOut(serializers.ModelSerializer[GridColour]):
    level = ColourOut()

    class Meta:
        model = GridColour
        fields = ("level", "households", "confirmed")


def with_colours(grids: QuerySet[Area]) -> QuerySet[Area]:
    """Grids with what is kept of their colours, gravest first, in one query more."""
    kept = GridColour.objects.select_related("level").order_by("-level__rank")
    return grids.prefetch_related(Prefetch("colours", kept, to_attr="kept_colours"))


class GridColourOut(serializers.ModelSerializer[Area]):
    colour = serializers.SerializerMethodField(help_text="of its gravest confirmed household; null without any")
    counts = serializers.SerializerMethodField(help_text="by colour, gravest first")

    class Meta:
        model = Area
        fields = ("code", "name", "colour", "counts")

    def _rows(self, grid: Area) -> list[GridColour]:
        rows: list[GridColour] = grid.kept_colours
        return rows

    @extend_schema_field(ColourOut(allow_null=True))
    def get_colour(self, grid: Area) -> Any:
        worst = next((row.level for row in self._rows(grid) if row.confirmed), None)
        return ColourOut(worst).data if worst is not None else None

    @extend_schema_field(GridCountOut(many=True))
    def get_counts(self, grid: Area) -> Any:
        return GridCountOut([row for row in self._rows(grid) if row.households or row.confirmed], many=True).data
