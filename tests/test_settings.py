"""Secrets of the first run, and what production refuses to start with."""

import json
import os
import re
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from grid_backend import checks
from grid_backend.secrets import first_run_secret

ROOT = Path(__file__).resolve().parent.parent
GOOD = {
    "PRODUCTION": True,
    "DEBUG": False,
    "ALLOWED_HOSTS": ["grid.example.org"],
    "SECRET_KEY": "k" * 64,
    "SECRET_KEY_GENERATED": False,
    "FIELD_KEYS": [Fernet.generate_key().decode()],
    "FIELD_KEYS_GENERATED": False,
}


@pytest.fixture
def production(settings):
    for name, value in GOOD.items():
        setattr(settings, name, value)
    return settings


def test_production_starts_when_everything_is_set(production):
    checks.refuse_unsafe_start()


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("SECRET_KEY_GENERATED", True, "E001"),
        ("FIELD_KEYS_GENERATED", True, "E002"),
        ("DEBUG", True, "E003"),
        ("ALLOWED_HOSTS", ["*"], "E004"),
        ("ALLOWED_HOSTS", ["grid.example.org", "*"], "E004"),
        ("ALLOWED_HOSTS", [], "E004"),
        ("SECRET_KEY", "short", "E005"),
        ("SECRET_KEY", "django-insecure-" + "k" * 60, "E005"),
        ("FIELD_KEYS", ["not a key"], "E006"),
    ],
)
def test_production_refuses(production, name, value, fault):
    setattr(production, name, value)
    found = [*checks.production_is_configured(), *checks.field_keys_are_keys()]
    assert [error.id for error in found] == [f"gridwhistle.{fault}"]
    with pytest.raises(ImproperlyConfigured):
        checks.refuse_unsafe_start()


def test_a_desk_may_run_on_generated_secrets(settings):
    settings.PRODUCTION = False
    settings.SECRET_KEY_GENERATED = True
    assert checks.production_is_configured() == []


@pytest.mark.parametrize("start", [["manage.py", "serve", "--port", "0"], ["-c", "import grid_backend.wsgi"]])
def test_no_server_comes_up_in_production_on_defaults(start, tmp_path):
    kept = {name: value for name, value in os.environ.items() if name not in ("SECRET_KEY", "FIELD_KEYS")}
    environment = {
        **kept,
        "GRIDWHISTLE_ENV": "production",
        "GRIDWHISTLE_VAR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "grid_backend.settings",
        "DEBUG": "1",
    }
    ended = subprocess.run(
        [sys.executable, *start], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode != 0
    for sentence in ("SECRET_KEY must be set", "FIELD_KEYS must be set", "DEBUG must be off", "ALLOWED_HOSTS must"):
        assert sentence in ended.stderr


def test_starts_at_once_end_with_one_secret(tmp_path, monkeypatch):
    together = threading.Barrier(8)
    link = os.link
    seen = []

    def linked_by_all_at_once(source, target):
        # Nobody's secret is in place until everybody has made one.
        together.wait(20)
        link(source, target)

    monkeypatch.setattr(os, "link", linked_by_all_at_once)
    threads = [
        threading.Thread(target=lambda: seen.append(first_run_secret(tmp_path / "var", "secret_key"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert len(set(seen)) == 1
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["secret_key"]


def test_a_secret_is_kept_and_readable_by_the_owner_only(tmp_path):
    first = first_run_secret(tmp_path, "secret_key")
    assert len(first) > 60
    assert first_run_secret(tmp_path, "secret_key") == first
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_a_field_key_of_the_first_run_encrypts(tmp_path):
    cipher = Fernet(first_run_secret(tmp_path, "field_key", fernet=True))
    assert cipher.decrypt(cipher.encrypt(b"x")) == b"x"


def test_the_folder_of_secrets_is_kept_out_of_git():
    lines = (ROOT / ".gitignore").read_text().splitlines()
    assert "/var/" in lines
    assert ".env" in lines


REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)==\S+( ;.*)? \\$")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-node.txt"])
def test_every_requirement_is_pinned_with_hashes_and_names_no_server(name):
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert "--index-url" not in text
    assert "--find-links=" not in text
    entries = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert entries
    for line in entries:
        assert REQUIREMENT.match(line), line
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text)[1:]
    assert all("--hash=sha256:" in block for block in blocks)


def test_every_dependency_says_why_it_is_there():
    documented = re.findall(r"^\| `([^`]+)` \| .{5,} \|$", (ROOT / "docs" / "dependencies.md").read_text(), re.M)
    listed = []
    for name in ("requirements.in", "requirements-dev.in", "requirements-node.in"):
        for line in (ROOT / name).read_text().splitlines():
            if line and not line.startswith(("#", "-")):
                listed.append(re.match(r"[A-Za-z0-9._-]+", line)[0])
    pages = json.loads((ROOT / "frontend" / "package.json").read_text())
    assert documented == [*listed, *pages["dependencies"], *pages["devDependencies"]]


def test_the_pages_packages_are_pinned_with_hashes_and_without_addresses():
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert all(entry.get("integrity") for entry in packages.values() if not entry.get("link"))
    assert not any("resolved" in entry for entry in packages.values())
    pinned = json.loads((ROOT / "frontend" / "package.json").read_text())
    assert all(
        re.fullmatch(r"[0-9.]+", version)
        for version in {**pinned["dependencies"], **pinned["devDependencies"]}.values()
    )
