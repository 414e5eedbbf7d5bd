"""Telephone numbers as people write them, made comparable."""

import re

MAINLAND_PREFIX = re.compile(r"^(?:\+|00)86")


def digits_of(phone: str) -> str:
    """The digits without spaces, dashes and the country's own code: +86 138-1234-5678 → 13812345678."""
    bare = re.sub(r"[\s\-]", "", phone)
    return re.sub(r"\D", "", MAINLAND_PREFIX.sub("", bare))
