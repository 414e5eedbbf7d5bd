"""The extra questions of an item: how they are kept, written in a cell, and answered.

Kept as `{"key": "q1", "text": "…", "kind": "text|number|yes_no|choice", "choices": […], "required": false}`;
the key is the question's place. Written in a cell, one per line: `有无伤人*[是/否]`, `面积[数字]`, `颜色[红/黄]`;
an asterisk marks an answer that is required.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

KINDS = ("text", "number", "yes_no", "choice")
MAX_QUESTIONS = 20
MAX_TEXT = 200
_LINE = re.compile(r"(?P<text>[^\[\]*\n]+?)\s*(?P<required>\*?)\s*(?:\[(?P<form>[^\[\]\n]+)\])?")
_YES_NO, _NUMBER = "是/否", "数字"


def normalised(questions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The questions as they are kept. Raises ValueError naming the number of the question at fault."""
    if len(questions) > MAX_QUESTIONS:
        raise ValueError(f"more than {MAX_QUESTIONS}")
    kept = []
    for number, question in enumerate(questions, 1):
        text, kind = str(question.get("text", "")).strip(), question.get("kind", "text")
        choices = [str(choice).strip() for choice in question.get("choices") or []]
        if not text or len(text) > MAX_TEXT or re.search(r"[\[\]*\n]", text) or kind not in KINDS:
            raise ValueError(f"question {number}")
        if kind == "choice":
            if (
                len(choices) < 2
                or len(set(choices)) < len(choices)
                or any(not choice or len(choice) > MAX_TEXT or re.search(r"[\[\]/\n]", choice) for choice in choices)
            ):
                raise ValueError(f"choices of question {number}")
        elif choices:
            raise ValueError(f"choices of question {number}")
        kept.append(
            {
                "key": f"q{number}",
                "text": text,
                "kind": kind,
                "choices": choices,
                "required": bool(question.get("required", False)),
            }
        )
    return kept


def read(cell: str) -> list[dict[str, Any]]:
    """The questions written in a cell, one per line. Raises ValueError."""
    questions: list[dict[str, Any]] = []
    for line in filter(None, (part.strip() for part in cell.splitlines())):
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(line)
        form = match["form"]
        question: dict[str, Any] = {"text": match["text"], "kind": "text", "required": bool(match["required"])}
        if form == _YES_NO:
            question["kind"] = "yes_no"
        elif form == _NUMBER:
            question["kind"] = "number"
        elif form:
            question |= {"kind": "choice", "choices": form.split("/")}
        questions.append(question)
    return normalised(questions)


def written(questions: Sequence[Mapping[str, Any]]) -> str:
    """The questions as `read` reads them."""
    forms = {"yes_no": _YES_NO, "number": _NUMBER}
    lines = []
    for question in questions:
        form = forms.get(question["kind"]) or "/".join(question["choices"])
        lines.append(question["text"] + "*" * question["required"] + (f"[{form}]" if form else ""))
    return "\n".join(lines)


def wrong_answers(questions: Sequence[Mapping[str, Any]], answers: Mapping[str, Any]) -> list[str]:
    """The keys of answers that do not fit: unknown, missing though required, or of the wrong kind."""
    known = {question["key"]: question for question in questions}
    wrong = [key for key in answers if key not in known]
    for key, question in known.items():
        answer = answers.get(key)
        if answer in (None, ""):
            if question["required"]:
                wrong.append(key)
        elif not _fits(question, answer):
            wrong.append(key)
    return wrong


def _fits(question: Mapping[str, Any], answer: Any) -> bool:
    match question["kind"]:
        case "yes_no":
            return isinstance(answer, bool)
        case "number":
            if isinstance(answer, bool):
                return False
            try:
                return Decimal(str(answer)).is_finite()
            except InvalidOperation:
                return False
        case "choice":
            return answer in question["choices"]
        case _:
            return isinstance(answer, str) and len(answer) <= 1000
