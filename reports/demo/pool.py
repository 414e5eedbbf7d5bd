"""What the pool does before it sends anybody, and before it believes a result: looks, merges, splits."""

from collections.abc import Generator
from uuid import UUID

from core.moment import now
from reports.actions.field_checks import answer_field_check, ask_field_check
from reports.actions.merging import merge, unmerge
from reports.actions.pool import reject
from reports.actions.splitting import Part, split
from reports.demo import odds, words
from reports.demo.matters import Matter
from reports.demo.stage import Wait
from reports.duplicates import alike
from reports.models import FieldCheck, ItemVersion, Report
from reports.models.vocabulary import FieldCheckStatus, PhotoKind, ReportStatus


def looked_at(matter: Matter) -> Generator[Wait, None, bool]:
    """核查: somebody goes and looks first. False if it was not true and is rejected."""
    if not matter.happens(odds.CHECKED):
        return True
    ask_field_check(matter.desk(), matter.id, matter.dice.choice(words.CHECK_NOTES))
    if matter.plan.chance(odds.CHECK_NOT_AWAITED):
        # What follows cancels it.
        yield matter.after(5, 20)
        return True
    confirmed = yield from _answered(matter)
    yield matter.after(1, 6)
    if not confirmed:
        reject(matter.desk(), matter.id, matter.dice.choice(words.REJECT_REASONS))
    return confirmed


def result_looked_at(matter: Matter) -> Generator[Wait, None, bool]:
    """核实: somebody goes and looks at the result. False if it is not done."""
    if not matter.happens(odds.RESULT_CHECKED):
        return True
    ask_field_check(matter.desk(), matter.id, matter.dice.choice(words.CHECK_NOTES))
    confirmed = yield from _answered(matter)
    yield matter.after(1, 6)
    return confirmed


def _answered(matter: Matter) -> Generator[Wait, None, bool]:
    check = FieldCheck.objects.filter(report_id=matter.id, status=FieldCheckStatus.ASKED).get()
    late = matter.plan.chance(odds.CHECK_LATE)
    yield matter.after(32, 55) if late else matter.after(6, 27)
    person = matter.world.company.person(check.assignee_id)
    confirmed = not matter.plan.chance(odds.REFUTED)
    picture = matter.fresh_picture(PhotoKind.NEAR)
    note = matter.dice.choice(words.CONFIRMED if confirmed else words.NOT_CONFIRMED)
    answer_field_check(person, check.pk, confirmed, matter.place_nearby(), [picture.announced], note)
    yield from matter.upload(person, [picture])
    return confirmed


def merged(matter: Matter) -> Generator[Wait, None, bool]:
    """并案 with one that is open on the same matter. False if it goes on by itself, be it after it was taken out."""
    # Only where things keep happening are there two of a kind.
    if not matter.plan.spot.item or matter.id in matter.world.mains or not matter.happens(odds.MERGED):
        return False
    report = Report.objects.select_related("item").get(pk=matter.id)
    others = alike(report, lambda other: other.street_id == report.street_id).duplicates
    # Nobody is merged into what is yet to come: another process may have lived that before.
    main = next((one for one in others if one.same_item and one.received_at < report.received_at), None)
    if main is None:
        return False
    merge(matter.desk(), matter.id, main.id, matter.dice.choice(words.MERGE_NOTES))
    matter.world.mains.add(main.id)
    if not matter.plan.chance(odds.UNMERGED):
        return True
    yield matter.after(10, 120)
    if Report.objects.filter(pk=main.id, status=ReportStatus.CLOSED).exists():
        return True
    unmerge(matter.desk(), matter.id, matter.dice.choice(words.UNMERGE_NOTES))
    yield matter.after(1.5, 9)
    return False


def split_off(matter: Matter, beside: ItemVersion) -> list[UUID]:
    """拆分: the second matter becomes a report of its own; returns its id."""
    description = f"由{matter.plan.street.area.name}拆分:现场另有{beside.name}问题。"
    split(matter.desk(), matter.id, [Part(beside.item.code, description)], note=matter.dice.choice(words.SPLIT_NOTES))
    made = Report.objects.filter(split_from_id=matter.id, received_at=now()).order_by("pk")
    return list(made.values_list("pk", flat=True))
