"""The extra questions of an item: how they are kept, written in a cell, and answered.

Kept as `{"key": "q1", "text": "…", "kind": …, "choices": […], "required": false}` and, where an answer tells the
person something, `"notices": [{"answer": …, "text": "…", "stops": true}]`. A question keeps its key for as long as
its text and kind stay, and a key once given is never given to another question of the item, so that rules and old
answers go on meaning what they meant.

Written in a cell, one per line: `有无伤人*[是/否]`, `面积[数字]`, `颜色[红/黄]`, `发现时间[时间]`, `联系电话[短文本]`,
`缺什么[多选:灯/盖/杆]`; an asterisk marks an answer that is required. Behind it what an answer tells:
`是否已起火*[是/否]{是→停止:请立即拨打119}`, with 停止 the report is not taken in, with 提示 it is.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from core.moment import is_plausible

KINDS = ("string", "text", "number", "datetime", "yes_no", "choice", "multiple")
CHOOSING = ("choice", "multiple")
MAX_QUESTIONS = 20
MAX_TEXT = 200
MAX_STRING, MAX_LONG = 200, 1000
_LINE = re.compile(
    r"(?P<text>[^\[\]{}*\n]+?)\s*(?P<required>\*?)\s*(?:\[(?P<form>[^\[\]\n]+)\])?\s*(?P<notices>(?:\{[^{}\n]*\}\s*)*)"
)
_NOTICE = re.compile(r"\{(?P<answer>[^{}\n]+?)\s*→\s*(?P<how>停止|提示)\s*[:：]\s*(?P<text>[^{}\n]+?)\s*\}")
_FORMS = {"yes_no": "是/否", "number": "数字", "datetime": "时间", "string": "短文本"}
_KIND_OF_FORM = {form: kind for kind, form in _FORMS.items()}
_PREFIXES = {"choice": "单选:", "multiple": "多选:"}
_WORDS = {"是": True, "否": False}


@dataclass(frozen=True)
class Told:
    """What an answer tells the person who gives it; `stops` refuses the report."""

    key: str
    text: str
    stops: bool


def normalised(
    questions: Sequence[Mapping[str, Any]], before: Iterable[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """The questions as they are kept; `before` are all that the item ever asked, the oldest first.

    Raises ValueError naming the number of the question at fault.
    """
    if len(questions) > MAX_QUESTIONS:
        raise ValueError(f"more than {MAX_QUESTIONS}")
    earlier = list(before)
    taken = {question["key"] for question in earlier}
    known = {(question["text"], question["kind"]): question["key"] for question in earlier}
    kept: list[dict[str, Any]] = []
    for number, question in enumerate(questions, 1):
        settled = _settled(number, question)
        key = known.pop((settled["text"], settled["kind"]), None) or _next_key(taken)
        taken.add(key)
        kept.append({"key": key, **settled})
    return kept


def _next_key(taken: set[str]) -> str:
    number = 1
    while f"q{number}" in taken:
        number += 1
    return f"q{number}"


def _settled(number: int, question: Mapping[str, Any]) -> dict[str, Any]:
    text, kind = str(question.get("text", "")).strip(), question.get("kind", "text")
    choices = [str(choice).strip() for choice in question.get("choices") or []]
    if not text or len(text) > MAX_TEXT or re.search(r"[\[\]{}*\n]", text) or kind not in KINDS:
        raise ValueError(f"question {number}")
    if kind in CHOOSING:
        if (
            len(choices) < 2
            or len(set(choices)) < len(choices)
            or any(not choice or len(choice) > MAX_TEXT or re.search(r"[\[\]{}→/\n]", choice) for choice in choices)
        ):
            raise ValueError(f"choices of question {number}")
    elif choices:
        raise ValueError(f"choices of question {number}")
    settled = {"text": text, "kind": kind, "choices": choices, "required": bool(question.get("required", False))}
    notices = [_notice(number, settled, notice) for notice in question.get("notices") or []]
    if len({notice["answer"] for notice in notices}) < len(notices):
        raise ValueError(f"notices of question {number}")
    return settled | {"notices": notices} if notices else settled


def _notice(number: int, question: Mapping[str, Any], notice: Mapping[str, Any]) -> dict[str, Any]:
    answer, text = notice.get("answer"), str(notice.get("text", "")).strip()
    known = isinstance(answer, bool) if question["kind"] == "yes_no" else answer in question["choices"]
    if not known or not text or len(text) > MAX_TEXT or re.search(r"[{}\n]", text):
        raise ValueError(f"notices of question {number}")
    return {"answer": answer, "text": text, "stops": bool(notice.get("stops", False))}


def read(cell: str) -> list[dict[str, Any]]:
    """The questions written in a cell, one per line. Raises ValueError."""
    questions: list[dict[str, Any]] = []
    for line in filter(None, (part.strip() for part in cell.splitlines())):
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(line)
        kind, choices = _form(match["form"])
        questions.append(
            {
                "text": match["text"],
                "kind": kind,
                "choices": choices,
                "required": bool(match["required"]),
                "notices": _read_notices(kind, match["notices"], line),
            }
        )
    return normalised(questions)


def _form(form: str | None) -> tuple[str, list[str]]:
    if not form:
        return "text", []
    if form in _KIND_OF_FORM:
        return _KIND_OF_FORM[form], []
    for kind, prefix in _PREFIXES.items():
        for written_prefix in (prefix, prefix.replace(":", "：")):
            if form.startswith(written_prefix):
                return kind, form.removeprefix(written_prefix).split("/")
    return "choice", form.split("/")


def _read_notices(kind: str, written_notices: str, line: str) -> list[dict[str, Any]]:
    notices = []
    for part in re.findall(r"\{[^{}]*\}", written_notices):
        match = _NOTICE.fullmatch(part)
        if match is None:
            raise ValueError(line)
        answer: Any = _WORDS.get(match["answer"]) if kind == "yes_no" else match["answer"]
        notices.append({"answer": answer, "text": match["text"], "stops": match["how"] == "停止"})
    return notices


def written(questions: Sequence[Mapping[str, Any]]) -> str:
    """The questions as `read` reads them."""
    return "\n".join(
        question["text"] + "*" * question["required"] + _written_form(question) + _written_notices(question)
        for question in questions
    )


def _written_form(question: Mapping[str, Any]) -> str:
    kind, choices = question["kind"], "/".join(question["choices"])
    if kind == "text":
        return ""
    if kind == "choice" and _form(choices) == ("choice", question["choices"]):
        return f"[{choices}]"
    return f"[{_FORMS.get(kind) or _PREFIXES[kind] + choices}]"


def _written_notices(question: Mapping[str, Any]) -> str:
    words = {value: word for word, value in _WORDS.items()}
    return "".join(
        f"{{{words.get(one['answer'], one['answer'])}→{'停止' if one['stops'] else '提示'}:{one['text']}}}"
        for one in question.get("notices", ())
    )


def wrong_answers(questions: Sequence[Mapping[str, Any]], answers: Mapping[str, Any]) -> list[str]:
    """The keys of answers that do not fit: unknown, missing though required, or of the wrong kind."""
    known = {question["key"]: question for question in questions}
    wrong = [key for key in answers if key not in known]
    for key, question in known.items():
        answer = answers.get(key)
        if answer in (None, "", []):
            if question["required"]:
                wrong.append(key)
        elif not _fits(question, answer):
            wrong.append(key)
    return wrong


def told(questions: Sequence[Mapping[str, Any]], answers: Mapping[str, Any]) -> list[Told]:
    """What these answers tell the person, in the order of the questions."""
    return [
        Told(question["key"], notice["text"], notice["stops"])
        for question in questions
        for notice in question.get("notices", ())
        if gives(answers.get(question["key"]), notice["answer"])
    ]


def gives(answer: Any, value: Any) -> bool:
    """Whether an answer is this value or, where several may be chosen, has it among them."""
    if isinstance(answer, list):
        return value in answer
    # True is 1 to Python, and a number is no yes.
    return type(answer) is type(value) and answer == value


def answer_text(question: Mapping[str, Any], answer: Any) -> str:
    """An answer as the question's own words have it."""
    if isinstance(answer, bool):
        return next(word for word, value in _WORDS.items() if value is answer)
    return "、".join(map(str, answer)) if isinstance(answer, list) else str(answer)


def _fits(question: Mapping[str, Any], answer: Any) -> bool:
    match question["kind"]:
        case "yes_no":
            return isinstance(answer, bool)
        case "number":
            if isinstance(answer, bool | list):
                return False
            try:
                return Decimal(str(answer)).is_finite()
            except InvalidOperation:
                return False
        case "datetime":
            return _is_moment(answer)
        case "choice":
            return isinstance(answer, str) and answer in question["choices"]
        case "multiple":
            return (
                isinstance(answer, list)
                and all(isinstance(one, str) and one in question["choices"] for one in answer)
                and len(set(answer)) == len(answer)
            )
        case kind:
            return isinstance(answer, str) and len(answer) <= (MAX_STRING if kind == "string" else MAX_LONG)


def _is_moment(answer: Any) -> bool:
    if not isinstance(answer, str):
        return False
    try:
        moment = datetime.fromisoformat(answer)
    except ValueError:
        return False
    return moment.tzinfo is not None and is_plausible(moment)
