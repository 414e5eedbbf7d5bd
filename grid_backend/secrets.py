"""Secrets made on the first run and kept under `var/`, readable by the owner only, never in git."""

import os
import secrets
from pathlib import Path


def first_run_secret(var_dir: Path, name: str, fernet: bool = False) -> str:
    """Return the secret stored in `var_dir/name`, making it when it is not there.

    The file is created exclusively, so that two processes starting at once end with one secret.
    `fernet` asks for 32 url-safe base64 bytes, the key format of `cryptography.fernet`.
    """
    path = var_dir / name
    if not path.exists():
        var_dir.mkdir(parents=True, exist_ok=True)
        value = secrets.token_urlsafe(32) + "=" if fernet else secrets.token_urlsafe(64)
        staging = var_dir / f".{name}.{os.getpid()}"
        staging.touch(mode=0o600)
        staging.write_text(value, encoding="ascii")
        try:
            os.link(staging, path)
        except FileExistsError:
            pass
        finally:
            staging.unlink()
    return path.read_text(encoding="ascii").strip()
