"""What is going to happen: how many matters, when, where and of which kind, drawn before anybody acts."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.moment import now
from reports.calendar import today
from reports.demo import odds
from reports.demo.company import Company
from reports.demo.places import Street
from reports.demo.spots import HOT_SHARE, HOT_SPOTS_PER_STREET, Spot, Spots, draw_times
from reports.models import ItemVersion
from reports.models.vocabulary import Source, Urgency

SELF_HANDLED_SHARE = 0.15
# Of 206 reports a day in one of Weihai's streets 26 come by the hotline.
SOURCES = {Source.GRID: 0.80, Source.HOTLINE: 0.126, Source.DIGITAL_CITY: 0.06, Source.PETITION: 0.014}
WHISTLE_KINDS = {"routine": 0.45, "emergency": 0.25, "joint": 0.16, "tough": 0.14}
# Of recent reports this share is left where it stands, so that the desk has work of every kind.
LEFT_LYING, LYING_DAYS = 0.3, 2
STAGES = ("submit", "accept", "assign", "receive", "blow", "report_in", "review", "callback")
KIND_WEIGHTS = {"component": 0.30, "event": 0.56, "request": 0.14}

# Matters of the last hours, which show every light whatever the hour of the load: minutes ago, where it stops, whistle.
# Emergencies, whose clocks run day and night: accept within 15 min, report in within 30.
LIVE: tuple[tuple[float, str, str], ...] = (
    (1, "submit", ""), (4, "submit", ""), (13, "submit", ""), (17, "submit", ""), (26, "submit", ""),
    (3, "accept", ""), (14, "accept", ""), (22, "accept", ""), (12, "assign", ""), (17, "assign", ""),
    (9, "receive", ""), (30, "receive", ""), (8, "blow", "emergency"), (19, "blow", "emergency"),
    (28, "blow", "emergency"), (34, "blow", "emergency"), (31, "report_in", "emergency"), (50, "review", ""),
)  # fmt: skip


@dataclass
class Plan:
    """One matter's course. `stop` is the stage after which nobody goes on with it; `brisk` acts within a minute."""

    id: UUID
    at: datetime
    dice: random.Random
    street: Street
    spot: Spot
    version: ItemVersion
    source: str = Source.GRID
    self_handled: bool = False
    whistle: str = ""
    # What else the report holds, to be split off.
    beside: ItemVersion | None = None
    stop: str = ""
    brisk: bool = False
    answers: dict[str, Any] = field(default_factory=dict)

    @property
    def urgency(self) -> str:
        return self.version.urgency

    @property
    def grid_worker_sends(self) -> bool:
        return self.source == Source.GRID

    def chance(self, share: float) -> bool:
        return self.dice.random() < share


