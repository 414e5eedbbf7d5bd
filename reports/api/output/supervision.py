"""督办: orders, cards, deputies."""

from rest_framework import serializers

from reports.api.output.named import PersonOut, PlaceOut, UnitOut
from reports.api.output.report import LinkedOut
from reports.models import Card, Deputy, SupervisionOrder
from reports.transitions import ORDER


class OrderOut(serializers.ModelSerializer[SupervisionOrder]):
    department = UnitOut(allow_null=True)
    number = serializers.CharField(source="report.number")
    linked = LinkedOut(many=True)
    reply_due_at = serializers.DateTimeField(allow_null=True, help_text="null once it was replied to")
    allowed = serializers.SerializerMethodField(help_text="what its state allows now")

    class Meta:
        model = SupervisionOrder
        fields = (
            "id",
            "report",
            "number",
            "linked",
            "kind",
            "status",
            "department",
            "level",
            "reason",
            "opened_at",
            "reply_due_at",
            "reply",
            "replied_at",
            "decided_at",
            "sent_back",
            "allowed",
        )

    def get_allowed(self, order: SupervisionOrder) -> list[str]:
        return ORDER.allowed(order.status)


class CardOut(serializers.ModelSerializer[Card]):
    department = UnitOut()
    number = serializers.CharField(source="report.number")
    given_by = PersonOut(allow_null=True, help_text="null: by rule")
    revoked_by = PersonOut(allow_null=True)

    class Meta:
        model = Card
        fields = (
            "id",
            "department",
            "colour",
            "trigger",
            "report",
            "number",
            "order",
            "reason",
            "given_at",
            "given_by",
            "revoked_at",
            "revoked_by",
            "revoked_reason",
        )


class DeputyOut(serializers.ModelSerializer[Deputy]):
    leader = PersonOut()
    deputy = PersonOut()
    area = PlaceOut()

    class Meta:
        model = Deputy
        fields = ("id", "leader", "deputy", "area", "starts_at", "ends_at", "named_at")
