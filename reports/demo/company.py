"""The demonstration's people as the stories need them: who works where, read once, with their scopes kept."""

from collections import defaultdict
from datetime import datetime

from accounts.models import Department, User
from accounts.roles import Role
from grids.models import Appointment, Area
from reports.calendar import working_calendar
from reports.demo.places import Street, demo_streets


class Company:
    """One `User` object per person, so that a scope is read once and not for every act."""

    def __init__(self) -> None:
        self.streets = demo_streets()
        self.departments = {department.pk: department for department in Department.objects.all()}
        self.by_code = {department.code: department for department in self.departments.values()}
        self._people: dict[int, User] = {}
        self._at_area: dict[tuple[str, int], list[User]] = defaultdict(list)
        self._of_department: dict[int, list[User]] = defaultdict(list)
        districts = Area.objects.filter(level=Area.Level.DISTRICT)
        self._districts: list[tuple[str, int]] = list(districts.values_list("path", "pk"))
        held = Appointment.objects.filter(ended_at__isnull=True).select_related("user").order_by("pk")
        for post in held:
            person = self._people.setdefault(post.user_id, post.user)
            if post.area_id is not None:
                self._at_area[(post.role, post.area_id)].append(person)
            elif post.role == Role.DEPARTMENT_STAFF and post.department_id is not None:
                self._of_department[post.department_id].append(person)

    def worker(self, grid: Area) -> User:
        """Who works the grid."""
        return self._at_area[(Role.GRID_WORKER, grid.pk)][0]

    def dispatcher(self, street: Street, moment: datetime) -> User:
        """Who sits at the street's desk: by day one of two dispatchers in turn, else the officer on duty."""
        first, second, duty = self._at_area[(Role.STREET_DISPATCHER, street.area.pk)][:3]
        if not working_calendar().is_open(moment):
            return duty
        return first if moment.toordinal() % 2 else second

    def leader(self, street: Street) -> User:
        return self._at_area[(Role.STREET_LEADER, street.area.pk)][0]

    def person(self, user_id: int) -> User:
        return self._people[user_id]

    def street_of(self, area_id: int | None) -> Street:
        """The staffed street with this area."""
        return next(street for street in self.streets if street.area.pk == area_id)

    def supervisor(self, street: Street) -> User:
        """Who watches over the district's orders."""
        return self._at_area[(Role.SUPERVISOR, self._district(street))][0]

    def command(self, street: Street) -> User:
        """Who sits in the district's command centre."""
        return self._at_area[(Role.COMMAND_CENTRE, self._district(street))][0]

    def _district(self, street: Street) -> int:
        return next(pk for path, pk in self._districts if street.area.path.startswith(path))

    def callback_clerk(self) -> User:
        """Who calls requesters back: one clerk does it for the whole city."""
        return next(people[0] for (role, _), people in self._at_area.items() if role == Role.CALLBACK_CLERK)

    def staff(self, department_id: int) -> list[User]:
        """The people who act for a body; empty where nobody was hired for it."""
        return self._of_department[department_id]

    def callable_authorities(self) -> list[Department]:
        """The bodies of the city that have somebody to come when they are called."""
        kinds = (Department.Kind.AUTHORITY, Department.Kind.UNIT)
        return [
            one
            for one in self.departments.values()
            if one.kind in kinds and one.code.startswith("WH-") and self._of_department[one.pk]
        ]
