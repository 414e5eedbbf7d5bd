"""How names are spelt, and what letters find them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.spelling import is_spelt, spelling

NAMES = ("暴露垃圾", "消防通道堵塞", "供热管道爆裂", "重点人员走访", "12345投诉", "行道树折断", "违规养犬")


def test_the_reading_that_a_word_has_comes_first_and_others_follow() -> None:
    assert spelling("堵塞")[1][:2] == ("se", "sai")
    assert spelling("A3楼") == (("a",), ("3",), ("lou",))
    assert spelling("") == ()


@pytest.mark.parametrize(
    ("letters", "name"),
    [
        ("bllj", "暴露垃圾"),
        ("baolu", "暴露垃圾"),
        ("baollj", "暴露垃圾"),
        ("laj", "暴露垃圾"),
        ("LaJi", "暴露垃圾"),
        ("duse", "消防通道堵塞"),
        ("dusai", "消防通道堵塞"),
        ("12345ts", "12345投诉"),
        ("yq", "违规养犬"),
    ],
)
def test_it_is_found_by_readings_initials_and_both_mixed(letters: str, name: str) -> None:
    assert is_spelt(letters, spelling(name))


@pytest.mark.parametrize("letters", ["blj", "ljb", "jilo", "bao lu", "垃圾", "x"])
def test_other_letters_do_not_find_it(letters: str) -> None:
    assert not is_spelt(letters, spelling("暴露垃圾"))


@given(name=st.sampled_from(NAMES), data=st.data())
def test_whatever_part_is_typed_however_it_is_found(name: str, data: st.DataObject) -> None:
    spelt = spelling(name)
    start = data.draw(st.integers(0, len(spelt) - 1))
    end = data.draw(st.integers(start + 1, len(spelt)))
    readings = [data.draw(st.sampled_from(one)) for one in spelt[start:end]]
    typed = "".join(one[0] if data.draw(st.booleans()) else one for one in readings)
    assert is_spelt(typed, spelt)
