"""Secrets made on the first run and kept under `var/`, readable by the owner only, never in git."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path


def first_run_secret(var_dir: Path, name: str, fernet: bool = False) -> str:
    """Return the secret stored in `var_dir/name`, making it when it is not there.

    It is written aside and linked into place, so that two processes starting at once end with one secret and none
    reads half of it. `fernet` asks for 32 url-safe base64 bytes, the key format of `cryptography.fernet`.
    """
    path = var_dir / name
    if not path.exists():
        var_dir.mkdir(parents=True, exist_ok=True)
        value = secrets.token_urlsafe(32) + "=" if fernet else secrets.token_urlsafe(64)
        # mkstemp gives mode 0600, which the link keeps.
        handle, staging = tempfile.mkstemp(prefix=f".{name}.", dir=var_dir)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(value)
        try:
            with suppress(FileExistsError):
                os.link(staging, path)
        finally:
            os.unlink(staging)
    return path.read_text(encoding="ascii").strip()
