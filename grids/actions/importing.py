"""A whole tree of areas from one GeoJSON file: all of it or, with every fault named, nothing."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from django.db import transaction

from core.moment import now
from core.problems import Problem
from grids.actions.areas import bump_boundary_version, is_code, lock_tree
from grids.geometry import check_boundary
from grids.models import Area
from grids.models.areas import LEVELS

BATCH = 500
# Not is_active: an area retired by hand stays retired when the same file is read again.
CHANGEABLE = ("name", "kind", "setting", "geometry")
# Kinds of grids in the file that are not a setting.
GRID_KINDS = {"sea": Area.Kind.SEA, "dedicated": Area.Kind.DEDICATED}
SETTINGS = set(Area.Setting.values)


@dataclass(frozen=True)
class Fault:
    """Something wrong with one feature of the file."""

    index: int
    code: str
    message: str

    def __str__(self) -> str:
        return f"feature {self.index} ({self.code or 'no code'}): {self.message}"


@dataclass
class Outcome:
    """What an import did, or would do: codes of the areas created, of those changed with what differs, and faults."""

    created: list[str] = field(default_factory=list)
    changed: dict[str, list[str]] = field(default_factory=dict)
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)


Progress = Callable[[str, int, int], None]


def read_features(path: Path) -> list[Any]:
    """The features of a GeoJSON FeatureCollection, gzipped or not. Raises ValueError for any other file."""
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    collection = orjson.loads(data)
    if not isinstance(collection, dict) or collection.get("type") != "FeatureCollection":
        raise ValueError("not a GeoJSON FeatureCollection")
    features = collection.get("features")
    if not isinstance(features, list):
        raise ValueError("it has no list of features")
    return features


def import_areas(features: list[Any], *, dry_run: bool = False, progress: Progress | None = None) -> Outcome:
    """Create and change areas so that they are as the features say; features may come in any order.

    Nothing is written when any feature is at fault, on a dry run, or when nothing differs.
    """
    outcome = Outcome()
    said, places = _read(features, outcome, progress)
    with transaction.atomic():
        if not dry_run:
            lock_tree()
        known = {area.code: area for area in Area.objects.all()}
        by_path = {area.path: area for area in known.values()}
        for code, values in said.items():
            fault = _parent_fault(values, said, known, by_path)
            if fault:
                outcome.faults.append(Fault(places[code], code, fault))
        if outcome.faults:
            outcome.faults.sort(key=lambda fault: fault.index)
            return outcome
        new = [values for code, values in said.items() if code not in known]
        outcome.created = [values["code"] for values in new]
        outcome.changed = _changed(said, known)
        outcome.unchanged = len(said) - len(new) - len(outcome.changed)
        if dry_run or not (new or outcome.changed):
            return outcome
        changed = [known[code] for code in outcome.changed]
        moment = now()
        for area in changed:
            for name in CHANGEABLE:
                setattr(area, name, said[area.code][name])
            area.updated_at = moment
        _create(new, known, progress)
        Area.objects.bulk_update(changed, [*CHANGEABLE, "updated_at"], batch_size=BATCH)
        bump_boundary_version()
    return outcome


def _read(
    features: list[Any], outcome: Outcome, progress: Progress | None
) -> tuple[dict[str, dict[str, Any]], dict[str, int]]:
    """What the features say by code, and where each stands in the file."""
    said: dict[str, dict[str, Any]] = {}
    places: dict[str, int] = {}
    for index, feature in enumerate(features):
        if progress and index % 200 == 0:
            progress("check", index, len(features))
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(properties, dict):
            outcome.faults.append(Fault(index, "", "it is no feature with properties"))
            continue
        code = str(properties.get("code") or "")
        try:
            values = _values(properties, feature.get("geometry"))
        except Problem as problem:
            outcome.faults.append(Fault(index, code, problem.sentence))
            continue
        except ValueError as exc:
            outcome.faults.append(Fault(index, code, str(exc)))
            continue
        if code in said:
            outcome.faults.append(Fault(index, code, f"the code stands at feature {places[code]} already"))
            continue
        said[code], places[code] = values, index
    if progress:
        progress("check", len(features), len(features))
    return said, places


def _values(properties: dict[str, Any], geometry: Any) -> dict[str, Any]:
    level, name = (str(properties.get(key) or "").strip() for key in ("level", "name"))
    code, parent_code = properties.get("code"), properties.get("parent_code")
    if level not in LEVELS:
        raise ValueError(f"unknown level {level!r}")
    if not is_code(code):
        raise ValueError("the code is missing, or not 1 to 20 letters and digits as text")
    if parent_code is not None and not isinstance(parent_code, str):
        raise ValueError("the parent's code is not text")
    if not name or len(name) > 80 or "\x00" in name:
        raise ValueError("the name is missing or too long")
    kind = str(properties.get("kind") or "")
    return {
        "level": level,
        "code": code,
        "name": name,
        "parent_code": parent_code or None,
        "kind": GRID_KINDS.get(kind, Area.Kind.BASIC) if level == Area.Level.GRID else "",
        "setting": kind if kind in SETTINGS else "",
        "geometry": check_boundary(geometry),
    }


def _parent_fault(
    values: dict[str, Any], said: dict[str, dict[str, Any]], known: dict[str, Area], by_path: dict[str, Area]
) -> str:
    parent_code, level = values["parent_code"], LEVELS.index(values["level"])
    if parent_code is None:
        return "" if level == 0 else "it has no parent"
    parent_level = said[parent_code]["level"] if parent_code in said else getattr(known.get(parent_code), "level", None)
    if parent_level is None:
        return f"its parent {parent_code} does not exist"
    if level == 0 or parent_level != LEVELS[level - 1]:
        return f"its parent {parent_code} is a {parent_level}"
    present = known.get(values["code"])
    if present is not None:
        parent = by_path.get(present.path[: -Area.steplen])
        if present.level != values["level"] or parent is None or parent.code != parent_code:
            return "it stands elsewhere in the tree already; move it in the admin"
    return ""


def _changed(said: dict[str, dict[str, Any]], known: dict[str, Area]) -> dict[str, list[str]]:
    changed = {}
    for code, values in said.items():
        area = known.get(code)
        differing = [name for name in CHANGEABLE if area is not None and getattr(area, name) != values[name]]
        if differing:
            changed[code] = differing
    return changed


def _create(new: list[dict[str, Any]], known: dict[str, Area], progress: Progress | None) -> None:
    """Insert level by level with paths reckoned here: one INSERT per 500 areas instead of four queries per area."""
    last: dict[str, str] = {}
    for area in known.values():
        base = area.path[: -Area.steplen]
        last[base] = max(last.get(base, ""), area.path)
    done = 0
    for level in LEVELS:
        rows: list[Area] = []
        parents: dict[str, Area] = {}
        for values in (each for each in new if each["level"] == level):
            parent = known.get(values["parent_code"]) if values["parent_code"] else None
            base = parent.path if parent else ""
            before = Area._str2int(last[base][-Area.steplen :]) if last.get(base) else 0
            path = Area._get_path(base, len(base) // Area.steplen + 1, before + 1)
            last[base] = path
            fields = {name: value for name, value in values.items() if name != "parent_code"}
            rows.append(Area(path=path, depth=len(path) // Area.steplen, numchild=0, **fields))
            if parent:
                parent.numchild += 1
                parents[parent.code] = parent
        for start in range(0, len(rows), BATCH):
            Area.objects.bulk_create(rows[start : start + BATCH])
            done += len(rows[start : start + BATCH])
            if progress:
                progress("write", done, len(new))
        known.update({area.code: area for area in rows})
        Area.objects.bulk_update(parents.values(), ["numchild"], batch_size=BATCH)
