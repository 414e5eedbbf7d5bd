"""What the simulated people did and received, kept on their side of the line; the check at the end reads it."""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path


@dataclass
class Sent:
    """A report a worker made: the hashes announced with it, and whether the server has answered for all of it."""

    worker: str
    photos: list[str]
    accepted: bool = False
    photos_accepted: int = 0
    refused: bool = False

    @property
    def in_queue(self) -> bool:
        return not self.refused and not (self.accepted and self.photos_accepted == len(self.photos))


@dataclass
class Blown:
    """A whistle a dispatcher drafted: the departments called, by code."""

    report: str
    kind: str
    departments: list[str]


@dataclass
class Ledger:
    """`received` is by user id the notices shown to the person, each with how often it was shown (once is right)."""

    started_at: str = "0001-01-01T00:00:00+00:00"
    first_notice: int = 0
    last_notice: int = 0
    people: dict[int, str] = field(default_factory=dict)
    reports: dict[str, Sent] = field(default_factory=dict)
    result_photos: list[tuple[str, str]] = field(default_factory=list)
    whistles: list[Blown] = field(default_factory=list)
    received: dict[int, dict[int, int]] = field(default_factory=dict)
    delays: list[float] = field(default_factory=list)
    closed: int = 0
    called_back: int = 0
    doubles: int = 0
    broken: int = 0
    reconnects: int = 0
    server_errors: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def show(self, user_id: int, notice_id: int, created_at: str, at: datetime) -> bool:
        """Keep a notice that has come. False for a double, which the person never sees."""
        shown = self.received.setdefault(user_id, {})
        if notice_id in shown:
            self.doubles += 1
            return False
        shown[notice_id] = 1
        made = datetime.fromisoformat(created_at)
        # The demonstration's older past may be being written beside the morning.
        if notice_id > self.first_notice and made >= datetime.fromisoformat(self.started_at):
            self.delays.append((at - made).total_seconds())
        return True

    @property
    def accepted(self) -> int:
        return sum(sent.accepted for sent in self.reports.values())

    @property
    def photos_accepted(self) -> int:
        return sum(sent.photos_accepted for sent in self.reports.values()) + len(self.result_photos)

    @property
    def open_entries(self) -> int:
        """Reports or photos of workers that no answer has confirmed yet."""
        return sum(one.in_queue for one in self.reports.values())

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> "Ledger":
        """A ledger written by `save`."""
        kept = json.loads(path.read_text(encoding="utf-8"))
        kept["people"] = {int(key): name for key, name in kept["people"].items()}
        kept["received"] = {
            int(user): {int(notice): times for notice, times in shown.items()}
            for user, shown in kept["received"].items()
        }
        kept["reports"] = {key: Sent(**sent) for key, sent in kept["reports"].items()}
        kept["result_photos"] = [(report, sha256) for report, sha256 in kept["result_photos"]]
        kept["whistles"] = [Blown(**blown) for blown in kept["whistles"]]
        return cls(**kept)
