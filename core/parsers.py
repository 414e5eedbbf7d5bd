"""JSON in through orjson; what it cannot read is the `malformed` refusal, never a 500."""

from typing import Any

import orjson
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

# Deeper than any body of the API; far below where Python's own recursion ends.
MAX_DEPTH = 32
# A submission at its longest, twenty photos announced, is a twentieth of this.
MAX_BYTES = 1024 * 1024


class BodyTooLarge(APIException):
    """Becomes the refusal `body_too_large`; REST framework loads parsers before refusals can be raised."""

    status_code = 413


class ORJSONParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        body = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise BodyTooLarge
        try:
            data = orjson.loads(body)
        except orjson.JSONDecodeError as exc:
            raise ParseError(str(exc)) from exc
        # PostgreSQL's text and jsonb cannot hold U+0000; refused here once instead of in every field.
        if b"\\u0000" in body:
            raise ParseError("U+0000 is not allowed")
        if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _deeper_than(MAX_DEPTH, data):
            raise ParseError("nested too deeply")
        return data


def _deeper_than(depth: int, data: Any) -> bool:
    """Whether lists and objects nest more than `depth` levels; level by level, so without recursion."""
    level = [data]
    for _ in range(depth):
        level = [
            value
            for node in level
            if isinstance(node, dict | list)
            for value in (node.values() if isinstance(node, dict) else node)
        ]
        if not level:
            return False
    return any(isinstance(node, dict | list) for node in level)
