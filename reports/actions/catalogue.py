"""Every write to the catalogue. A change is a new dated version; what reports have frozen is never touched."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from core.moment import now
from core.problems import Problem, catalogue
from reports.calendar import today, working_calendar
from reports.catalogue import KIND_CODES, SOURCE_WORDS
from reports.limits import Limit, Standard, effective
from reports.models.catalogue import CatalogueItem, ItemStandard, ItemVersion
from reports.models.vocabulary import StandardSource, Urgency
from reports.questions import normalised

CODE = re.compile(r"0[123]-[0-9]{2}-[0-9]{3}")

catalogue(
    {
        "bad_item_code": (400, _("The code must be kind, class and number, such as 02-01-003.")),
        "item_code_taken": (409, _("There is an item with this code already.")),
        "item_name_missing": (400, _("The item has no name.")),
        "standard_missing": (400, _("An item needs the standard of at least one source.")),
        "standard_twice": (400, _("A source has more than one standard.")),
        "bad_questions": (400, _("The questions cannot be read: %(what)s.")),
        "later_version": (409, _("A version of this item begins later or on that day: %(day)s.")),
        "item_retired": (409, _("This item has been retired already.")),
    }
)


@dataclass(frozen=True)
class StandardContent:
    """What one source demands."""

    source: str
    limit: Limit
    filing_condition: str = ""
    closing_condition: str = ""


@dataclass(frozen=True)
class VersionContent:
    """All that a version says; two equal contents are the same version."""

    name: str
    standards: Sequence[StandardContent]
    lead_department: Department | None = None
    may_self_handle: bool = False
    urgency: str = Urgency.NORMAL
    questions: Sequence[dict[str, Any]] = field(default_factory=list)

    def settled(self, asked_before: Iterable[dict[str, Any]] = ()) -> "VersionContent":
        """The content trimmed, ordered and checked; questions asked before keep their keys.

        Raises the problems of the content.
        """
        if not self.name.strip():
            raise Problem("item_name_missing", "name")
        if not self.standards:
            raise Problem("standard_missing", "standards")
        if len({standard.source for standard in self.standards}) < len(self.standards):
            raise Problem("standard_twice", "standards")
        try:
            questions = normalised(self.questions, asked_before)
        except ValueError as exc:
            raise Problem("bad_questions", "questions", params={"what": str(exc)}) from exc
        standards = sorted(
            (
                StandardContent(str(one.source), one.limit, one.filing_condition.strip(), one.closing_condition.strip())
                for one in self.standards
            ),
            key=_source_order,
        )
        return replace(
            self, name=self.name.strip(), standards=standards, urgency=str(self.urgency), questions=questions
        )


def create_item(
    code: str,
    class_name: str,
    content: VersionContent,
    *,
    valid_from: date | None = None,
    by: User | None = None,
) -> ItemVersion:
    """A new item with its first version, valid from that day (default today); the code says kind and class.

    Raises `bad_item_code`, `item_code_taken` and what is wrong with the content.
    """
    if not CODE.fullmatch(code):
        raise Problem("bad_item_code", "code")
    kind = next(kind for kind, prefix in KIND_CODES.items() if prefix == code[:2])
    with transaction.atomic():
        try:
            with transaction.atomic():
                item = CatalogueItem.objects.create(code=code, kind=kind, class_code=code[3:5], class_name=class_name)
        except IntegrityError as exc:
            raise Problem("item_code_taken", "code") from exc
        return _write(ItemVersion(item=item, valid_from=valid_from or today(), created_by=by), content.settled())


def change_item(
    item: CatalogueItem, content: VersionContent, *, valid_from: date | None = None, by: User | None = None
) -> ItemVersion:
    """Let the item say something else from `valid_from` (default today); the same content changes nothing.

    The version before ends the day before. One that begins on the very day is corrected in place, for a version
    of no day would say nothing. A retired item comes back into force. Raises `later_version` if a version begins
    after that day or, for a retired item, was in force on it; and what is wrong with the content.
    """
    start = valid_from or today()
    with transaction.atomic():
        locked = CatalogueItem.objects.select_for_update().get(pk=item.pk)
        last = _last_version(locked)
        settled = content.settled(asked_before(locked.versions.all()))
        if last.valid_to is None and content_of(last) == settled:
            return last
        ends_after = last.valid_to is not None and last.valid_to > start
        if last.valid_from > start or ends_after:
            raise Problem("later_version", "valid_from", params={"day": (last.valid_to or last.valid_from).isoformat()})
        if last.valid_from == start:
            last.standards.all().delete()
            last.created_by, last.created_at = by, now()
            return _write(last, settled)
        if last.valid_to is None:
            last.valid_to = start
            last.save(update_fields=["valid_to"])
        if locked.retired_at is not None:
            locked.retired_at = None
            locked.save(update_fields=["retired_at"])
        return _write(ItemVersion(item=locked, valid_from=start, created_by=by), settled)


def rename_class(item: CatalogueItem, class_name: str) -> None:
    """The class's name as this item carries it; not versioned, for no rule hangs on it."""
    CatalogueItem.objects.filter(pk=item.pk).update(class_name=class_name)
    item.class_name = class_name


