"""Keeping photos and handing them out: whole files or none, no way out of the folder, links that end."""

import errno
import hashlib
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from core import moment
from core.problems import Problem
from reports.photos import signing, storage
from reports.photos.serving import photo_response

DATA = b"\xff\xd8\xff the bytes of a photo"
SHA = hashlib.sha256(DATA).hexdigest()
NOON = datetime(2026, 6, 20, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PHOTO_ACCEL_PREFIX = ""
    return settings.MEDIA_ROOT


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_an_original_lies_sealed_under_its_hash_and_is_read_back(media):
    path = storage.store_original(SHA, DATA)
    assert path == media / "original" / SHA[:2] / SHA[2:4] / SHA
    assert stat.S_IMODE(path.stat().st_mode) == 0o440
    with storage.open_original(SHA) as file:
        assert file.read() == DATA


def test_the_same_original_stored_again_writes_nothing():
    before = storage.store_original(SHA, DATA).stat()
    after = storage.store_original(SHA, DATA).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_an_original_that_a_failing_disk_left_short_is_written_again():
    path = storage.store_original(SHA, DATA)
    path.chmod(0o600)
    path.write_bytes(DATA[:5])
    storage.store_original(SHA, DATA)
    assert path.read_bytes() == DATA


def test_many_threads_storing_the_same_photo_end_in_one_whole_file(media):
    key = uuid4()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: storage.store_original(SHA, DATA), range(40)))
        list(pool.map(lambda _: storage.store_rendered(key, "display", DATA), range(40)))
    assert [path.read_bytes() for path in files(media)] == [DATA, DATA]


def test_a_rendered_picture_is_kept_by_variant_and_key_and_replaced_by_a_later_one():
    for key in (7, UUID("0197a3c4-0000-7000-8000-000000000001")):
        for variant in storage.VARIANTS:
            storage.store_rendered(key, variant, b"first")
            path = storage.store_rendered(key, variant, b"second")
            assert (path.name, path.read_bytes()) == (f"{key}.jpg", b"second")
            with storage.open_rendered(key, variant) as file:
                assert file.read() == b"second"


@pytest.mark.parametrize(
    "sha256", ["", "../" * 20, "a" * 63, "a" * 65, "A" * 64, "a" * 64 + "\n", "/etc/passwd", "a" * 61 + "/.."]
)
def test_only_a_hash_names_an_original(sha256, media):
    with pytest.raises(ValueError, match="SHA-256"):
        storage.store_original(sha256, DATA)
    assert not files(media.parent)


@pytest.mark.parametrize(
    ("key", "variant"),
    [
        ("../x", "display"),
        ("7", "display"),
        (-1, "display"),
        (True, "display"),
        (None, "display"),
        (7, "original"),
        (7, ".."),
    ],
)
def test_only_a_key_and_a_known_variant_name_a_picture(key, variant):
    with pytest.raises(ValueError, match="not a"):
        storage.rendered_path(key, variant)


def test_what_is_not_there_is_not_found():
    for attempt in (lambda: storage.open_original(SHA), lambda: storage.open_rendered(7, "display")):
        with pytest.raises(Problem) as caught:
            attempt()
        assert caught.value.code == "not_found"


@pytest.mark.parametrize("call", ["fsync", "replace", "fchmod"])
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_refused_clearly_and_leaves_nothing_half_written(call, error, media, monkeypatch):
    storage.store_original("f" * 64, b"other")

    def full(*_):
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(os, call, full)
    with pytest.raises(Problem) as caught:
        storage.store_rendered(7, "display", DATA)
    assert (caught.value.code, caught.value.status) == ("storage_full", 507)
    assert [path.name for path in files(media)] == ["f" * 64]


def test_a_file_takes_its_name_only_after_its_bytes_are_on_the_disk(monkeypatch):
    steps = []
    real = {name: getattr(os, name) for name in ("fsync", "replace")}
    for name, call in real.items():
        monkeypatch.setattr(os, name, lambda *args, name=name, call=call: (steps.append(name), call(*args))[1])
    storage.store_rendered(7, "display", DATA)
    steps.clear()
    storage.store_rendered(7, "display", DATA)
    assert steps == ["fsync", "replace", "fsync"]


def test_a_link_opens_what_it_was_made_for():
    key = uuid4()
    assert signing.verify(signing.sign(key, "thumbnail", 5)) == signing.Grant(str(key), "thumbnail", 5)


def test_a_link_ends_after_its_time():
    with moment.moved_to(NOON):
        token = signing.sign(7, "display", 5)
    with moment.moved_to(NOON + timedelta(seconds=299)):
        assert signing.verify(token).user_id == 5
    with moment.moved_to(NOON + timedelta(seconds=300)), pytest.raises(Problem) as caught:
        signing.verify(token)
    assert caught.value.code == "photo_link_expired"


def test_a_link_that_was_changed_or_signed_for_something_else_is_refused(settings):
    token = signing.sign(7, "display", 5)
    from_elsewhere = signing.Signer(salt="elsewhere").sign_object(["7", "display", 5, 9_999_999_999])
    other_shape = signing.Signer(salt=signing.SALT).sign_object({"photo": 7})
    swapped = signing.sign(8, "display", 5).split(":")[0] + ":" + token.split(":")[1]
    for bad in ("", "x", token + "x", token[:-1], swapped, from_elsewhere, other_shape, "é:é"):
        with pytest.raises(Problem) as caught:
            signing.verify(bad)
        assert caught.value.code == "photo_link_invalid"
    settings.SECRET_KEY = "another key of the server, long enough"
    with pytest.raises(Problem):
        signing.verify(token)


def test_a_served_photo_is_private_inert_and_inline():
    response = photo_response(storage.store_rendered(7, "display", DATA), name='7"-\r\nSet-Cookie: 照片.jpg')
    assert b"".join(response) == DATA
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Length"] == str(len(DATA))
    assert response["Cache-Control"] == "private, max-age=300"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["Content-Disposition"] == 'inline; filename="7_-_Set-Cookie_.jpg"'


def test_behind_a_proxy_the_proxy_hands_the_bytes_out(settings, media):
    settings.PHOTO_ACCEL_PREFIX = "/protected/"
    path = storage.store_rendered(7, "display", DATA)
    response = photo_response(path)
    assert response.content == b""
    assert response["X-Accel-Redirect"] == "/protected/" + path.relative_to(media).as_posix()


def test_a_file_outside_the_store_is_never_served_and_a_lost_one_is_not_found(media, tmp_path):
    outside = tmp_path / "secret.txt"
    outside.write_text("secret")
    media.mkdir()
    (media / "link.jpg").symlink_to(outside)
    for path in (outside, media / ".." / "secret.txt", media / "link.jpg"):
        with pytest.raises(ValueError):
            photo_response(path)
    with pytest.raises(Problem) as caught:
        photo_response(storage.rendered_path(7, "display"))
    assert caught.value.code == "not_found"
