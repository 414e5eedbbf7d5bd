"""Collect the sentences of code and templates into the Chinese catalogue and compile it: python script/translate.py

Sentences already translated keep their Chinese, those no longer used go, and the ones without Chinese are listed (exit
status 1). Both the .po and the .mo are committed, for a machine that only runs the system has nothing to compile with.
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
APPS = (
    *("accounts", "core", "field", "grids", "grid_backend", "households", "notifications", "privacy", "public"),
    *("reports", "volunteers"),
)
PO = ROOT / "grid_backend" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
MessageId = str | tuple[str, ...]


def _source(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return text
    # Django blanks the markup out; what is left is Python but for its line breaks and indents.
    return " ".join(templatize(text, origin=str(path)).split())


def sentences(root: Path = ROOT) -> Iterator[tuple[str, MessageId, str | None]]:
    """Every sentence marked for translation: its file below `root`, the sentence (with its plural) and its context."""
    for app in APPS:
        files = sorted([*(root / app).rglob("*.py"), *(root / app).rglob("*.html")])
        for path in files:
            for _line, message, _comments, context in extract(
                "python",
                io.BytesIO(_source(path).encode()),
                keywords=KEYWORDS,
                options={"encoding": "utf-8"},
            ):
                yield path.relative_to(root).as_posix(), message, context


def stored() -> Catalog:
    """The catalogue as it stands in the .po file."""
    with PO.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def collected(old: Catalog, root: Path = ROOT) -> Catalog:
    """A catalogue of the sentences in use, with the Chinese that `old` has for them."""
    new = Catalog(
        locale="zh_Hans",
        project="Grid Whistle",
        version="0",
        msgid_bugs_address="none",
        header_comment="# Chinese texts of Grid Whistle. Collected by script/translate.py; edit only the msgstr.",
        creation_date=old.creation_date,
        revision_date=old.revision_date,
        last_translator=old.last_translator,
        language_team=old.language_team,
        fuzzy=False,
    )
    for place, message, context in sentences(root):
        known = old.get(message if isinstance(message, str) else message[0], context)
        same = known is not None and known.id == message and not known.fuzzy
        new.add(message, known.string if known and same else None, [(place, 0)], context=context)
    return new


def compiled(catalog: Catalog) -> bytes:
    """The catalogue as the bytes of a .mo file."""
    target = io.BytesIO()
    write_mo(target, catalog)
    return target.getvalue()


def untranslated(catalog: Catalog) -> list[Message]:
    """The sentences that have no Chinese, or Chinese that somebody still has to look at."""
    return [one for one in catalog if one.id and (one.fuzzy or not all(_strings(one)))]


def _strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or [""])


def places(text: str) -> list[str]:
    """The `%(name)s` places of a text with their conversions, sorted."""
    return sorted(re.findall(r"%\(\w+\)[#0\- +]*[\d.]*[a-zA-Z]", text))


def main() -> int:
    catalog = collected(stored())
    with PO.open("wb") as file:
        write_po(file, catalog, width=120, include_lineno=False, sort_by_file=True)
    MO.write_bytes(compiled(stored()))
    missing = untranslated(catalog)
    for one in missing:
        print("untranslated:", repr(one.id))
    print(f"{len(catalog)} sentences, {len(missing)} without Chinese")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
