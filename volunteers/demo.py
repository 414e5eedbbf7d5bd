"""The demonstration's volunteers: two teams of a street, their services, and calls on reports of the last days.

Called by a signal of `load_demo`, which knows nothing of volunteers; every row is made by the real actions.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.dispatch import receiver

from accounts.models import User
from accounts.roles import Role
from core.moment import moved_to
from grids.models import Appointment, Area
from reports.actions.submit import Position
from reports.models import Report
from reports.models.vocabulary import ReportStatus
from reports.signals import demo_loaded
from volunteers.actions import calls, people, records, teams
from volunteers.actions.credits import local_date
from volunteers.models import Attendance, TeamCall, Volunteer, VolunteerTeam
from volunteers.models.vocabulary import ServiceKind

# Team, the unit its members come from, what they can do, and who they are (invented).
TEAMS = (
    ("先锋服务队", "水务集团机关党支部", "急救,水电维修", ("林海涛", "姜秀英", "于晓东", "毕建国")),
    ("邻里互助队", "市第一中学教师党支部", "心理疏导,宣讲", ("丛雪梅", "宫玉兰", "邹志强")),
)
# Numbers that no network assigns.
PHONE = "1009{:07d}"
# The notices of a call made within the last hour still wait for those who log in.
CALLED_BEFORE = timedelta(minutes=40)
OPEN_HOURS = timedelta(hours=6)


@receiver(demo_loaded)
def load_volunteers(sender: Any, end: datetime, password: str, **kwargs: Any) -> None:
    """Teams once, calls once there are reports to call them to; where nobody works a desk there are none."""
    with transaction.atomic():
        made = list(VolunteerTeam.objects.select_related("area").order_by("pk")) or _teams(end, password)
        if made and not TeamCall.objects.exists():
            _calls(made, end)


def _desks(area: Area) -> tuple[User, User] | None:
    """Who works the community's desk, and who the street's."""
    found = []
    for role, node in ((Role.COMMUNITY_ADMIN, area), (Role.STREET_DISPATCHER, Area.objects.get_parent(area))):
        held = Appointment.objects.filter(role=role, area=node, ended_at__isnull=True)
        post = held.select_related("user").order_by("pk").first()
        if post is None:
            return None
        found.append(post.user)
    return found[0], found[1]


def _teams(end: datetime, password: str) -> list[VolunteerTeam]:
    """A team in each of the first two communities with desks."""
    posts = Appointment.objects.filter(role=Role.COMMUNITY_ADMIN, ended_at__isnull=True, area__isnull=False)
    communities = [post.area for post in posts.select_related("area").order_by("pk")[: len(TEAMS)]]
    made = []
    for number, area in enumerate(communities):
        assert area is not None  # filtered
        desks = _desks(area)
        if desks is None:
            continue
        name, unit, skills, members = TEAMS[number]
        with moved_to(end - timedelta(minutes=55)):
            team = teams.create_team(desks[0], area.code, f"{area.name}{name}", unit, skills)
            joined = [
                _member(team, one, f"v{number + 1}{place:02d}", unit, password, desks)
                for place, one in enumerate(members, 1)
            ]
            teams.change_team(desks[0], team.pk, {"leader": joined[0].pk})
        made.append(team)
    return made


def _member(
    team: VolunteerTeam, full_name: str, username: str, unit: str, password: str, desks: tuple[User, User]
) -> Volunteer:
    """A party member who reports in, joins, and has served once."""
    person = User.objects.create(username=f"demo-{username}", full_name=full_name, password=password)
    volunteer = people.set_profile(
        person,
        {"display_name": full_name, "phone": PHONE.format(person.pk), "unit": unit, "party_member": True},
    )
    registration = people.ask(person, team.area.code)
    people.confirm(desks[0], registration.pk)
    teams.add_member(desks[0], team.pk, volunteer.pk)
    record = records.propose(
        person,
        None,
        kind=ServiceKind.PATROL,
        date=local_date(registration.asked_at) - timedelta(days=volunteer.pk % 5 + 1),
        minutes=60 + 30 * (volunteer.pk % 4),
        place=team.area.name,
        description="周末义务巡逻",
    )
    records.confirm(desks[0], record.pk)
    return volunteer


def _calls(made: list[VolunteerTeam], end: datetime) -> None:
    """The first team has helped and gone home, the second is on its way."""
    for number, team in enumerate(made):
        desks = _desks(team.area)
        report = (
            Report.objects.filter(
                street=Area.objects.get_parent(team.area),
                status__in=(ReportStatus.ACCEPTED, ReportStatus.IN_PROGRESS),
                received_at__lt=end - CALLED_BEFORE,
            )
            .exclude(events__at__gt=end - CALLED_BEFORE)
            .order_by("-received_at")
            .first()
        )
        if desks is None or report is None:
            continue
        with moved_to(end - CALLED_BEFORE):
            call = calls.open_call(
                desks[1],
                report.pk,
                team.pk,
                kind=ServiceKind.ENVIRONMENT,
                reason="请带手套,协助清理现场、疏导行人。",
                place=f"{team.area.name}服务站集合",
                wanted=3,
                until=end + OPEN_HOURS,
            )
        parts = list(Attendance.objects.filter(call=call).select_related("volunteer__user").order_by("pk"))
        with moved_to(end - timedelta(minutes=36)):
            for part in parts[:-1]:
                calls.answer(part.volunteer.user, call.pk, True, "马上到")
            calls.answer(parts[-1].volunteer.user, call.pk, False, "今天值班")
        if number:
            continue
        position = Position(report.lng, report.lat, "wgs84", 8.0)
        with moved_to(end - timedelta(minutes=28)):
            for part in parts[:-1]:
                calls.check_in(part.volunteer.user, call.pk, position)
        with moved_to(end - timedelta(minutes=3)):
            for part in parts[:-1]:
                calls.check_out(part.volunteer.user, call.pk)
            calls.close_call(desks[1], call.pk, note="清理完毕,感谢支援。")
