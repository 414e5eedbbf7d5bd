"""A pytest plugin of script/test: what came before this run, said just above pytest's closing line."""

import os

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    notes = os.environ.get("GRIDWHISTLE_CLOSING_NOTES", "").strip()
    if notes:
        terminalreporter.section("script/test")
        for line in notes.splitlines():
            terminalreporter.line(line, red="FAILED" in line or "NOT RUN" in line)
