"""The pages of the field app and of the console, as the server gives them to a browser."""

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

SCRIPT = "console.log('field')" * 50
FILES = {
    "index.html": "<!doctype html><title>网格哨</title>",
    "sw.js": "self.skipWaiting()",
    "manifest.webmanifest": '{"name": "网格哨"}',
    "assets/index-B1x_9-Qz.js": SCRIPT,
    "icon.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
}


@pytest.fixture
def built(settings: Any, tmp_path: Path) -> Client:
    """A client of a server that has the pages."""
    folder = tmp_path / "dist" / "field"
    (folder / "assets").mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "assets/index-B1x_9-Qz.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (tmp_path / "dist/console").mkdir()
    (tmp_path / "dist/console/index.html").write_text(FILES["index.html"], encoding="utf-8")
    settings.WHITENOISE_ROOT = tmp_path / "dist"
    return Client()


def content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_the_page_is_served_at_its_address(built: Client):
    answer = built.get("/field/")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/html")
    assert "网格哨" in content(answer).decode()
    assert built.get("/field").status_code == 302


@pytest.mark.parametrize("name", ["", "sw.js", "manifest.webmanifest", "icon.svg"])
def test_what_may_change_under_its_name_is_asked_for_anew(built: Client, name: str):
    answer = built.get(f"/field/{name}")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-cache")
    again = built.get(f"/field/{name}", HTTP_IF_NONE_MATCH=answer["ETag"])
    assert again.status_code == 304


def test_what_bears_a_hash_in_its_name_is_kept_for_ever_and_sent_small(built: Client):
    answer = built.get("/field/assets/index-B1x_9-Qz.js", HTTP_ACCEPT_ENCODING="gzip")
    assert "immutable" in answer["Cache-Control"]
    assert answer["Content-Encoding"] == "gzip"
    assert gzip.decompress(content(answer)).decode() == SCRIPT


def test_the_manifest_says_what_it_is(built: Client):
    assert built.get("/field/manifest.webmanifest")["Content-Type"].startswith("application/manifest+json")


def test_a_page_may_load_nothing_from_elsewhere_but_tiles(built: Client):
    policy = directives(built.get("/field/"))
    assert policy["default-src"] == policy["connect-src"] == policy["worker-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    elsewhere = {word for words in policy.values() for word in words.split() if re.search(r"\w\.\w", word)}
    assert elsewhere == {"https://*.tianditu.gov.cn"}
    assert "script-src" not in policy


def test_sockets_are_named_for_older_browsers(built: Client, settings: Any):
    settings.GRIDWHISTLE = {**settings.GRIDWHISTLE, "PUBLIC_URL": "https://grid.example.org/"}
    assert directives(Client().get("/field/"))["connect-src"] == "'self' wss://grid.example.org"


def test_a_page_may_use_camera_and_position_and_no_microphone(built: Client):
    granted = built.get("/field/")["Permissions-Policy"]
    assert "camera=(self)" in granted
    assert "geolocation=(self)" in granted
    assert "microphone=()" in granted


def test_a_desk_may_use_neither_camera_nor_position(built: Client):
    answer = built.get("/console/")
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "camera=(), geolocation=()" in answer["Permissions-Policy"]


def test_the_service_worker_is_bound_by_no_policy_of_the_page(built: Client):
    answer = built.get("/field/sw.js")
    assert "Content-Security-Policy" not in answer
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_other_pages_keep_their_headers(built: Client):
    assert "Content-Security-Policy" not in built.get("/")


@pytest.mark.parametrize(("language", "sentence"), [("en", "not built yet"), ("zh-hans", "尚未构建")])
@pytest.mark.parametrize("address", ["/field/", "/console/"])
def test_until_it_is_built_the_page_says_how(settings: Any, address: str, language: str, sentence: str):
    settings.WHITENOISE_ROOT = None
    answer = Client(headers={"accept-language": language}).get(address)
    assert answer.status_code == 404
    assert sentence in answer.content.decode()
    assert "script/build-frontend" in answer.content.decode()


@pytest.mark.parametrize("address", ["/field/", "/console/"])
def test_the_start_page_leads_there(built: Client, address: str):
    assert f'href="{address}"' in built.get("/").content.decode()


def directives(answer: Any) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in answer["Content-Security-Policy"].split(";"))
    return {name: words for name, _, words in parts}
