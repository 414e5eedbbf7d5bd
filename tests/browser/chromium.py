"""A Chromium for the tests: one that is there, else one that is installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class NoBrowser(Exception):
    """No Chromium is here and none could be installed; the text says what was tried."""


def found() -> str | None:
    """The path of a Chromium: CHROMIUM, one in PATH, or Playwright's own."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    own = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    return next((str(path) for path in sorted(own.glob("chromium-*/chrome-linux*/chrome"), reverse=True)), None)


def obtain() -> str:
    """The path of a Chromium, installed if need be: by the system's packages as root, else by Playwright."""
    path = found()
    if path:
        return path
    tried = []
    commands = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", "-qq"]
        commands = [[*quiet, "install", "chromium"], [*quiet, "update"], [*quiet, "install", "chromium"], *commands]
    for command in commands:
        print(f"  No Chromium yet: {' '.join(command[-3:])} ...", flush=True)
        done = subprocess.run(command, capture_output=True, text=True, timeout=900)
        tried.append(f"{' '.join(command[-3:])}: {(done.stderr or done.stdout).strip()[-300:]}")
        path = found()
        if path:
            return path
    raise NoBrowser("; ".join(tried))
