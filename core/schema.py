"""OpenAPI: every operation documents the problem document it may answer with, and shows a body to begin with."""

from collections.abc import Callable
from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample

# Bodies by operation id, made afresh for each schema: some of their times have to lie ahead.
_EXAMPLES: list[Callable[[], dict[str, Any]]] = []


def examples(bodies: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """Decorates a function that gives example bodies by operation id."""
    _EXAMPLES.append(bodies)
    return bodies


PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string", "description": "One sentence, in the language of Accept-Language"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable; branch on this"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": "string", "description": "dotted path in the request"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
    "additionalProperties": True,
}


class ProblemAutoSchema(AutoSchema):
    def get_examples(self) -> list[OpenApiExample]:
        operation = self.get_operation_id()
        found = [bodies()[operation] for bodies in _EXAMPLES if operation in bodies()]
        return [OpenApiExample("for example", body, request_only=True) for body in found]

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        bodies["default"] = {
            "description": "Refused; see `code`",
            "content": {"application/problem+json": {"schema": PROBLEM_SCHEMA}},
        }
        return bodies
