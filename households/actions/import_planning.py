"""What the rows of a workbook make of the register: read from it, decided by its rules, not yet written.

A row is taken or refused as a whole, and each refusal is at its row and column. The same code says what a dry run would
do and what a real one does; the latter then saves the plan. Households are found by their door, residents by the hash
of their document, else by their name within the household. An empty cell leaves what is stored; who is not in the file
stays where they are.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Can
from core.moment import now
from core.problems import Problem, catalogue
from grids.models import Area
from grids.scope import prefixes, scope_of
from households.actions.comparing import changes, told
from households.actions.frame import event_of
from households.actions.placing import Place
from households.actions.registering import PLAIN, new_household
from households.actions.residents import PLAIN as PLAIN_RESIDENT
from households.actions.residents import local_today, resident_columns
from households.doors import Door
from households.models import Building, CareMark, CareTag, Household, HouseholdEvent, Resident
from households.models.imports import COUNTERS
from households.models.vocabulary import EventKind, HouseholdKind, Occupancy, Relation
from households.sheet import TITLE_OF, Line

# More rows than any dwelling has residents; a dormitory is several rooms.
MOST_AT_A_DOOR = 500

catalogue(
    {
        "foreign_grid": (400, _("You may not import households into this grid.")),
        "grid_unclear": (400, _("Several grids have this name; write the code.")),
        "door_apart": (400, _("This household begins in row %(row)s; put its rows together.")),
        "door_crowded": (400, _("More than %(most)s residents behind one door.")),
        "rows_differ": (400, _("Another row of this household says otherwise.")),
        "code_differs": (400, _("The household behind this door has another number.")),
        "resident_unclear": (400, _("Several residents here have this name; give the document number.")),
    }
)


@dataclass
class Home:
    """A household in the course of a plan: as it will stand, with its residents, and what rows have said of it."""

    row: Household
    new: bool
    residents: list[Resident] = field(default_factory=list)
    tags: dict[UUID | None, set[str]] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)
    claimed: set[UUID] = field(default_factory=set)
    created: HouseholdEvent | None = None
    met: bool = False
    changed: bool = False
    touched: bool = False
    raised: bool = False

    def raise_version(self) -> None:
        if not (self.new or self.raised):
            self.row.version += 1
            self.raised = True


@dataclass
class Plan:
    """What is to be written, in the order in which it can be."""

    buildings: list[Building] = field(default_factory=list)
    households: list[Household] = field(default_factory=list)
    changed_households: dict[UUID, Household] = field(default_factory=dict)
    residents: list[Resident] = field(default_factory=list)
    changed_residents: list[tuple[Resident, list[str]]] = field(default_factory=list)
    marks: list[CareMark] = field(default_factory=list)
    unmarked: list[tuple[UUID, UUID | None, set[str]]] = field(default_factory=list)
    events: list[HouseholdEvent] = field(default_factory=list)
    faults: list[tuple[int, str, Problem]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTERS, 0))

    def fault(self, line: Line, problem: Problem) -> None:
        self.faults.append((line.number, TITLE_OF.get(problem.field or "", problem.field or ""), problem))


class Grids:
    """The grids a person may import into, by code and by name, with the ids of the areas above; two queries."""

    def __init__(self, user: User) -> None:
        reach = scope_of(user).areas_below(Can.IMPORT_HOUSEHOLDS)
        above = dict(Area.objects.exclude(level=Area.Level.GRID).values_list("path", "pk"))
        level_of = dict(Area.objects.exclude(level=Area.Level.GRID).values_list("pk", "level"))
        self.by_word: dict[str, dict[str, int] | None] = {}
        codes: dict[str, dict[str, int]] = {}
        rows = Area.objects.filter(reach, level=Area.Level.GRID, is_active=True)
        for code, name, path, pk in rows.values_list("code", "name", "path", "pk"):
            over = [above[one] for one in prefixes(path)[1:]]
            ids = {f"{level_of[one]}_id": one for one in over} | {"grid_id": pk}
            codes[code] = ids
            # A name that two grids bear names neither.
            self.by_word[name] = None if name in self.by_word else ids
        self.by_word |= codes
        self.strange: dict[str, bool] = {}

    def find(self, word: str) -> dict[str, int]:
        """Raises `unknown_grid`, `foreign_grid`, `grid_unclear`."""
        if word in self.by_word:
            ids = self.by_word[word]
            if ids is None:
                raise Problem("grid_unclear", "grid")
            return ids
        if word not in self.strange:
            named = Q(code=word) | Q(name=word)
            self.strange[word] = Area.objects.filter(named, level=Area.Level.GRID, is_active=True).exists()
        raise Problem("foreign_grid" if self.strange[word] else "unknown_grid", "grid")


Key = tuple[int, str, str, str, str, str]


class Planner:
    """Plans the rows of one file, batch by batch. With `lock` the households met are held, for what follows writes."""

    def __init__(self, user: User, *, lock: bool) -> None:
        self.user, self.lock = user, lock
        self.moment, self.today = now(), local_today()
        self.grids = Grids(user)
        self.tags = {tag.code: tag for tag in CareTag.objects.all()}
        self.tag_codes = {tag.name: tag.code for tag in self.tags.values()} | {code: code for code in self.tags}
        # A dry run has to remember what it has not written: buildings, numbers, and where each door came first.
        self.would_be: dict[tuple[int, str, str], Building] = {}
        self.first_at: dict[int, int] = {}
        self.codes_said: set[int] = set()

    def batches(self, lines: Iterable[Line], size: int) -> Iterator[list[tuple[Line, Key | None]]]:
        """Lines with their doors, about `size` at a time; the rows of a household are never torn apart."""
        batch: list[tuple[Line, Key | None]] = []
        last: Key | None = None
        for line in lines:
            key = self._place(line)
            if len(batch) >= size and key is not None and key != last:
                yield batch
                batch = []
            batch.append((line, key))
            last = key or last
            if len(batch) >= size + MOST_AT_A_DOOR * 2:
                yield batch
                batch, last = [], None
        if batch:
            yield batch

    def plan(self, batch: Sequence[tuple[Line, Key | None]]) -> Plan:
        # Of this batch, not of the file: whoever asks for what changed lately must not miss what a long file changes.
        self.moment = now()
        plan = Plan()
        groups: dict[Key, list[Line]] = {}
        previous: Key | None = None
        for line, key in batch:
            for title, problem in line.faults:
                plan.faults.append((line.number, title, problem))
            if key is None or line.faults:
                continue
            try:
                self._in_order(line, key, previous, groups)
            except Problem as problem:
                plan.fault(line, problem)
                continue
            groups.setdefault(key, []).append(line)
            previous = key
        doors = self._doors(plan, groups)
        homes = self._homes(doors)
        codes = self._codes_in_use(groups)
        for key, lines in groups.items():
            place = doors[key]
            home = homes.get(place.door.hash()) or self._blank(place)
            for line in lines:
                try:
                    self._take(plan, home, line, codes)
                except Problem as problem:
                    plan.fault(line, problem)
            if home.touched and not home.new:
                home.row.changed_at = self.moment
                plan.changed_households[home.row.pk] = home.row
        plan.faults.sort(key=lambda fault: fault[0])
        return plan

    def _place(self, line: Line) -> Key | None:
        """The door of a line by its columns; None, with a fault, where it has none."""
        if not line.place.get("grid"):
            return None
        try:
            line.grid = self.grids.find(line.place["grid"])
        except Problem as problem:
            line.faults.append((TITLE_OF["grid"], problem))
            return None
        said = line.place
        parts = (said.get(name, "").upper() for name in ("estate", "building", "unit", "room", "address"))
        return (line.grid["grid_id"], *parts)  # type: ignore[return-value]

    def _in_order(self, line: Line, key: Key, previous: Key | None, groups: dict[Key, list[Line]]) -> None:
        if key in groups:
            if key != previous:
                raise Problem("door_apart", "room" if key[2] else "address", params={"row": groups[key][0].number})
            if len(groups[key]) >= MOST_AT_A_DOOR:
                raise Problem("door_crowded", "room" if key[2] else "address", params={"most": MOST_AT_A_DOOR})
        elif not self.lock:
            first = self.first_at.setdefault(hash(key), line.number)
            if first != line.number:
                raise Problem("door_apart", "room" if key[2] else "address", params={"row": first})

    def _doors(self, plan: Plan, groups: dict[Key, list[Line]]) -> dict[Key, Place]:
        """A place for each door; buildings that are not there are planned."""
        wanted = {self._building_key(lines[0]) for lines in groups.values() if lines[0].place.get("building")}
        rows = Building.objects.filter(
            is_active=True,
            grid_id__in={key[0] for key in wanted},
            estate__in={key[1] for key in wanted},
            number__in={key[2] for key in wanted},
        )
        there = {(one.grid_id, one.estate, one.number): one for one in rows} if wanted else {}
        doors: dict[Key, Place] = {}
        for key, lines in groups.items():
            line = lines[0]
            if not line.place.get("building"):
                doors[key] = Place(Door(None, line.grid["grid_id"], address=line.place["address"]), line.grid)
                continue
            name = self._building_key(line)
            building = there.get(name) or self.would_be.get(name)
            if building is None:
                building = Building(pk=uuid4(), estate=name[1], number=name[2], **line.grid)
                there[name] = building
                if not self.lock:
                    self.would_be[name] = building
                plan.buildings.append(building)
                plan.counts["buildings_new"] += 1
            door = Door(building.pk, building.grid_id, line.place.get("unit", ""), line.place["room"])
            doors[key] = Place(door, line.grid)
        return doors

    def _homes(self, doors: dict[Key, Place]) -> dict[str, Home]:
        """The households behind the doors by the newest hash of the door, with residents and tags; three queries."""
        newest = {old: place.door.hash() for place in doors.values() for old in place.door.hashes()}
        rows = Household.objects.filter(door_hash__in=newest, ended_at__isnull=True).order_by("pk")
        if self.lock:
            rows = rows.select_for_update(of=("self",))
        homes = {newest[row.door_hash]: Home(row, new=False) for row in rows}
        if not homes:
            return homes
        by_pk = {home.row.pk: home for home in homes.values()}
        for resident in Resident.objects.filter(household__in=by_pk, moved_out__isnull=True).order_by("pk"):
            home = by_pk[resident.household_id]
            resident.household = home.row
            home.residents.append(resident)
        marks = CareMark.objects.filter(household__in=by_pk).values_list("household_id", "resident_id", "tag__code")
        for household_id, resident_id, code in marks:
            by_pk[household_id].tags.setdefault(resident_id, set()).add(code)
        return homes

    def _codes_in_use(self, groups: dict[Key, list[Line]]) -> dict[str, UUID | None]:
        asked = {line.home["code"] for lines in groups.values() for line in lines if line.home.get("code")}
        rows = Household.objects.filter(code__in=asked).values_list("code", "pk") if asked else ()
        return dict(rows)

    def _blank(self, place: Place) -> Home:
        return Home(new_household(uuid4(), self.user, place, kind=HouseholdKind.FAMILY), new=True)

    @staticmethod
    def _building_key(line: Line) -> tuple[int, str, str]:
        return line.grid["grid_id"], line.place["estate"], line.place["building"]

    def _take(self, plan: Plan, home: Home, line: Line, codes: dict[str, UUID | None]) -> None:
        """One row: all of it is checked before any of it is planned."""
        said = self._said_of_home(home, line, codes)
        occupancy = said.get("occupancy", home.row.occupancy)
        if line.person and occupancy == Occupancy.VACANT:
            raise Problem("vacant_dwelling", "occupancy")
        if home.residents and occupancy == Occupancy.VACANT:
            raise Problem("not_vacant", "occupancy")
        person = self._said_of_person(home, line) if line.person else None
        self._put_home(plan, home, said, codes)
        if person is not None:
            self._put_person(plan, home, *person)

    def _said_of_home(self, home: Home, line: Line, codes: dict[str, UUID | None]) -> dict[str, Any]:
        said = dict(line.home)
        if "tags" in said:
            said["tags"] = self._tags(said["tags"], home.tags.get(None, set()), "户标签")
        for name, value in said.items():
            if home.said.get(name, value) != value:
                raise Problem("rows_differ", "户标签" if name == "tags" else name)
        if not home.said and home.new and "occupancy" not in said:
            raise Problem("cell_missing", "occupancy")
        code = said.get("code")
        if code and code != home.row.code:
            if not home.new:
                raise Problem("code_differs", "code")
            if code in codes or hash(code) in self.codes_said:
                raise Problem("code_in_use", "code")
        return said

    def _said_of_person(self, home: Home, line: Line) -> tuple[Resident | None, dict[str, Any], frozenset[str] | None]:
        """The resident meant (None: a new one), the columns and the tags that are said."""
        said = {name: value for name, value in line.person.items() if name != "tags"}
        columns = resident_columns(said, Resident(), self.today)
        row = _meant(home, columns)
        if row is None and "relation" not in columns:
            raise Problem("cell_missing", "relation")
        if columns.get("relation") == Relation.HEAD:
            heads = [one for one in home.residents if one.relation == Relation.HEAD and one is not row]
            if heads:
                raise Problem("head_taken", "relation")
        if row is not None:
            # What the stored card says is not said otherwise by a row without the number.
            columns = resident_columns(said, row, self.today)
        tags = None
        if "tags" in line.person:
            there = home.tags.get(row.pk, set()) if row is not None else set()
            tags = self._tags(line.person["tags"], there, "个人标签")
        return row, columns, tags

    def _tags(self, words: Sequence[str], there: set[str], title: str) -> frozenset[str]:
        codes = {self.tag_codes.get(word, "") for word in words}
        if "" in codes or any(not self.tags[code].is_active for code in codes - there):
            raise Problem("unknown_tag", title)
        return frozenset(codes)

    def _put_home(self, plan: Plan, home: Home, said: dict[str, Any], codes: dict[str, UUID | None]) -> None:
        changed = changes(home.row, {name: said[name] for name in ("occupancy", "kind", "code") if name in said})
        tags, there = said.get("tags"), home.tags.get(None, set())
        tags_differ = tags is not None and tags != there
        home.said |= said
        if not home.met:
            home.met = True
            plan.counts["households_new" if home.new else "households_same"] += 1
        data = told(home.row, changed, PLAIN) if changed else {"fields": []}
        for name, value in changed.items():
            setattr(home.row, name, value)
        marked = self._mark(plan, home, None, tags) if tags is not None else {}
        if home.new:
            self._register(plan, home, codes, marked)
        elif changed or tags_differ:
            if not home.changed:
                home.changed = True
                plan.counts["households_same"] -= 1
                plan.counts["households_changed"] += 1
            home.raise_version()
            home.touched = True
            self._event(plan, home, EventKind.EDIT, **data, **marked)

    def _register(self, plan: Plan, home: Home, codes: dict[str, UUID | None], marked: dict[str, Any]) -> None:
        """With the first of its rows; a later one may say what that left out."""
        if home.created is None:
            plan.households.append(home.row)
            home.created = self._event(plan, home, EventKind.CREATE)
        home.created.data |= {"occupancy": home.row.occupancy, **marked}
        codes[home.row.code] = home.row.pk
        if home.said.get("code") and not self.lock:
            self.codes_said.add(hash(home.row.code))

    def _put_person(
        self, plan: Plan, home: Home, row: Resident | None, columns: dict[str, Any], tags: frozenset[str] | None
    ) -> None:
        if row is None:
            row = Resident(pk=uuid4(), household=home.row, **columns)
            home.residents.append(row)
            home.claimed.add(row.pk)
            plan.residents.append(row)
            plan.counts["residents_new"] += 1
            marked = self._mark(plan, home, row, tags) if tags else {}
            home.raise_version()
            home.touched = True
            self._event(plan, home, EventKind.ADD_RESIDENT, resident=row, relation=row.relation, **marked)
            return
        home.claimed.add(row.pk)
        changed = changes(row, columns)
        # After a change of keys the same number has another hash.
        seen = {name: value for name, value in changed.items() if not name.endswith("_hash")}
        tags_differ = tags is not None and tags != home.tags.get(row.pk, set())
        if not seen and not tags_differ:
            plan.counts["residents_same"] += 1
            return
        plan.counts["residents_changed"] += 1
        data = told(row, seen, PLAIN_RESIDENT)
        for name, value in changed.items():
            setattr(row, name, value)
        row.version += 1
        if tags_differ and tags is not None:
            data |= self._mark(plan, home, row, tags)
        home.touched = True
        plan.changed_residents.append((row, [*changed, "version"]))
        self._event(plan, home, EventKind.EDIT_RESIDENT, resident=row, **data)

    def _mark(self, plan: Plan, home: Home, row: Resident | None, tags: Iterable[str]) -> dict[str, Any]:
        """Plan these tags and no others; answers what changed, for the event."""
        key = row.pk if row is not None else None
        wanted, there = set(tags), home.tags.get(key, set())
        added, removed = wanted - there, there - wanted
        plan.marks += [CareMark(household=home.row, resident=row, tag=self.tags[code]) for code in sorted(added)]
        if removed:
            plan.unmarked.append((home.row.pk, key, removed))
        home.tags[key] = wanted
        return {"tags_added": sorted(added), "tags_removed": sorted(removed)} if added or removed else {}

    def _event(
        self, plan: Plan, home: Home, kind: str, *, resident: Resident | None = None, **data: Any
    ) -> HouseholdEvent:
        event = event_of(home.row, self.user, self.moment, kind, resident=resident, data=data)
        plan.events.append(event)
        return event


def _meant(home: Home, columns: dict[str, Any]) -> Resident | None:
    """Who of the household is meant, if anybody. Raises `resident_twice`, `resident_unclear`."""
    number, name = columns.get("doc_number", ""), columns["name"]
    if number:
        for one in home.residents:
            if one.doc_number == number:
                if one.pk in home.claimed:
                    raise Problem("resident_twice", "doc_number")
                return one
    # With a number one may be somebody whose number was not known; two different numbers are two people.
    alike = [one for one in home.residents if one.name == name and not (number and one.doc_number)]
    without = [one for one in alike if not one.doc_number] or alike
    if any(one.pk in home.claimed for one in without):
        raise Problem("resident_twice", "name")
    if len(without) > 1:
        raise Problem("resident_unclear", "name")
    return without[0] if without else None
