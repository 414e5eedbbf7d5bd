"""黄牌/红牌: given by the city's rules or by a supervisor, revoked with a reason, never deleted."""

from datetime import timedelta
from uuid import UUID

from accounts.models import Department, User
from accounts.roles import Can
from core.problems import Problem
from reports.access import duties_of
from reports.actions.step import Step, step
from reports.models import Card, CardRule, SupervisionOrder
from reports.models.vocabulary import CardColour, CardTrigger
from reports.people import above_place, of_unit, of_units


def card_by_rule(
    doing: Step, trigger: str, department: Department | None, order: SupervisionOrder | None = None
) -> None:
    """Give the cards that the city's rules have for this; a person's duty without a unit gets none."""
    if department is None:
        return
    for rule in CardRule.objects.filter(trigger=trigger, active=True).order_by("pk"):
        _give(doing, department, rule.colour, trigger=trigger, order=order)


def give_card(
    user: User,
    report_id: UUID,
    department: str,
    colour: str,
    reason: str,
    *,
    request_id: UUID | None = None,
) -> None:
    """A supervisor gives a unit that has or had a duty on the report a card. Raises `never_on_report`."""
    with step(user, report_id, can=Can.SUPERVISE_REPORT, request_id=request_id) as doing:
        units = {duty.department.code: duty.department for duty in duties_of(doing.report) if duty.department}
        if department not in units:
            raise Problem("never_on_report", "department")
        _give(doing, units[department], colour, reason=reason)


def revoke_card(user: User, card_id: int, reason: str, *, request_id: UUID | None = None) -> None:
    """Take a card back; the row stays, with who did it and why. Raises `card_revoked`.

    A red card that yellow ones led to stays: it is revoked by itself.
    """
    report_id = Card.objects.filter(pk=card_id).values_list("report_id", flat=True).first()
    if report_id is None:
        raise Problem("not_found")
    with step(user, report_id, can=Can.SUPERVISE_REPORT, request_id=request_id) as doing:
        card = Card.objects.select_related("department").get(pk=card_id)
        if card.revoked_at is not None:
            raise Problem("card_revoked")
        card.revoked_at, card.revoked_by, card.revoked_reason = doing.moment, user, reason
        card.save()
        doing.event("card_revoked", note=reason, unit=card.department, data={"card": card.pk, "colour": card.colour})
        _tell(doing, card, "card_revoked", reason)


def _give(
    doing: Step,
    department: Department,
    colour: str,
    *,
    trigger: str = "",
    reason: str = "",
    order: SupervisionOrder | None = None,
) -> None:
    # Cards of one unit are counted over all reports: two given at once must see each other.
    Department.objects.select_for_update(of=("self",)).get(pk=department.pk)
    card = Card.objects.create(
        department=department,
        colour=colour,
        trigger=trigger,
        report=doing.report,
        order=order,
        reason=reason,
        given_at=doing.moment,
        given_by=None if trigger else doing.actor,
    )
    data = {"card": card.pk, "colour": colour, "trigger": trigger}
    doing.event("card", note=reason, unit=department, data=data)
    _tell(doing, card, "card_given", reason)
    if colour == CardColour.YELLOW:
        _count_yellows(doing, department)


def _count_yellows(doing: Step, department: Department) -> None:
    """So many yellow cards within so many days give a red one, and the count begins anew."""
    standing = Card.objects.filter(department=department, revoked_at__isnull=True)
    for rule in CardRule.objects.filter(trigger=CardTrigger.YELLOWS, active=True).order_by("pk"):
        since = doing.moment - timedelta(days=rule.within_days)
        last = standing.filter(colour=rule.colour, trigger=CardTrigger.YELLOWS).order_by("-pk").first()
        yellows = standing.filter(colour=CardColour.YELLOW, given_at__gt=since)
        if last is not None:
            yellows = yellows.filter(pk__gt=last.pk)
        if yellows.count() >= rule.count:
            _give(doing, department, rule.colour, trigger=CardTrigger.YELLOWS)


def _tell(doing: Step, card: Card, kind: str, reason: str) -> None:
    """The unit, those who lead it, and the street's leader."""
    people = [
        *of_unit(card.department),
        *of_units([card.department], Can.LEAD_UNIT),
        *above_place(Can.LEAD_UNIT, doing.report, 1),
    ]
    doing.notify(
        {person.pk: person for person in people}.values(),
        kind,
        subject="card",
        subject_id=card.pk,
        unit=card.department.name,
        colour=card.colour,
        trigger=card.trigger,
        reason=reason,
    )
