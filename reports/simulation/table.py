"""The live table."""

from rich.table import Table

from reports.simulation.ledger import Ledger


def percentile(values: list[float], share: float) -> float | None:
    """The value below which this share lies; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def _milliseconds(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds * 1000:.0f} ms"


def rows(ledger: Ledger) -> list[tuple[str, str]]:
    """What is shown, as name and value."""
    photos = sum(len(sent.photos) for sent in ledger.reports.values())
    return [
        ("reports sent", str(len(ledger.reports))),
        ("confirmed", str(ledger.accepted)),
        ("photos", f"{ledger.photos_accepted} ({photos} of reports)"),
        ("whistles", str(len(ledger.whistles))),
        ("called back", str(ledger.called_back)),
        ("closed", str(ledger.closed)),
        ("notices received", str(sum(len(shown) for shown in ledger.received.values()))),
        ("made → received p50", _milliseconds(percentile(ledger.delays, 0.5))),
        ("made → received p99", _milliseconds(percentile(ledger.delays, 0.99))),
        ("doubles dropped", str(ledger.doubles)),
        ("shown twice", str(sum(times > 1 for shown in ledger.received.values() for times in shown.values()))),
        ("requests broken", str(ledger.broken)),
        ("sockets lost", str(ledger.reconnects)),
        ("server errors", str(len(ledger.server_errors))),
        ("refused", str(len(ledger.faults))),
    ]


def table(ledger: Ledger, title: str) -> Table:
    """The table as it is now."""
    shown = Table(title=title, show_header=False)
    shown.add_column()
    shown.add_column(justify="right")
    for name, value in rows(ledger):
        shown.add_row(name, value)
    return shown
