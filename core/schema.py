"""OpenAPI: every operation documents the problem document it may answer with."""

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema

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
    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        bodies["default"] = {
            "description": "Refused; see `code`",
            "content": {"application/problem+json": {"schema": PROBLEM_SCHEMA}},
        }
        return bodies
