"""What residents fill in, and every refusal by the field it is about."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.phones import digits_of
from core.problems import Problem
from grids.locating import locate
from public.choices import Choice
from reports.actions.callback import is_content
from reports.actions.submit import Position
from reports.models.vocabulary import CoordType, Satisfaction
from reports.photos.decoding import decoding_slot, load_pixels, open_picture
from reports.photos.rendering import DISPLAY_SIDE

MAX_PHOTOS = 4
# Of a position by cell or by address; one so vague finds no grid.
VAGUE_METRES = 500.0
PHONE_DIGITS = range(7, 16)


@dataclass(frozen=True)
class Picture:
    """The bytes of a photo that can be read to its end, and their sha256 in hex."""

    sha256: str
    data: bytes


class _ManyFiles(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name)


class PicturesField(forms.FileField):
    """Up to `MAX_PHOTOS` photos; by their bytes, not by their names."""

    def clean(self, data: Any, initial: Any = None) -> list[Picture]:
        files: Sequence[UploadedFile] = [one for one in data or [] if one]
        if len(files) > MAX_PHOTOS:
            raise forms.ValidationError(_("At most %(most)s photos.") % {"most": MAX_PHOTOS}, "too_many")
        errors, kept = [], {}
        for number, file in enumerate(files, 1):
            try:
                picture = _picture(file)
            except Problem as problem:
                words = {"number": number, "sentence": problem.sentence}
                errors.append(forms.ValidationError(_("Photo %(number)s: %(sentence)s") % words, problem.code))
            else:
                kept[picture.sha256] = picture
        if errors:
            raise forms.ValidationError(errors)
        return list(kept.values())


def _picture(file: UploadedFile) -> Picture:
    most = settings.GRIDWHISTLE["PHOTO_MAX_BYTES"]
    if (file.size or 0) > most:
        raise Problem("photo_too_large", "photos", params={"max_megabytes": round(most / 1024**2, 1)})
    data = file.read()
    _header, image = open_picture(data)
    with decoding_slot():
        load_pixels(image, DISPLAY_SIDE)
    return Picture(hashlib.sha256(data).hexdigest(), data)


class ReportForm(forms.Form):
    """A matter in a grid: photos, place, and what it is."""

    photos = PicturesField(required=False, widget=_ManyFiles)
    lng = forms.CharField(required=False, max_length=30)
    lat = forms.CharField(required=False, max_length=30)
    accuracy = forms.CharField(required=False, max_length=30)
    address = forms.CharField(required=False, max_length=200)
    choice = forms.ChoiceField(error_messages={"required": gettext_lazy("Choose what it is about.")})
    description = forms.CharField(max_length=1000, error_messages={"required": gettext_lazy("Say what is the matter.")})
    name = forms.CharField(required=False, max_length=50)
    phone = forms.CharField(required=False, max_length=20)
    anonymous = forms.BooleanField(required=False)
    consent = forms.BooleanField(
        error_messages={"required": gettext_lazy("Without your consent the report cannot be taken in.")}
    )
    # Nobody sees it, so a person leaves it empty.
    topic = forms.CharField(required=False, max_length=200)

    def __init__(self, choices: list[Choice], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["choice"].choices = [(one.item, one.words) for one in choices]  # type: ignore[attr-defined]

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"].strip()
        if phone and len(digits_of(phone)) not in PHONE_DIGITS:
            raise forms.ValidationError(_("This is no telephone number."), "phone")
        return phone

    def clean_topic(self) -> str:
        if self.cleaned_data["topic"]:
            raise forms.ValidationError(_("Leave this empty and send again."), "filled")
        return ""

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        data["position"] = self._position()
        if data["position"] is None and not data.get("address") and "address" not in self.errors:
            self.add_error("address", forms.ValidationError(_("Without a position, say where it is."), "required"))
        if not data.get("anonymous") and not data.get("phone") and "phone" not in self.errors:
            words = _("Leave a telephone number, or choose to stay anonymous.")
            self.add_error("phone", forms.ValidationError(words, "required"))
        return data

    def _position(self) -> Position | None:
        """Where the browser says it is; None where it says nothing, is too vague, or is in no grid."""
        try:
            lng, lat, accuracy = (float(self.cleaned_data.get(name) or "") for name in ("lng", "lat", "accuracy"))
        except ValueError:
            return None
        # Written so that "nan" fails too.
        if not (abs(lng) <= 180 and abs(lat) <= 90 and 0 <= accuracy <= VAGUE_METRES):
            return None
        if locate(lng, lat) is None:
            return None
        return Position(lng, lat, CoordType.WGS84, accuracy, "browser")


class SaidForm(forms.Form):
    """How it went, in the words of the requester."""

    solved = forms.TypedChoiceField(
        choices=[("yes", ""), ("no", "")],
        coerce=lambda said: said == "yes",
        error_messages={"required": gettext_lazy("Say whether it is solved.")},
    )
    satisfaction = forms.ChoiceField(
        choices=Satisfaction.choices, error_messages={"required": gettext_lazy("Say how satisfied you are.")}
    )
    note = forms.CharField(required=False, max_length=500)

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        told = "solved" in data and "satisfaction" in data and "note" in data
        if told and not data["note"] and not is_content(data["solved"], data["satisfaction"]):
            self.add_error("note", _("Say why if it is not solved or you are not satisfied."))
        return data


class ReopeningForm(forms.Form):
    """Why it should be taken up again."""

    reason = forms.CharField(max_length=500, error_messages={"required": gettext_lazy("Say why.")})
