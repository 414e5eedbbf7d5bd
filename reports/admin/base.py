"""The city's rules: read by everyone who may enter, changed by those who hold the catalogue for the whole city."""

from typing import Any

from django.http import HttpRequest

from accounts.models import User
from accounts.roles import Can
from grids.models import Area
from grids.scope import scope_of
from grids.scoped_admin import ScopedAdmin


def manages_rules(user: User) -> bool:
    """Catalogue, limits and calendar hold for the whole city, so the capability counts at the city only."""
    scope = scope_of(user)
    return scope.everything or any(held.level == Area.Level.CITY for held in scope.areas.get(Can.MANAGE_CATALOGUE, []))


class RulesAdmin(ScopedAdmin):
    seen_with = (Can.MANAGE_CATALOGUE, Can.MANAGE_AREA, Can.DISPATCH_REPORT)
    changed_with = Can.MANAGE_CATALOGUE

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_authenticated and manages_rules(request.user)

    def may_add(self, user: User) -> bool:
        return manages_rules(user)