def draw_plans(company: Company, count: int, days: int, end: datetime, seed: int) -> list[Plan]:
    """`count` matters in the `days` before `end`, in order of time; the same seed and end draw the same."""
    dice = random.Random(seed)  # noqa: S311
    maker = _Maker(company, dice)
    live = LIVE[: max(count // 6, 1)] if count else ()
    plans = _ordinary(maker, count - len(live), end - timedelta(days=days), end)
    for plan in plans:
        if end - plan.at < timedelta(days=LYING_DAYS) and plan.chance(LEFT_LYING):
            plan.stop = plan.dice.choice(STAGES)
    for minutes, stop, whistle in live:
        plan = maker.plan(end - timedelta(minutes=minutes), urgency=Urgency.EMERGENCY)
        plan.stop, plan.whistle, plan.brisk, plan.self_handled = stop, whistle, True, False
        plan.source = Source.GRID
        plans.append(plan)
    return sorted(plans, key=lambda plan: plan.at)


def draw_month(company: Company, per_day: float, start: datetime, end: datetime, seed: int) -> list[Plan]:
    """As many matters a day as that on the average, fewer on days off; none is left where it stands on purpose."""
    dice = random.Random(seed)  # noqa: S311
    days = (end - start) / timedelta(days=1)
    return _ordinary(_Maker(company, dice), round(per_day * days), start, end)


def _ordinary(maker: "_Maker", count: int, start: datetime, end: datetime) -> list[Plan]:
    return [maker.plan(at) for at in draw_times(maker.dice, count, start, end)]


class _Maker:
    def __init__(self, company: Company, dice: random.Random) -> None:
        self.dice = dice
        self.company = company
        versions = list(
            ItemVersion.objects.current(today())
            .filter(item__retired_at__isnull=True)
            .select_related("item", "lead_department")
            .order_by("item__code")
        )
        self.versions = [one for one in versions if not _at_sea(one)]
        counts = {kind: sum(one.item.kind == kind for one in self.versions) for kind in KIND_WEIGHTS}
        # A few items make most of the work, as everywhere; the order is the seed's.
        self.dice.shuffle(self.versions)
        self.weights = [
            KIND_WEIGHTS[one.item.kind] / counts[one.item.kind] / (1 + place) ** 0.5 * _urgency_weight(one)
            for place, one in enumerate(self.versions)
        ]
        self.spots: dict[str, Spots] = {}
        self.hot: dict[str, list[Spot]] = {}
        for street in company.streets:
            spots = Spots([grid for grids in street.grids.values() for grid in grids])
            self.spots[street.slug] = spots
            self.hot[street.slug] = [
                Spot(spot.grid, spot.lng, spot.lat, self._version().item.code)
                for spot in (spots.anywhere(dice) for _ in range(HOT_SPOTS_PER_STREET))
            ]

    def plan(self, at: datetime, urgency: str = "") -> Plan:
        dice = random.Random(self.dice.getrandbits(64))  # noqa: S311
        street = dice.choice(self.company.streets)
        spots = self.spots[street.slug]
        version = self._version(dice, urgency)
        if not urgency and dice.random() < HOT_SHARE:
            spot = spots.near(dice, dice.choice(self.hot[street.slug]))
            version = next(one for one in self.versions if one.item.code == spot.item)
        else:
            spot = spots.anywhere(dice)
        source = dice.choices(list(SOURCES), weights=list(SOURCES.values()))[0]
        plan = Plan(UUID(int=dice.getrandbits(128), version=4), at, dice, street, spot, version, source=source)
        plan.answers = answers_for(dice, version.questions)
        if version.may_self_handle and plan.grid_worker_sends:
            # Only some items may be self-handled; of those enough that the share holds over all.
            plan.self_handled = dice.random() < min(SELF_HANDLED_SHARE / max(self._may_self_handle(), 0.01), 0.9)
        if not plan.self_handled and dice.random() < odds.WHISTLE:
            plan.whistle = dice.choices(list(WHISTLE_KINDS), weights=list(WHISTLE_KINDS.values()))[0]
        if dice.random() < odds.SPLIT:
            plan.beside = self._version(dice)
        return plan

    def _version(self, dice: random.Random | None = None, urgency: str = "") -> ItemVersion:
        dice = dice or self.dice
        if urgency:
            urgent = [one for one in self.versions if one.urgency == urgency]
            if urgent:
                return dice.choice(urgent)
        return dice.choices(self.versions, weights=self.weights)[0]

    def _may_self_handle(self) -> float:
        """How much of all that grid workers send may be self-handled."""
        allowed = sum(weight for one, weight in zip(self.versions, self.weights, strict=True) if one.may_self_handle)
        return allowed / sum(self.weights) * SOURCES[Source.GRID]


def answers_for(dice: random.Random, questions: list[dict[str, Any]]) -> dict[str, Any]:
    """Fitting answers to an item's questions; those that need none are answered half the time."""
    answers: dict[str, Any] = {}
    for question in questions:
        stopping = [notice["answer"] for notice in question.get("notices", ()) if notice["stops"]]
        choices = [choice for choice in question["choices"] if choice not in stopping]
        if not question["required"] and dice.random() < 0.5:
            continue
        match question["kind"]:
            case "yes_no":
                answers[question["key"]] = dice.random() < 0.4 if not stopping else not stopping[0]
            case "number":
                answers[question["key"]] = dice.randint(1, 40)
            case "choice":
                answers[question["key"]] = dice.choice(choices)
            case "multiple":
                answers[question["key"]] = dice.sample(choices, dice.randint(1, len(choices)))
            case "datetime":
                answers[question["key"]] = (now() - timedelta(minutes=dice.randint(5, 600))).isoformat(
                    timespec="minutes"
                )
            case "string":
                answers[question["key"]] = f"{dice.randint(1, 30)}号楼{dice.randint(1, 4)}单元"
            case _:
                answers[question["key"]] = "现场已初步核实"
    return answers


def _at_sea(version: ItemVersion) -> bool:
    """The demonstration's streets hold nearly no sea."""
    return "海上" in version.item.class_name or "船" in version.name or "渔" in version.name


def _urgency_weight(version: ItemVersion) -> float:
    return {Urgency.NORMAL: 1.0, Urgency.URGENT: 0.5, Urgency.EMERGENCY: 0.25}[Urgency(version.urgency)]
