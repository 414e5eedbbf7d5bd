"""The report 上报件 and the person who asked."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from core.encryption import EncryptedTextField
from core.phones import digits_of
from grids.models import Area
from reports.models.catalogue import CatalogueItem, ItemVersion
from reports.models.vocabulary import CallbackOutcome, CoordType, ReportStatus, Satisfaction, Source, Urgency


def _area(related_name: str) -> Any:
    # Indexed together with the order of the lists, see Report.Meta.
    return models.ForeignKey(
        Area,
        null=True,
        blank=True,
        related_name=related_name,
        on_delete=models.PROTECT,
        db_index=False,
        verbose_name=_(related_name),
    )


# Without a value in it, so that the condition is seen to hold also where values are bound later.
CLOSED_BY_A_UNIT = models.Q(closed_at__isnull=False, lead_department__isnull=False)


class ReportManager(models.Manager["Report"]):
    """Reports that were not deleted; `Report.all_rows` has the emptied ones too."""

    def get_queryset(self) -> models.QuerySet["Report"]:
        return super().get_queryset().filter(deleted_at__isnull=True)


class Report(models.Model):
    """One matter. Its id is made by the phone; `body_hash` tells a repeat from another report under the same id.

    Positions are WGS-84 degrees; `raw_*` is what came in, in `coord_type`. One column per level of the area tree lets
    every list start from an index on its node. Written only by `reports.actions`.
    """

    id = models.UUIDField(primary_key=True)
    number = models.CharField(_("number"), max_length=20, unique=True)
    version = models.PositiveIntegerField(default=1)
    status = models.CharField(_("status"), max_length=12, choices=ReportStatus)
    source = models.CharField(_("source"), max_length=16, choices=Source)
    external_no = models.CharField(_("external number"), max_length=64, blank=True)

    item = models.ForeignKey(CatalogueItem, verbose_name=_("item"), on_delete=models.PROTECT)
    item_name = models.CharField(_("item"), max_length=100)
    item_version = models.ForeignKey(ItemVersion, null=True, blank=True, on_delete=models.PROTECT, db_index=False)
    limit_amount = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    limit_unit = models.CharField(max_length=12, blank=True)
    limit_source = models.CharField(max_length=16, blank=True)
    closing_condition = models.TextField(_("closing condition"), blank=True)

    urgency = models.CharField(_("urgency"), max_length=12, choices=Urgency, default=Urgency.NORMAL)
    description = models.TextField(_("description"), max_length=2000)
    address = models.CharField(_("address"), max_length=200, blank=True)
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    # The item's questions as the answers answer them, frozen: the catalogue may ask something else tomorrow.
    asked = models.JSONField(_("questions"), default=list, blank=True)

    lng = models.FloatField(_("longitude"))
    lat = models.FloatField(_("latitude"))
    raw_lng = models.FloatField()
    raw_lat = models.FloatField()
    coord_type = models.CharField(max_length=10, choices=CoordType)
    accuracy = models.FloatField(null=True, blank=True, help_text=_("metres"))
    provider = models.CharField(max_length=20, blank=True)
    grid_chosen = models.BooleanField(default=False)

    city = _area("reports_of_city")
    district = _area("reports_of_district")
    street = _area("reports_of_street")
    community = _area("reports_of_community")
    grid = _area("reports_of_grid")

    occurred_at = models.DateTimeField(_("occurred"), null=True, blank=True)
    captured_at = models.DateTimeField(_("captured"), null=True, blank=True)
    received_at = models.DateTimeField(_("received"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    dispatched_at = models.DateTimeField(_("dispatched"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("reporter"),
        related_name="reports",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
    )
    lead_department = models.ForeignKey(
        Department, verbose_name=_("lead department"), null=True, blank=True, on_delete=models.PROTECT, db_index=False
    )
    # 并案: the report that goes on for this one. 拆分: the report this one was taken out of.
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("merged into"),
        related_name="merged_reports",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
    )
    split_from = models.ForeignKey(
        "self",
        verbose_name=_("split from"),
        related_name="split_reports",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
    )
    self_handled = models.BooleanField(_("self-handled"), default=False)
    rework_count = models.PositiveSmallIntegerField(_("reworks"), default=0)
    # 重办 after a callback, counted apart from the street's own rework; tries without an answer since it was put to
    # callback; how that ended.
    redo_count = models.PositiveSmallIntegerField(_("redone after callback"), default=0)
    callback_tries = models.PositiveSmallIntegerField(_("callback tries"), default=0)
    callback_outcome = models.CharField(_("callback"), max_length=12, choices=CallbackOutcome, blank=True)
    whistle_count = models.PositiveSmallIntegerField(_("whistles"), default=0)

    photos_expected = models.PositiveSmallIntegerField(default=0)
    photos_received = models.PositiveSmallIntegerField(default=0)
    complete_at = models.DateTimeField(_("complete"), null=True, blank=True)
    body_hash = models.CharField(max_length=64)

    # The earliest running clock, kept here so that lists can filter and sort by light.
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    yellow_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    all_rows = models.Manager()
    objects = ReportManager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        base_manager_name = "all_rows"
        default_manager_name = "objects"
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="report_newest"),
            models.Index(fields=["city", "-received_at", "-id"], name="report_by_city"),
            models.Index(fields=["district", "-received_at", "-id"], name="report_by_district"),
            models.Index(fields=["street", "-received_at", "-id"], name="report_by_street"),
            models.Index(fields=["street", "status", "-received_at"], name="report_by_street_status"),
            models.Index(fields=["community", "-received_at", "-id"], name="report_by_community"),
            models.Index(fields=["grid", "-received_at", "-id"], name="report_by_grid"),
            models.Index(fields=["reporter", "-received_at", "-id"], name="report_by_reporter"),
            models.Index(fields=["item", "-received_at"], name="report_by_item"),
            models.Index(fields=["status", "-received_at"], name="report_by_status"),
            models.Index(fields=["item", "lat", "lng"], name="report_by_item_place"),
            models.Index(
                fields=["merged_into"], name="report_merged_into", condition=models.Q(merged_into__isnull=False)
            ),
            models.Index(fields=["split_from"], name="report_split_from", condition=models.Q(split_from__isnull=False)),
            # What was done with matters alike: only closing a report writes to these two.
            models.Index(fields=["street", "item", "-closed_at"], name="report_alike_here", condition=CLOSED_BY_A_UNIT),
            models.Index(fields=["item", "-closed_at"], name="report_alike", condition=CLOSED_BY_A_UNIT),
            models.Index(fields=["due_at"], name="report_due", condition=models.Q(due_at__isnull=False)),
            # What was accepted, dispatched and closed in a period, in all and in a street.
            *(
                models.Index(
                    fields=[*street, f"{step}_at"],
                    name=f"report_{step}{'_in' if street else ''}",
                    condition=models.Q(**{f"{step}_at__isnull": False}),
                )
                for step in ("accepted", "dispatched", "closed")
                for street in ([], ["street"])
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="report_once_per_source", fields=["source", "external_no"], condition=~models.Q(external_no="")
            ),
            models.CheckConstraint(
                name="report_merged_has_a_main",
                condition=models.Q(status=ReportStatus.MERGED, merged_into__isnull=False)
                | (~models.Q(status=ReportStatus.MERGED) & models.Q(merged_into__isnull=True)),
            ),
            models.CheckConstraint(
                name="report_not_merged_into_itself", condition=~models.Q(merged_into=models.F("id"))
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Requester(models.Model):
    """The resident behind a report, apart from it so that reading a report does not read a person.

    `answered_at` is when the answer reached the person, as far as can be known: the call, or the record of it where
    nobody can be called. `phone_hash` finds the same caller again, `tracking_code` is what the resident tracks it by.
    `consented_at`: when they agreed to the use of their data, where they reported by themselves. `solved` and
    `satisfaction` are what they said at `rated_at`, after a closing; it counts for that closing only.
    """

    report = models.OneToOneField(Report, related_name="requester", on_delete=models.CASCADE)
    name = EncryptedTextField(_("name"), blank=True)
    phone = EncryptedTextField(_("phone"), blank=True)
    phone_hash = models.CharField(max_length=64, blank=True)
    anonymous = models.BooleanField(_("anonymous"), default=False)
    answer = models.TextField(_("answer given"), blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    consented_at = models.DateTimeField(_("consented"), null=True, blank=True)
    solved = models.BooleanField(_("solved"), null=True, blank=True)
    satisfaction = models.CharField(_("satisfaction"), max_length=12, choices=Satisfaction, blank=True)
    rated_at = models.DateTimeField(_("rated"), null=True, blank=True)
    # Null, not blank, where there is none: nulls never collide.
    tracking_code = models.CharField(_("tracking code"), max_length=12, null=True, blank=True, unique=True)

    class Meta:
        verbose_name = _("requester")
        verbose_name_plural = _("requesters")
        indexes = [
            models.Index(name="requester_by_phone", fields=["phone_hash"], condition=~models.Q(phone_hash="")),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def callable(self) -> bool:
        """Whether the person can be called or written to: a phone is known and they did not stay anonymous."""
        return bool(self.phone) and not self.anonymous

    def lookup_texts(self) -> dict[str, str]:
        return {"phone_hash": digits_of(self.phone)}
