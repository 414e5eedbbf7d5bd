"""Every sentence the system says has its Chinese, and it is the Chinese that is said unless English is asked for."""

import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from django.test import Client
from django.utils import translation

from core.problems import REFUSALS, Problem
from notifications.actions.notifying import notify
from notifications.kinds import KINDS, render
from reports.models.vocabulary import ClockKind
from script import translate
from tests.world import World

CHINESE = re.compile(r"[\u4e00-\u9fff]")
PLACE = re.compile(r"%\(\w+\)s")


def catalogue() -> Catalog:
    return translate.stored()


def _text(context: str | bytes | None) -> str | None:
    """A context as text, for what is read from a compiled catalogue is bytes."""
    return context.decode() if isinstance(context, bytes) else context


def listed(catalog: Catalog) -> dict[Any, Any]:
    """Sentence and context -> Chinese, without the header; singular and plural share one Chinese."""
    return {
        (one.id if isinstance(one.id, str) else one.id[0], _text(one.context)): (
            one.string if isinstance(one.string, str) else one.string[0]
        )
        for one in catalog
        if one.id
    }


def chinese(text: Any) -> str:
    with translation.override("zh-hans"):
        return str(text)


def english(text: Any) -> str:
    with translation.override("en"):
        return str(text)


def test_every_sentence_of_code_and_templates_has_its_chinese() -> None:
    known = catalogue()
    used = {
        (message if isinstance(message, str) else message[0], context)
        for _place, message, context in translate.sentences()
    }
    assert len(used) > 500
    assert sorted(str(one) for one in used - set(listed(known))) == [], "run script/translate.py"
    assert [one.id for one in translate.untranslated(known)] == []


def test_no_sentence_is_translated_that_nobody_says() -> None:
    known = catalogue()
    assert set(listed(known)) == set(listed(translate.collected(known))), "run script/translate.py"


def test_a_new_sentence_in_code_or_a_template_is_found_and_reported_as_untranslated(tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "new.py").write_text('SENTENCE = _("A sentence (with brackets) nobody has translated.")\n')
    (tmp_path / "core" / "new.html").write_text(
        "<p class='x'>{% translate 'Said by a page' as word %} it's</p>\n"
        "{% blocktranslate count n=2 trimmed %}\n {{ n }} thing\n{% plural %}\n {{ n }} things\n{% endblocktranslate %}"
    )
    found = translate.untranslated(translate.collected(catalogue(), tmp_path))
    assert [one.id for one in found] == [
        "Said by a page",
        ("%(n)s thing", "%(n)s things"),
        "A sentence (with brackets) nobody has translated.",
    ]


def test_the_compiled_catalogue_is_the_one_that_is_written() -> None:
    with translate.MO.open("rb") as file:
        assert listed(read_mo(file)) == listed(catalogue()), "run script/translate.py"


def test_the_places_for_values_are_the_same_in_both_languages() -> None:
    for one in catalogue():
        if not one.id:
            continue
        sources = [one.id] if isinstance(one.id, str) else list(one.id)
        for text in [one.string] if isinstance(one.string, str) else list(one.string):
            assert translate.places(text) == translate.places(sources[-1]), one.id


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_a_refusal_is_a_chinese_sentence(code: str) -> None:
    title = REFUSALS[code].title
    assert CHINESE.search(chinese(title)), english(title)
    assert not CHINESE.search(english(title))


@pytest.mark.parametrize("code", sorted(code for code in KINDS if not code.startswith("test_")))
def test_a_notice_speaks_chinese(code: str) -> None:
    kind = KINDS[code]
    for text in (kind.title, kind.body):
        said = PLACE.sub("", chinese(text))
        assert CHINESE.search(said) or not re.search("[A-Za-z]", said), english(text)


@pytest.mark.parametrize("code", sorted(code for code in KINDS if code.startswith("clock_")))
@pytest.mark.parametrize("clock", ClockKind)
def test_a_notice_names_the_clock_and_not_its_code(code: str, clock: ClockKind) -> None:
    params = {
        "number": "37100001",
        "item": "路面积水",
        "address": "文化东路",
        "clock": clock.value,
        "due": "11-24 10:00",
        "level": 2,
    }
    with translation.override("zh-hans"):
        label = str(clock.label)
    assert CHINESE.search(label)
    body = render(code, params, "zh-hans").body
    assert label in body
    assert not re.search("[a-z]", body), "a code is shown"


@pytest.mark.parametrize(
    ("accepted", "said"),
    [
        (None, "请先登录。"),
        ("zh", "请先登录。"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "请先登录。"),
        ("fr", "请先登录。"),
        ("en", "Please log in."),
        ("en-GB,en;q=0.9,zh;q=0.5", "Please log in."),
    ],
)
@pytest.mark.django_db
def test_a_refusal_is_told_in_the_language_asked_for_and_in_chinese_else(accepted: str | None, said: str) -> None:
    headers = {"Accept-Language": accepted} if accepted else {}
    # A request leaves its language behind in the thread; the next test must not inherit it.
    with translation.override("zh-hans"):
        answer = Client(headers=headers).get("/api/v1/reports")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["title"] == said


def test_a_refusal_speaks_the_language_of_the_moment_it_is_shown_not_of_the_moment_it_was_made() -> None:
    with translation.override("en"):
        problem = Problem("throttled", params={"seconds": 30})
        assert problem.document()["title"] == "Too many attempts. Try again in 30 seconds."
    with translation.override("zh-hans"):
        assert problem.document()["title"] == "操作过于频繁，请 30 秒后再试。"


def test_a_stored_notice_is_read_in_chinese_unless_its_reader_asks_for_english(world: World) -> None:
    params = {"number": "37100001", "item": "暴露垃圾", "address": "海滨路 1 号", "report": 0}
    with translation.override("en"):
        (notice,) = notify([world["zhang"]], "report_submitted", params, subject="report", subject_id="0")
    language = notice.recipient.language
    assert render(notice.kind, notice.params, language).title == "新上报件 37100001"
    assert render(notice.kind, notice.params, language).body == "海滨路 1 号：暴露垃圾，待受理。"
    assert render(notice.kind, notice.params, "en").title == "New report 37100001"
