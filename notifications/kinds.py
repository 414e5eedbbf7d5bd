"""The kinds of notice and their texts.

Apps above register their kinds at import; notices themselves know nothing of what they are about. Texts are rendered
when they are read, in the reader's language, from the stored values.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User

if TYPE_CHECKING:
    from notifications.models import Notification

log = logging.getLogger(__name__)

Resolver = Callable[["Notification"], Iterable[User]]


class Text(NamedTuple):
    title: str
    body: str


@dataclass(frozen=True)
class Kind:
    """What a notice says and who is told when nobody answers.

    `title` and `body` hold `%(name)s` places. `expand` turns stored values into the values shown (labels in the
    reader's language, say). `duty_officers` and `level_above` name the persons told by the last steps of the ladder.
    `on_receipt` runs inside the transaction of the first receipt given on the notice itself.
    """

    code: str
    title: str | Promise
    body: str | Promise
    needs_receipt: bool = False
    duty_officers: Resolver | None = None
    level_above: Resolver | None = None
    on_receipt: Callable[["Notification"], None] | None = None
    expand: Callable[[dict[str, Any]], Mapping[str, Any]] | None = None

    def text(self, params: dict[str, Any]) -> Text:
        """The text in the active language. Raises KeyError for a value the text names and `params` lacks."""
        values = self.expand(params) if self.expand else params
        return Text(str(self.title) % values, str(self.body) % values)


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Add a kind; a code is registered once."""
    if kind.code in KINDS:
        raise ValueError(f"notice kind {kind.code} is registered twice")
    KINDS[kind.code] = kind
    return kind


def render(code: str, params: dict[str, Any], language: str | None = None) -> Text:
    """The text of a stored notice in `language` (the active one when None).

    Never raises: a notice that can no longer be rendered must still arrive, so it shows its kind.
    """
    try:
        with translation.override(language or translation.get_language()):
            return KINDS[code].text(params)
    except Exception:
        log.exception("notice of kind %s cannot be rendered", code)
        return Text(code, "")


def _of_the_unanswered(params: dict[str, Any]) -> Mapping[str, Any]:
    original = render(params["kind"], params["params"], translation.get_language())
    return {"recipient": params["recipient"], "title": original.title, "body": original.body}


# What the duty officer and the level above receive: the unanswered notice, and who did not answer.
UNANSWERED = register(
    Kind(
        code="unanswered",
        title=_("Not answered: %(title)s"),
        body=_("%(recipient)s has not been reached. %(body)s"),
        expand=_of_the_unanswered,
    )
)
