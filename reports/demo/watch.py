"""督查: nudges, orders and cards on a matter, and the desk that sees to it that orders are replied to."""

from datetime import timedelta
from random import Random

from accounts.models import Department, User
from core.moment import now
from reports.actions.cards import give_card, revoke_card
from reports.actions.supervision import accept_reply, open_order, reply_to_order, send_back_reply
from reports.actions.urging import urge
from reports.calendar import working_calendar
from reports.demo import asking, odds, words
from reports.demo.matters import Matter, World
from reports.demo.stage import Life
from reports.models import Card, Clock, SupervisionOrder
from reports.models.vocabulary import CardColour, Light, OrderStatus, ReportStatus, SupervisionKind

EVERY = 2 * 3600


def begin(matter: Matter) -> None:
    """What may befall a matter from outside while it is in work; once, however often it is dispatched."""
    if matter.watched:
        return
    matter.watched = True
    stage = matter.world.stage
    if matter.happens(odds.RESTS):
        stage.begin(asking.rest(matter), matter.after(20, 240))
    if matter.happens(odds.URGED):
        stage.begin(_nudge(matter), matter.after(60, 500))
    if matter.happens(odds.ORDERED):
        stage.begin(_order(matter), matter.after(30, 400))
    if matter.happens(odds.CARDED):
        stage.begin(_card(matter), matter.after(400, 2400))


def _nudge(matter: Matter) -> Life:
    """催办 by the desk, or by the clerk whom the requester asked."""
    if matter.is_in(ReportStatus.IN_PROGRESS, ReportStatus.IN_REVIEW):
        clerk = matter.plan.chance(0.4) and not matter.plan.grid_worker_sends
        person = matter.world.company.callback_clerk() if clerk else matter.desk()
        urge(person, matter.id, matter.dice.choice(words.URGE_NOTES))
    yield from ()


def _order(matter: Matter) -> Life:
    """An order by hand, of a leader or because the matter is important."""
    if matter.is_in(ReportStatus.IN_PROGRESS, ReportStatus.IN_REVIEW):
        kind = matter.dice.choice((SupervisionKind.LEADER, SupervisionKind.IMPORTANT))
        supervisor = matter.world.company.supervisor(matter.plan.street)
        open_order(supervisor, matter.id, kind, matter.dice.choice(words.ORDER_REASONS))
    yield from ()


def _card(matter: Matter) -> Life:
    """A card for a unit that was late; a few are revoked days later."""
    late = Clock.objects.filter(report_id=matter.id, light=Light.RED, assignment__department__isnull=False)
    code = late.order_by("pk").values_list("assignment__department__code", flat=True).first()
    if code is None:
        return
    supervisor = matter.world.company.supervisor(matter.plan.street)
    give_card(supervisor, matter.id, code, CardColour.YELLOW, matter.dice.choice(words.CARD_REASONS))
    card = Card.objects.filter(report_id=matter.id, given_by=supervisor).latest("pk")
    if matter.plan.chance(odds.CARD_REVOKED):
        yield matter.after(300, 1500)
        revoke_card(supervisor, card.pk, matter.dice.choice(words.REVOKE_REASONS))


class Watch:
    """Looks every two hours of work at the orders of its stage: units reply, supervisors read the replies."""

    def __init__(self, world: World, dice: Random) -> None:
        self.world, self.dice = world, dice

    def carry_out(self) -> Life:
        while True:
            yield working_calendar().add(now(), EVERY)
            self._look()

    def _look(self) -> None:
        orders = SupervisionOrder.objects.filter(
            self.world.stage.own("report__"),
            status__in=(OrderStatus.OPEN, OrderStatus.REPLIED),
            opened_at__lt=now() - timedelta(minutes=30),
        )
        for order in orders.select_related("department", "report").order_by("pk"):
            street = self.world.company.street_of(order.report.street_id)
            if order.status == OrderStatus.OPEN and self.dice.random() < odds.REPLIED:
                desk = self.world.company.dispatcher(street, now())
                reply_to_order(self._replier(order.department, desk), order.pk, self.dice.choice(words.ORDER_REPLIES))
            elif order.status == OrderStatus.REPLIED and self.dice.random() < odds.REPLY_READ:
                supervisor = self.world.company.supervisor(street)
                if self.dice.random() < odds.REPLY_SENT_BACK:
                    send_back_reply(supervisor, order.pk, self.dice.choice(words.SENT_BACK_REPLIES))
                else:
                    accept_reply(supervisor, order.pk)

    def _replier(self, unit: Department | None, desk: User) -> User:
        staff = self.world.company.staff(unit.pk) if unit is not None else []
        return self.dice.choice(staff) if staff else desk
