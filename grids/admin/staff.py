"""Staff: taken on for a place, given a new password, switched off. Their rights come from appointments."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.actions.second_factor import reset_second_factor
from accounts.actions.staff import reset_password, take_on
from accounts.models import Department, User
from accounts.roles import Can
from core.admin import ActionForm, StepForm
from core.problems import Problem, catalogue
from grids.admin.appointments import appoint_by, left_in_hand, role_choices
from grids.appointing import managed_departments, managed_staff, manages_everywhere, may_manage_person
from grids.leaving import hand_over, open_work
from grids.models import Appointment, Area
from grids.scope import scope_of
from grids.scoped_admin import ScopedAdmin, demand

catalogue({"role_missing": (400, _("Choose a role."))})


def password_field(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        help_text=help_text,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )


def checked_password(form: forms.BaseForm, user: User) -> None:
    """Add errors to the form unless the two passwords agree and are good enough."""
    first, second = form.cleaned_data.get("password1"), form.cleaned_data.get("password2")
    if first and second and first != second:
        form.add_error("password2", _("The two passwords differ."))
    elif first:
        try:
            validate_password(first, user)
        except ValidationError as error:
            form.add_error("password1", error)


class PersonForm(ActionForm):
    """An existing account: name, phone, language, whether it may log in."""

    class Meta:
        model = User
        fields = ("full_name", "phone", "duty_phone", "language", "is_active", "is_superuser")

    def act(self, data: dict[str, Any]) -> User:
        person = self.unchanged()
        demand(may_manage_person(self.request.user, person))  # type: ignore[arg-type]
        changed = [name for name in self.changed_data if name in data]
        for name in changed:
            setattr(person, name, data[name])
        person.save(update_fields=changed)
        return person


class NewPersonForm(ActionForm):
    """A new account together with the first appointment, without which nobody but the city could find it again."""

    class Meta:
        model = User
        fields = ("username", "full_name", "phone")

    password1 = password_field(_("Password"), password_validators_help_text_html)
    password2 = password_field(_("Password again"))
    role = forms.ChoiceField(label=_("role"), widget=UnfoldAdminSelectWidget())
    area: Any = forms.ModelChoiceField(Area.objects.none())
    department: Any = forms.ModelChoiceField(Department.objects.none())
    in_charge = forms.BooleanField(label=_("in charge"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user: Any = self.request.user
        role: Any = self.fields["role"]
        role.choices = role_choices(user)
        role.required = not manages_everywhere(user)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        checked_password(self, User(username=data.get("username", ""), full_name=data.get("full_name", "")))
        return data

    def act(self, data: dict[str, Any]) -> User:
        person = take_on(data["username"], data["password1"], full_name=data["full_name"], phone=data["phone"])
        if data["role"] or data["area"] or data["department"]:
            if not data["role"]:
                raise Problem("role_missing", "role")
            appoint_by(self.request.user, person, data)  # type: ignore[arg-type]
        return person


class PasswordForm(StepForm):
    password1 = password_field(_("New password"), password_validators_help_text_html)
    password2 = password_field(_("New password again"))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        checked_password(self, self.obj)  # type: ignore[arg-type]
        return data


class HandOverForm(StepForm):
    """Who takes over; nobody named means back to the units."""

    to = forms.CharField(
        label=_("user name of the successor"),
        required=False,
        max_length=150,
        help_text=_("Left empty, the duties go back to the units they were given to."),
        widget=UnfoldAdminTextInputWidget(),
    )

    def clean_to(self) -> User | None:
        name = self.cleaned_data["to"].strip()
        if not name:
            return None
        person = User.objects.filter(username=name, is_active=True).exclude(pk=self.obj.pk).first()
        if person is None:
            raise ValidationError(_("There is no such unit or person."))
        return person


@admin.register(User)
class StaffAdmin(ScopedAdmin):
    form = PersonForm
    seen_with = (Can.APPOINT_STAFF,)
    changed_with = Can.MANAGE_AREA
    list_display = ("full_name", "username", "phone", "posts", "last_login", "state")
    list_filter = ("is_active",)
    search_fields = ("full_name", "username", "phone")
    ordering = ("full_name", "id")
    actions_detail = ("password_page", "second_factor_page", "hand_over_page")

    def visible(self, user: User) -> QuerySet[User]:
        return managed_staff(user)

    def may_change(self, user: User, obj: User) -> bool:
        return may_manage_person(user, obj)

    def choice_text(self, obj: User) -> str:
        return f"{obj.full_name} · {obj.username}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        posts = Appointment.objects.select_related("area", "department").defer("area__geometry").order_by("id")
        return (
            super()
            .get_queryset(request)
            .prefetch_related(Prefetch("appointments", posts.filter(ended_at__isnull=True), to_attr="held"))
        )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return (
                *("username", "full_name", "phone", "password1", "password2"),
                *("role", "area", "department", "in_charge"),
            )
        root = ("is_superuser",) if scope_of(request.user).everything else ()  # type: ignore[arg-type]
        return (
            "full_name",
            "username",
            "phone",
            "duty_phone",
            "language",
            "post_list",
            "last_login",
            "is_active",
            *root,
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        # Nobody locks themselves out, and nobody hands the keys to themselves or takes them away.
        self_locked = ("is_active", "is_superuser") if obj.pk == request.user.pk else ()
        return ("username", "post_list", "last_login", *self_locked)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = NewPersonForm
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is None:
            user: Any = request.user
            areas = Area.objects.filter(scope_of(user).areas_below(Can.MANAGE_AREA), is_active=True).defer("geometry")
            departments = managed_departments(user).filter(is_active=True)
            form.base_fields["area"] = self.chooser(Appointment, "area", request, areas, _("area"), required=False)
            form.base_fields["department"] = self.chooser(
                Appointment, "department", request, departments, _("department"), required=False
            )
        elif "language" in form.base_fields:
            form.base_fields["language"].widget = UnfoldAdminSelectWidget(choices=settings.LANGUAGES)
        return form

    @admin.display(description=_("appointments"))
    def posts(self, obj: Any) -> str:
        words = [_post(one) for one in obj.held]
        return "、".join(words[:2]) + (f" +{len(words) - 2}" if len(words) > 2 else "") or "–"

    @admin.display(description=_("appointments"))
    def post_list(self, obj: User) -> str:
        rows = obj.appointments.filter(ended_at__isnull=True).select_related("area", "department").order_by("id")
        return format_html_join("", "<div>{}</div>", ((_post(one),) for one in rows)) or "–"

    @display(description=_("state"), label={"on": "success", "off": "danger"}, ordering="is_active")
    def state(self, obj: User) -> tuple[str, Any]:
        return ("on", _("active")) if obj.is_active else ("off", _("switched off"))

    def has_password_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        obj = self.get_object(request, str(object_id))
        return obj is not None and obj.pk != request.user.pk and self.has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "is_active" in form.changed_data and not obj.is_active and (left := left_in_hand(obj)):
            messages.warning(request, left)

    def has_hand_over_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        obj = self.get_object(request, str(object_id))
        return obj is not None and self.has_change_permission(request, obj) and open_work(obj) > 0

    @action(
        description=_("Hand the open duties over"), url_path="hand-over", permissions=["hand_over"], icon="swap_horiz"
    )
    def hand_over_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        by: Any = request.user
        return self.step_page(
            request,
            object_id,
            title=_("Hand the open duties over"),
            question=_("All open duties in this person's hand are moved at once; their deadlines stay as they are."),
            button=_("Hand the open duties over"),
            done=_("The open duties have been handed over."),
            act=lambda obj, data: hand_over(by, obj, data["to"]),
            form_class=HandOverForm,
        )

    @action(
        description=_("Reset the second factor"),
        url_path="second-factor",
        permissions=["password"],
        icon="phonelink_lock",
    )
    def second_factor_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.step_page(
            request,
            object_id,
            title=_("Reset the second factor"),
            question=_("For one who has lost phone and recovery codes. All devices of the person are logged out."),
            button=_("Reset the second factor"),
            done=_("The second factor has been reset."),
            act=lambda obj, _data: reset_second_factor(obj),
        )

    @action(description=_("Reset the password"), url_path="password", permissions=["password"], icon="key")
    def password_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        hide = sensitive_post_parameters("password1", "password2")
        return hide(self.step_page)(
            request,
            object_id,
            title=_("Reset the password"),
            question=_("All devices of the person are logged out."),
            button=_("Reset the password"),
            done=_("The password has been reset."),
            act=lambda obj, data: reset_password(obj, data["password1"]),
            form_class=PasswordForm,
        )


def _post(one: Appointment) -> str:
    node: Any = one.area or one.department
    return f"{node.name} {one.get_role_display()}"
