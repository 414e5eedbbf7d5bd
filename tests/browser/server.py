"""A real server with the tests' world in it: `manage.py serve` on an embedded database of its own."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests

from tests.services import reserved_port
from tests.world import PASSWORD

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 60


def environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "GRIDWHISTLE_VAR": str(folder),
        "REDIS_URL": "",
        "LOGIN_RATE": "1000/min",
        # A script fills in a form faster than a person could.
        "RESIDENT_LEAST_SECONDS": "0",
        "DJANGO_SETTINGS_MODULE": "grid_backend.settings",
    }


def prepare(folder: Path) -> None:
    """Migrate and build the world in `folder`; copied for each test that wants a server."""
    surroundings = environment(folder)
    for command in (["manage.py", "migrate", "--verbosity", "0"], ["-m", "tests.browser.scene"]):
        subprocess.run([sys.executable, *command], cwd=ROOT, env=surroundings, check=True, timeout=300)


def is_up(url: str, process: "subprocess.Popen[bytes]") -> bool:
    """Wait until the server answers; false if it ended or took too long."""
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            if requests.get(f"{url}/healthz", timeout=2).ok:
                return True
        except requests.RequestException:
            time.sleep(0.05)
    return False


class Server:
    """The process; `kill` and `start` may alternate, data and port stay."""

    def __init__(self, template: Path, folder: Path) -> None:
        shutil.copytree(template, folder, dirs_exist_ok=True)
        self.folder = folder
        self._held = reserved_port()
        self.port = int(self._held.getsockname()[1])
        self.process: subprocess.Popen[bytes] | None = None
        self._tokens: dict[str, str] = {}
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            command = [sys.executable, "manage.py", "serve", "--port", str(self.port), "--threads", "4"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment(self.folder), stdout=log, stderr=log)
        if not is_up(self.url, self.process):
            raise RuntimeError((self.folder / "log").read_text(errors="replace")[-2000:])

    def kill(self) -> None:
        """As a power cut would: at once."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def close(self) -> None:
        self.kill()
        self._held.close()

    def token(self, name: str) -> str:
        if name not in self._tokens:
            said = {"username": name, "password": PASSWORD, "device": "test"}
            answer = requests.post(f"{self.url}/api/v1/auth/tokens", json=said, timeout=20)
            answer.raise_for_status()
            self._tokens[name] = answer.json()["token"]
        return self._tokens[name]

    def call(self, name: str, method: str, path: str, body: Any = None) -> Any:
        """What the API answers a person; raises with the answer's text when it refuses."""
        headers = {"Authorization": f"Token {self.token(name)}"}
        answer = requests.request(method, f"{self.url}/api/v1/{path}", json=body, headers=headers, timeout=30)
        if not answer.ok:
            raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json() if answer.content else None

    def send(self, name: str, path: str, data: bytes) -> None:
        """PUT bytes as a person's phone would."""
        headers = {"Authorization": f"Token {self.token(name)}", "Content-Type": "image/jpeg"}
        requests.put(f"{self.url}/api/v1/{path}", data=data, headers=headers, timeout=60).raise_for_status()

    def all(self, name: str, path: str) -> list[Any]:
        """Every row of a list, page after page."""
        rows: list[Any] = []
        joint = "&" if "?" in path else "?"
        page = self.call(name, "GET", f"{path}{joint}page_size=100")
        while True:
            rows += page["results"]
            if not page["next"]:
                return rows
            page = self.call(name, "GET", page["next"].split("/api/v1/", 1)[1])
