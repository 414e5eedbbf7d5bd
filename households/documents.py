"""Document numbers: what may be one, and what an identity card tells.

A card number is checked by its length, its date and its ISO 7064 MOD 11-2 check character (GB 11643). Place codes are
not checked: old ones are no longer in any list and still valid on cards.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from core.problems import Problem
from households.models.vocabulary import DocumentType, Sex

# Both are 18 characters: six for the place, eight for the birth date, three for the order (odd: male), one to check.
CHECKED = (DocumentType.ID_CARD, DocumentType.RESIDENCE_PERMIT)
LENGTH = 18
WEIGHTS = tuple(2 ** (LENGTH - 1 - position) % 11 for position in range(LENGTH - 1))
CHECK_CHARACTERS = "10X98765432"
OTHERS = re.compile(r"^[A-Z0-9()/-]{3,30}\Z")
EARLIEST = date(1900, 1, 1)


@dataclass(frozen=True)
class Told:
    """What a card number says of its holder."""

    birth_date: date
    sex: str


def tidy_number(number: str) -> str:
    """As it is kept and compared: plain letters and digits, capitals, no spaces."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", number)).upper()


def check_character(digits: str) -> str:
    """The ISO 7064 MOD 11-2 check character of seventeen digits."""
    return CHECK_CHARACTERS[sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True)) % 11]


def check_number(doc_type: str, number: str, today: date) -> str:
    """The tidy number, if it can be one of this type.

    Raises `id_length`, `id_date`, `id_check` for the two that carry a check character, else `document_number`.
    """
    number = tidy_number(number)
    if doc_type not in CHECKED:
        if not OTHERS.match(number):
            raise Problem("document_number", "doc_number")
        return number
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise Problem("id_length", "doc_number")
    born = _date_in(number)
    if born is None or not EARLIEST <= born <= today:
        raise Problem("id_date", "doc_number")
    if check_character(number[:-1]) != number[-1]:
        raise Problem("id_check", "doc_number")
    return number


def told_by(doc_type: str, number: str) -> Told | None:
    """Birth date and sex, from a checked number; None for a document that says neither."""
    if doc_type not in CHECKED or not number:
        return None
    born = _date_in(number)
    assert born is not None  # it was checked
    return Told(born, Sex.MALE if int(number[16]) % 2 else Sex.FEMALE)


def _date_in(number: str) -> date | None:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
