"""What figures are asked for and how they are answered."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from reports.api.input import StrictSerializer
from reports.api.output.duties import AssignmentOut, WhistleOut
from reports.api.output.named import PlaceOut
from reports.api.requesters import CallbackOut
from reports.figures.overview import COLUMNS, IN_THE_PERIOD, KINDS, OF_A_ROW, RIGHT_NOW
from reports.figures.rates import COMBINED, OF_ROWS, RATES
from reports.figures.table import FIGURES, LIGHTS, OPEN_STATUSES
from reports.models import Assignment, CallbackTry, Whistle
from reports.models.vocabulary import Source, WhistleKind

CODE_CHARACTERS = 40
RATE_UNITS = ("share", "hours", "minutes", "score")


class AskedIn(StrictSerializer):
    area = serializers.CharField(
        required=False,
        max_length=CODE_CHARACTERS,
        help_text="code of an area whose reports the caller sees; the highest one, if nothing is said",
    )
    first = serializers.DateField(required=False, help_text="first day of the period, Asia/Shanghai; today")
    last = serializers.DateField(required=False, help_text="last day, 366 days in all at most; today")


class OverviewIn(AskedIn):
    by = serializers.ChoiceField(
        required=False,
        choices=list(COLUMNS),
        help_text="what is ranked: the places next below a city, district or street, else the departments",
    )


def behind_in(kind: str, **more: serializers.Field) -> type[AskedIn]:
    """What the list of this kind is asked for: the figure, and what it was counted for."""
    names = [figure.name for figure in FIGURES.values() if KINDS[figure.model] == kind]
    said = {"figure": serializers.ChoiceField(choices=names), **more}
    return type(f"{kind.capitalize()}BehindIn", (AskedIn,), said)


ReportsBehindIn = behind_in(
    "reports",
    department=serializers.CharField(required=False, max_length=CODE_CHARACTERS, help_text="code of the lead's"),
    item=serializers.CharField(required=False, max_length=CODE_CHARACTERS, help_text="catalogue code"),
)
WhistlesBehindIn = behind_in("whistles")
AssignmentsBehindIn = behind_in("assignments")
CallbacksBehindIn = behind_in("callbacks")


class OfReport(serializers.ModelSerializer[Any]):
    """A line of a list behind a figure, with the report's number, item and place."""

    number = serializers.CharField(source="report.number")
    item_name = serializers.CharField(source="report.item_name")
    address = serializers.CharField(source="report.address")


OF_REPORT = ("number", "item_name", "address")


class FigureWhistle(WhistleOut, OfReport):
    class Meta:
        model = Whistle
        fields = (*WhistleOut.Meta.fields, *OF_REPORT)


class FigureAssignment(AssignmentOut, OfReport):
    class Meta:
        model = Assignment
        fields = (*AssignmentOut.Meta.fields, *OF_REPORT)


class FigureCallback(CallbackOut, OfReport):
    class Meta:
        model = CallbackTry
        fields = (*CallbackOut.Meta.fields, "report", *OF_REPORT)


class NumberOut(serializers.Serializer[Any]):
    """How many, and the list that holds exactly these."""

    figure = serializers.ChoiceField(choices=list(FIGURES))
    count = serializers.IntegerField()
    list = serializers.CharField(help_text="path below the server's address")


def numbers(name: str, names: Any, **more: serializers.Field) -> Any:
    """A serializer with a number under each of these names."""
    return type(name, (serializers.Serializer,), {**{str(one): NumberOut() for one in names}, **more})


StatusNumbers = numbers("StatusNumbers", OPEN_STATUSES)
LightNumbers = numbers("LightNumbers", LIGHTS)
WhistleNumbers = numbers("WhistleNumbers", WhistleKind)
SourceNumbers = numbers("SourceNumbers", Source)
NowOut = numbers("NowOut", RIGHT_NOW, status=StatusNumbers(), lights=LightNumbers(), whistles=WhistleNumbers())
PeriodOut = numbers("PeriodOut", IN_THE_PERIOD, sources=SourceNumbers())
RowNumbers = numbers("RowNumbers", OF_A_ROW)
RowRates = type(
    "RowRates",
    (serializers.Serializer,),
    {rate.name: serializers.FloatField(allow_null=True, help_text=f"{rate.over} ÷ {rate.under}") for rate in OF_ROWS},
)


class RateOut(serializers.Serializer[Any]):
    """`value` is null where there is nothing to divide by. A mean or median has no numerator: it is of the rows of its
    denominator; the combined rate has neither."""

    value = serializers.FloatField(allow_null=True)
    unit = serializers.ChoiceField(choices=RATE_UNITS)
    numerator = NumberOut(allow_null=True)
    denominator = NumberOut(allow_null=True)


RatesOut = type("RatesOut", (serializers.Serializer,), {rate.name: RateOut() for rate in (*RATES, COMBINED)})


class FigureAreaOut(PlaceOut):
    level = serializers.CharField()


class HotItemOut(PlaceOut):
    received = NumberOut()


class RankedPlace(PlaceOut):
    counts = RowNumbers()
    rates = RowRates()


class MappedOut(PlaceOut):
    open = NumberOut()
    overdue = NumberOut()
    received = NumberOut()


_LIST = "/api/v1/figures/reports?figure=handled&area=371082007&first=2026-11-26&last=2026-11-26"


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "one of its rates",
            response_only=True,
            value={
                "area": {"code": "371082007", "name": "崖头街道", "level": "street"},
                "first": "2026-11-26",
                "last": "2026-11-26",
                "at": "2026-11-26T10:00:00+08:00",
                "by": "community",
                "rates": {
                    "handle_rate": {
                        "value": 0.9,
                        "unit": "share",
                        "numerator": {"figure": "handled", "count": 9, "list": _LIST},
                        "denominator": {
                            "figure": "dispatched",
                            "count": 10,
                            "list": _LIST.replace("handled", "dispatched"),
                        },
                    }
                },
                "words": {"handled": "周期内派遣且已处置", "dispatched": "周期内派遣"},
            },
        )
    ]
)
class OverviewOut(serializers.Serializer[Any]):
    area = FigureAreaOut()
    first = serializers.DateField()
    last = serializers.DateField()
    at = serializers.DateTimeField(help_text="the moment at which what is open was looked at")
    by = serializers.ChoiceField(choices=list(COLUMNS), help_text="what is ranked")
    now = NowOut(help_text="what is open at this moment, whatever the period")
    period = PeriodOut()
    rates = RatesOut()
    hot_items = HotItemOut(many=True, help_text="the ten items most often received in the period")
    ranking = RankedPlace(many=True, help_text="the larger share handled in time first")
    grids = MappedOut(many=True, help_text="load by grid, of a city or district by street; what has none is left out")
    words = serializers.DictField(child=serializers.CharField(), help_text="each figure and rate in words")
