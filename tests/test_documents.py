"""Document numbers: what may be one, and what a card tells of its holder."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.masking import mask_document
from core.problems import Problem
from households.documents import CHECK_CHARACTERS, check_character, check_number, told_by
from households.models.vocabulary import DocumentType, Sex

TODAY = date(2026, 6, 1)
places = st.integers(0, 999_999).map(lambda number: f"{number:06d}")
births = st.dates(date(1900, 1, 1), TODAY).map(lambda day: f"{day:%Y%m%d}")
orders = st.integers(0, 999).map(lambda number: f"{number:03d}")
bodies = st.tuples(places, births, orders).map("".join)


def refused(doc_type: str, number: str) -> str:
    with pytest.raises(Problem) as caught:
        check_number(doc_type, number, TODAY)
    assert caught.value.field == "doc_number"
    return caught.value.code


def test_the_published_example_of_the_standard_passes() -> None:
    # GB 11643-1999, appendix A.
    assert check_character("11010519491231002") == "X"
    assert check_number(DocumentType.ID_CARD, "11010519491231002x", TODAY) == "11010519491231002X"


@given(bodies)
def test_every_place_day_and_order_passes_with_its_check_character_and_no_other(body: str) -> None:
    right = check_character(body)
    assert check_number(DocumentType.ID_CARD, body + right, TODAY) == body + right
    for wrong in set(CHECK_CHARACTERS) - {right}:
        assert refused(DocumentType.ID_CARD, body + wrong) == "id_check"


@given(bodies, st.integers(0, 16), st.integers(1, 9))
def test_one_digit_mistyped_never_passes(body: str, at: int, by: int) -> None:
    mistyped = body[:at] + str((int(body[at]) + by) % 10) + body[at + 1 :]
    assert refused(DocumentType.ID_CARD, mistyped + check_character(body)) in ("id_check", "id_date")


@given(bodies, st.integers(0, 15))
def test_two_neighbours_swapped_never_pass(body: str, at: int) -> None:
    swapped = body[:at] + body[at + 1] + body[at] + body[at + 2 :]
    if swapped != body:
        assert refused(DocumentType.ID_CARD, swapped + check_character(body)) in ("id_check", "id_date")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("", "id_length"),
        ("110105194912310", "id_length"),
        ("1101051949123100211", "id_length"),
        ("11010519491231002Y", "id_length"),
        ("X1010519491231002X", "id_length"),
        ("110105194913310020", "id_date"),
        ("110105195002290020", "id_date"),
        ("110105189912310020", "id_date"),
        ("110105202606020020", "id_date"),
    ],
)
def test_what_is_wrong_is_named(number: str, code: str) -> None:
    assert refused(DocumentType.ID_CARD, number) == code


def test_a_place_code_that_is_in_no_list_is_no_reason_to_refuse() -> None:
    body = "00000019900101123"
    assert check_number(DocumentType.ID_CARD, body + check_character(body), TODAY)


def test_full_width_digits_and_spaces_are_the_same_number() -> None:
    assert check_number(DocumentType.ID_CARD, " 110105 19491231 002X ", TODAY) == "11010519491231002X"


def test_a_card_tells_birth_date_and_sex_and_a_passport_nothing() -> None:
    told = told_by(DocumentType.ID_CARD, "11010519491231002X")
    assert told is not None
    assert (told.birth_date, told.sex) == (date(1949, 12, 31), Sex.FEMALE)
    assert told_by(DocumentType.PASSPORT, "E12345678") is None


@pytest.mark.parametrize("doc_type", [one for one in DocumentType if one not in ("id_card", "residence_permit")])
def test_other_documents_are_letters_and_digits(doc_type: str) -> None:
    assert check_number(doc_type, "e1234-5678(9)", TODAY) == "E1234-5678(9)"
    assert refused(doc_type, "护照一号") == "document_number"
    assert refused(doc_type, "E1") == "document_number"


def test_a_residence_permit_is_checked_like_a_card() -> None:
    body = "81000019900101123"
    assert check_number(DocumentType.RESIDENCE_PERMIT, body + check_character(body), TODAY)
    assert refused(DocumentType.RESIDENCE_PERMIT, "H12345678") == "id_length"


@given(st.text("0123456789X", max_size=30))
def test_a_masked_number_hides_all_but_its_ends(number: str) -> None:
    masked = mask_document(number)
    assert len(masked) == len(number)
    assert len(masked.replace("*", "")) <= 6
    assert number == "" or "*" in masked
