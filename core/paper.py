"""Documents for paper as PDF, set by Typst with Noto Sans CJK, which has every character a Chinese name may have.

A template is a .typ file beside its app; what it says comes as JSON, as data and never as markup, so that a name with
a # in it is only a name. Nothing is fetched: no system fonts, no packages, no files but those beside the template.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

import manimgx_fonts_cjk
import orjson
import segno
import typst


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    folder = str(Path(manimgx_fonts_cjk.__file__).parent)
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


def pdf(template: Path, data: dict[str, Any]) -> bytes:
    """The document of this template with this data."""
    compiler = typst.Compiler(
        str(template), root=str(template.parent), font_paths=_fonts(), sys_inputs={"data": orjson.dumps(data).decode()}
    )
    made = compiler.compile(format="pdf")
    assert isinstance(made, bytes)
    return made


def qr(text: str) -> str:
    """A QR code as SVG, black on white; a quarter of it may be soiled."""
    return segno.make(text, error="q").svg_inline(scale=1, border=2, dark="#000", light="#fff", omitsize=True)
