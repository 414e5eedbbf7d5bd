"""What the log writes, line by line."""

import logging

import pytest
import structlog

from core.logs import formatter

CODE = "ABCD2345EFGH"


@pytest.mark.parametrize(
    ("logger", "words"),
    [("django.security.csrf", "Forbidden (CSRF cookie not set.): %s"), ("django.request", "Internal Server Error: %s")],
)
def test_no_line_says_a_tracking_code(logger: str, words: str) -> None:
    record = logging.LogRecord(logger, logging.ERROR, "", 0, words, (f"/t/{CODE}/said",), None)
    with structlog.contextvars.bound_contextvars(path=f"/t/{CODE}/photos/1"):
        line = formatter().format(record)
    assert CODE not in line
    assert "/t/…/said" in line
    assert "/t/…/photos/1" in line