def retire_item(item: CatalogueItem, *, on: date | None = None) -> CatalogueItem:
    """From `on` (default today) no new report may name the item; it is never deleted.

    A version is valid for a day at least, so an item that begins on `on` or later retires the day after it begins.
    Raises `item_retired`.
    """
    with transaction.atomic():
        locked = CatalogueItem.objects.select_for_update().get(pk=item.pk)
        if locked.retired_at is not None:
            raise Problem("item_retired")
        last = _last_version(locked)
        last.valid_to = locked.retired_at = max(on or today(), last.valid_from + timedelta(days=1))
        last.save(update_fields=["valid_to"])
        locked.save(update_fields=["retired_at"])
    return locked


def content_of(version: ItemVersion) -> VersionContent:
    """What a version says, for comparing and for editing."""
    return VersionContent(
        name=version.name,
        standards=sorted(
            (
                StandardContent(row.source, row.limit, row.filing_condition, row.closing_condition)
                for row in version.standards.all()
            ),
            key=_source_order,
        ),
        lead_department=version.lead_department,
        may_self_handle=version.may_self_handle,
        urgency=version.urgency,
        questions=version.questions,
    )


def asked_before(versions: Iterable[ItemVersion]) -> list[dict[str, Any]]:
    """Every question the versions ever asked, the oldest first, so that the newest key of a text is the one kept."""
    return [question for version in sorted(versions, key=lambda one: one.valid_from) for question in version.questions]


def _source_order(standard: StandardContent) -> int:
    return StandardSource.values.index(standard.source)


def _last_version(item: CatalogueItem) -> ItemVersion:
    return item.versions.select_related("lead_department").order_by("-valid_from")[0]


def _write(version: ItemVersion, settled: VersionContent) -> ItemVersion:
    version.name, version.lead_department = settled.name, settled.lead_department
    version.may_self_handle, version.urgency = settled.may_self_handle, settled.urgency
    version.questions = list(settled.questions)
    _settle_effective(version, settled.standards)
    version.save()
    ItemStandard.objects.bulk_create(
        ItemStandard(
            version=version,
            source=one.source,
            limit_amount=one.limit.amount,
            limit_unit=one.limit.unit,
            filing_condition=one.filing_condition,
            closing_condition=one.closing_condition,
        )
        for one in settled.standards
    )
    return version


def _settle_effective(version: ItemVersion, standards: Sequence[StandardContent]) -> None:
    found = effective(
        working_calendar(),
        [Standard(one.source, one.limit, one.closing_condition) for one in standards],
        SOURCE_WORDS,
    )
    version.effective_amount, version.effective_unit = found.limit.amount, found.limit.unit
    version.effective_source, version.effective_closing = found.source, found.closing_condition
