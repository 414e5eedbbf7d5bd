"""JSON in through orjson; what it cannot read is the `malformed` refusal, never a 500."""

from typing import Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser


class ORJSONParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        body = stream.read()
        try:
            data = orjson.loads(body)
        except orjson.JSONDecodeError as exc:
            raise ParseError(str(exc)) from exc
        # PostgreSQL's text and jsonb cannot hold U+0000; refused here once instead of in every field.
        if b"\\u0000" in body:
            raise ParseError("U+0000 is not allowed")
        return data
