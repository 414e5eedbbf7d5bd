"""Every write to the tree of departments. Nothing is deleted: duties and appointments hang on it."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from core.problems import Problem, catalogue

catalogue({"department_code_taken": (409, _("There is a department with this code already."))})


def add_department(code: str, name: str, kind: str, parent: Department | None = None) -> Department:
    """A department below `parent`, or at the top of the tree. Raises `department_code_taken`."""
    fields = {"code": code, "name": name, "kind": kind}
    try:
        with transaction.atomic():
            if parent is None:
                return Department.objects.add_root(fields)
            # A parent read before a sibling was added carries an old count of children.
            return Department.objects.add_child(Department.objects.get(pk=parent.pk), fields)
    except IntegrityError as exc:
        raise Problem("department_code_taken", "code") from exc


def change_department(department: Department, *, name: str, is_active: bool) -> Department:
    """Rename, close or reopen a department."""
    row = Department.objects.get(pk=department.pk)
    row.name, row.is_active = name, is_active
    row.save(update_fields=["name", "is_active"])
    return row
