"""Photos: what is refused, what is read from them, and that nothing of the original goes out."""

import hashlib
import re
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageCms, ImageStat
from PIL.ExifTags import GPS, IFD, Base

from core.problems import Problem
from reports.photos.rendering import DISPLAY_SIDE, THUMBNAIL_SIDE, Rendered, check_and_render
from reports.photos.sample import sample_photo
from reports.photos.watermark import Caption, font_of

PHOTOS = Path(__file__).parent / "photos"
NOON = datetime(2026, 6, 20, 4, 0, tzinfo=UTC)
CAPTION = Caption(NOON, "荣成市崖头街道台上社区", "GW20260620-000123")
pytestmark = pytest.mark.filterwarnings(
    "ignore::PIL.Image.DecompressionBombWarning", "ignore::UserWarning:PIL.TiffImagePlugin"
)
NAMES = sorted(path.name for path in PHOTOS.iterdir() if path.suffix in (".jpg", ".heic"))


def photo(name: str) -> bytes:
    return next(PHOTOS.glob(f"{name}*")).read_bytes()


def render(data: bytes, caption: Caption = CAPTION) -> Rendered:
    return check_and_render(
        data, declared_sha256=hashlib.sha256(data).hexdigest(), declared_size=len(data), caption=caption
    )


def refused(data: bytes) -> str:
    with pytest.raises(Problem) as caught:
        render(data)
    assert caught.value.sentence
    return caught.value.code


def encoded(image: Image.Image, form: str, **options) -> bytes:
    out = BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def shown(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of two pictures per channel, 0-255, without the captioned lower edge."""
    box = (0, 0, one.width, int(one.height * 0.85))
    return max(ImageStat.Stat(ImageChops.difference(one.crop(box), other.crop(box))).mean)


def quarters(size: tuple[int, int] = (400, 300)) -> Image.Image:
    """Red, green, blue, yellow: no two turnings look the same."""
    image = Image.new("RGB", size, "red")
    width, height = size[0] // 2, size[1] // 2
    for left, top, colour in ((width, 0, "lime"), (0, height, "blue"), (width, height, "yellow")):
        image.paste(colour, (left, top, left + width, top + height))
    return image


def corners(picture: Image.Image) -> list[str]:
    names = {(1, 0, 0): "red", (0, 1, 0): "lime", (0, 0, 1): "blue", (1, 1, 0): "yellow", (1, 1, 1): "white"}
    width, height = picture.size
    spots = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.7), (0.75, 0.7)]
    pixels = [picture.getpixel((int(width * x), int(height * y))) for x, y in spots]
    return [names.get(tuple(int(value > 127) for value in pixel), str(pixel)) for pixel in pixels]


# What cameras write


@pytest.mark.parametrize(
    ("name", "kind", "width", "height", "taken_at", "lat", "lng"),
    [
        ("07", "HEIC", 1025, 900, "2021-07-06T13:08:14+00:00", 46.754703, 33.336106),
        ("08", "HEIC", 2592, 1944, "2023-04-27T16:44:18+00:00", 47.227289, 39.699992),
        ("10", "JPEG", 50, 50, None, None, None),
        ("14", "HEIC", 3024, 4032, "2018-07-31T06:52:07+00:00", None, None),
        ("15", "JPEG", 500, 667, "2006-02-14T14:00:58+00:00", None, None),
        ("16", "JPEG", 500, 667, "2026-06-20T02:00:00+00:00", 37.150893, 122.432957),
        ("17", "JPEG", 500, 667, "2026-06-20T02:05:30+00:00", 37.149034, 122.43197),
        ("18", "JPEG", 500, 667, "2026-06-20T23:02:55+00:00", 37.15323, 122.433409),
    ],
)
def test_time_place_and_turned_size_are_read_from_every_photo(name, kind, width, height, taken_at, lat, lng):
    rendered = render(photo(name))
    assert (rendered.format, rendered.width, rendered.height) == (kind, width, height)
    assert (rendered.taken_at.isoformat() if rendered.taken_at else None) == taken_at
    if lat is None:
        assert rendered.lat is rendered.lng is None
    else:
        assert (rendered.lat, rendered.lng) == pytest.approx((lat, lng), abs=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_served_pictures_are_plain_jpegs_without_any_metadata(name):
    rendered = render((PHOTOS / name).read_bytes())
    for data, side in ((rendered.display, DISPLAY_SIDE), (rendered.thumbnail, THUMBNAIL_SIDE)):
        picture = shown(data)
        picture.load()
        assert picture.format == "JPEG"
        assert picture.mode == "RGB"
        assert max(picture.size) <= side
        assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert not picture.getexif()
        for trace in (b"Exif", b"GPS", b"Apple", b"Xiaomi", b"CASIO", b"TestPhone", b"adobe", b"ICC_PROFILE", b"http"):
            assert trace not in data


@pytest.mark.parametrize("name", ["16", "17", "18"])
def test_a_photo_taken_sideways_is_shown_like_the_upright_one(name):
    upright, turned = render(photo("15")), render(photo(name))
    assert difference(shown(upright.display), shown(turned.display)) < 6
    assert difference(shown(upright.thumbnail), shown(turned.thumbnail)) < 6


def test_the_arrow_of_the_turned_heic_points_up_because_it_is_turned_once():
    picture = shown(render(photo("14")).thumbnail).convert("L")
    width, height = picture.size
    assert width < height
    dark = [(x, y) for x in range(0, width, 2) for y in range(0, int(height * 0.88)) if picture.getpixel((x, y)) < 60]
    rows = sorted({y for _, y in dark})

    def breadth(y: int) -> int:
        at = [x for x, row in dark if abs(row - y) <= 2]
        return max(at) - min(at)

    # The head: a point above, broad below it; then the narrower shaft.
    head, shoulder, foot = rows[2], rows[len(rows) // 2], rows[-3]
    assert breadth(head) < width * 0.1
    assert max(breadth(y) for y in range(shoulder - 10, shoulder + 20)) > width * 0.6
    assert breadth(foot) < width * 0.6


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_each_of_the_eight_orientations_is_applied_exactly_once(orientation, form):
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    image = quarters()
    stored = image.transpose(undo[orientation]) if orientation in undo else image
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    rendered = render(encoded(stored, form, exif=exif))
    assert (rendered.width, rendered.height) == (400, 300)
    assert shown(rendered.display).size == (400, 300)
    assert corners(shown(rendered.display)) == ["red", "lime", "blue", "yellow"]
    assert corners(shown(rendered.thumbnail)) == ["red", "lime", "blue", "yellow"]


def test_an_orientation_that_is_none_of_the_eight_turns_nothing():
    exif = Image.Exif()
    exif[Base.Orientation] = 77
    assert corners(shown(render(encoded(quarters(), "JPEG", exif=exif)).display))[0] == "red"


def with_exif(camera: dict, gps: dict | None = None) -> bytes:
    exif = Image.Exif()
    exif.get_ifd(IFD.Exif).update(camera)
    exif.get_ifd(IFD.GPSInfo).update(gps or {})
    return encoded(Image.new("RGB", (64, 64)), "JPEG", exif=exif)


@pytest.mark.parametrize(
    ("camera", "gps", "expected"),
    [
        ({Base.DateTimeOriginal: "2026:06:20 10:00:00"}, {}, "2026-06-20T02:00:00+00:00"),
        (
            {Base.DateTimeOriginal: "2026:06:20 10:00:00", Base.OffsetTimeOriginal: "-05:30"},
            {},
            "2026-06-20T15:30:00+00:00",
        ),
        ({Base.DateTimeDigitized: "2026:06:20 10:00:00"}, {}, "2026-06-20T02:00:00+00:00"),
        # The fix is four minutes old: it tells the zone, not the second.
        (
            {Base.DateTimeOriginal: "2026:06:20 10:00:00"},
            {GPS.GPSDateStamp: "2026:06:20", GPS.GPSTimeStamp: (0.0, 56.0, 0.0)},
            "2026-06-20T01:00:00+00:00",
        ),
        ({}, {GPS.GPSDateStamp: "2026:06:20", GPS.GPSTimeStamp: (2.0, 3.0, 4.0)}, "2026-06-20T02:03:04+00:00"),
        ({Base.DateTimeOriginal: "0000:00:00 00:00:00"}, {}, None),
        ({Base.DateTimeOriginal: "2026:02:30 10:00:00"}, {}, None),
        ({Base.DateTimeOriginal: "yesterday"}, {GPS.GPSDateStamp: "x", GPS.GPSTimeStamp: (99.0, 0.0, 0.0)}, None),
    ],
)
def test_a_time_is_taken_with_its_offset_else_by_gps_else_as_china_time(camera, gps, expected):
    taken_at = render(with_exif(camera, gps)).taken_at
    assert (taken_at.isoformat() if taken_at else None) == expected


@pytest.mark.parametrize(
    ("gps", "expected"),
    [
        (
            {
                GPS.GPSLatitudeRef: "S",
                GPS.GPSLatitude: (33.0, 30.0, 36.0),
                GPS.GPSLongitudeRef: "W",
                GPS.GPSLongitude: (70.0, 39.0, 0.0),
            },
            (-70.65, -33.51),
        ),
        ({GPS.GPSLatitude: (33.0, 30.0, 36.0), GPS.GPSLongitude: (70.0, 39.0, 0.0)}, (None, None)),
        (
            {
                GPS.GPSLatitudeRef: "N",
                GPS.GPSLatitude: (93.0, 0.0, 0.0),
                GPS.GPSLongitudeRef: "E",
                GPS.GPSLongitude: (122.0, 0.0, 0.0),
            },
            (None, None),
        ),
        (
            {
                GPS.GPSLatitudeRef: "N",
                GPS.GPSLatitude: (0.0, 0.0, 0.0),
                GPS.GPSLongitudeRef: "E",
                GPS.GPSLongitude: (0.0, 0.0, 0.0),
            },
            (None, None),
        ),
    ],
)
def test_a_position_has_its_hemispheres_and_one_that_cannot_be_is_none(gps, expected):
    rendered = render(with_exif({}, gps))
    assert (rendered.lng, rendered.lat) == (pytest.approx(expected[0]), pytest.approx(expected[1]))


# What is refused


def test_bytes_that_do_not_fit_the_announced_hash_or_size_are_refused():
    data = photo("15")
    digest = hashlib.sha256(data).hexdigest()
    with pytest.raises(Problem) as caught:
        check_and_render(data, declared_sha256="0" * 64, declared_size=len(data), caption=CAPTION)
    assert (caught.value.code, caught.value.status) == ("photo_hash_mismatch", 422)
    with pytest.raises(Problem) as caught:
        check_and_render(data, declared_sha256=digest, declared_size=len(data) + 1, caption=CAPTION)
    assert caught.value.code == "photo_size_mismatch"
    assert check_and_render(data, declared_sha256=digest, declared_size=None, caption=CAPTION).width == 500


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE html><html><script>alert(1)</script></html>",
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"%PDF-1.7\n1 0 obj\n",
        b"PK\x03\x04",
        b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf",
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"",
        b"\xff",
    ],
)
def test_what_is_no_photo_is_refused_by_its_bytes_whatever_its_name(data):
    assert refused(data) == "photo_type"


@pytest.mark.parametrize("form", ["GIF", "TIFF", "BMP", "AVIF", "JPEG2000"])
def test_other_picture_formats_are_refused(form):
    assert refused(encoded(quarters(), form)) == "photo_type"


def test_a_file_larger_than_the_limit_is_refused_before_anything_is_read(settings):
    assert refused(b"\xff\xd8\xff" + bytes(10 * 1024 * 1024)) == "photo_too_large"
    settings.GRIDWHISTLE = settings.GRIDWHISTLE | {"PHOTO_MAX_BYTES": 1000}
    assert refused(photo("15")) == "photo_too_large"


def png(width: int, height: int, rows: int) -> bytes:
    """An RGB PNG that claims `height` rows and holds `rows`, all black."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress((b"\0" + bytes(3 * width)) * rows)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (10_000, 10_000), (7_100, 7_100)])
def test_a_decompression_bomb_is_refused_by_its_header_alone(width, height, monkeypatch):
    def never(*_):
        raise AssertionError("decoded")

    monkeypatch.setattr(Image.Image, "load", never)
    assert refused(png(width, height, 3)) == "photo_too_many_pixels"


def test_the_number_of_pixels_is_a_setting(settings):
    settings.GRIDWHISTLE = settings.GRIDWHISTLE | {"PHOTO_MAX_PIXELS": 100_000}
    assert refused(photo("15")) == "photo_too_many_pixels"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.9, 0.99])
def test_a_truncated_photo_is_refused_wherever_it_breaks_off(name, part):
    data = (PHOTOS / name).read_bytes()
    assert refused(data[: max(int(len(data) * part), 12)]) in ("photo_damaged", "photo_type")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_photo_without_its_last_bytes_is_refused(form):
    data = encoded(quarters(), form)
    assert render(data)
    for missing in (1, 2, 3, 12, 40):
        assert refused(data[:-missing]) == "photo_damaged", missing


def test_a_progressive_photo_with_hundreds_of_scans_is_refused():
    data = encoded(quarters(), "JPEG", progressive=True)
    assert render(data)
    last = data.rindex(b"\xff\xda")
    assert refused(data[:last] + data[last:-2] * 100 + data[-2:]) == "photo_damaged"


def test_a_heic_whose_boxes_understate_its_size_is_refused():
    data = photo("08")
    true, false = struct.pack(">II", 2592, 1944), struct.pack(">II", 64, 48)
    assert true in data
    assert refused(data.replace(true, false)) == "photo_damaged"


# What is taken all the same


def test_a_polyglot_is_taken_as_a_picture_and_its_other_half_never_goes_out():
    script = b"<script>alert(1)</script>"
    data = encoded(quarters(), "JPEG", comment=script) + b"PK\x03\x04" + script
    rendered = render(data)
    assert b"script" not in rendered.display + rendered.thumbnail
    assert corners(shown(rendered.display)) == ["red", "lime", "blue", "yellow"]


def test_a_cmyk_jpeg_keeps_its_colours():
    data = encoded(quarters().convert("CMYK"), "JPEG", quality=95)
    assert corners(shown(render(data).display)) == ["red", "lime", "blue", "yellow"]


def test_palette_grey_and_transparent_pngs_become_rgb_on_white():
    assert corners(shown(render(encoded(quarters().quantize(8), "PNG")).display)) == ["red", "lime", "blue", "yellow"]
    see_through = quarters().convert("RGBA")
    see_through.paste((0, 0, 0, 0), (0, 0, 200, 150))
    expected = ["white", "lime", "blue", "yellow"]
    assert corners(shown(render(encoded(see_through, "PNG")).display)) == expected
    assert corners(shown(render(encoded(see_through, "WEBP", lossless=True)).display)) == expected
    palette = quarters().quantize(8)
    assert corners(shown(render(encoded(palette, "PNG", transparency=palette.getpixel((5, 5)))).display)) == expected
    for mode in ("L", "1", "LA"):
        assert shown(render(encoded(quarters().convert(mode), "PNG")).display).mode == "RGB"


def test_a_sixteen_bit_png_is_scaled_and_not_clipped():
    grey = Image.new("I;16", (200, 200), 128 * 256)
    value = shown(render(encoded(grey, "PNG")).thumbnail).getpixel((100, 50))
    assert value == pytest.approx((128, 128, 128), abs=2)


def test_of_an_animation_the_first_picture_counts():
    second = Image.new("RGB", (400, 300), "white")
    for form in ("WEBP", "PNG"):
        data = encoded(quarters(), form, save_all=True, append_images=[second], duration=100)
        assert corners(shown(render(data).display)) == ["red", "lime", "blue", "yellow"]


def test_another_colour_space_is_brought_to_srgb_and_a_broken_profile_is_passed_over():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    data = encoded(quarters(), "JPEG", icc_profile=lab)
    assert corners(shown(render(data).display)) == ["red", "lime", "blue", "yellow"]
    assert corners(shown(render(encoded(quarters(), "JPEG", icc_profile=b"no profile")).display))[0] == "red"
    srgb = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # Exchange the red and blue primaries: under this profile red pixels mean blue.
    red, blue = srgb.index(b"rXYZ"), srgb.index(b"bXYZ")
    srgb[red : red + 4], srgb[blue : blue + 4] = b"bXYZ", b"rXYZ"
    swapped = bytes(srgb).replace("sRGB".encode("utf-16-be"), "other"[:4].encode("utf-16-be")).replace(b"sRGB", b"othr")
    assert corners(shown(render(encoded(quarters(), "JPEG", icc_profile=swapped)).display))[:3:2] == ["blue", "red"]


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (8000, 20), (130, 125), (1600, 1200), (5000, 3000)])
def test_every_shape_is_rendered_within_the_limits_and_never_enlarged(size):
    rendered = render(encoded(Image.new("RGB", size, "gray"), "JPEG"))
    assert (rendered.width, rendered.height) == size
    display, thumbnail = shown(rendered.display), shown(rendered.thumbnail)
    assert max(display.size) == min(max(size), DISPLAY_SIDE)
    assert max(thumbnail.size) == min(max(size), THUMBNAIL_SIDE)


# The watermark


def test_the_caption_is_written_on_the_display_and_not_on_the_thumbnail():
    grey = encoded(Image.new("RGB", (800, 600), (128, 128, 128)), "JPEG")
    rendered = render(grey)
    display, thumbnail = shown(rendered.display).convert("L"), shown(rendered.thumbnail).convert("L")
    low, high = display.crop((0, 540, 800, 600)).getextrema()
    assert low < 70
    assert high > 230
    assert display.crop((0, 0, 800, 500)).getextrema() == pytest.approx((128, 128), abs=2)
    assert thumbnail.getextrema() == pytest.approx((128, 128), abs=2)
    other = render(grey, Caption(NOON, "竹岛街道", CAPTION.number))
    assert (
        difference(shown(other.display).crop((0, 540, 800, 600)), shown(rendered.display).crop((0, 540, 800, 600)))
        > 0.2
    )


@pytest.mark.parametrize(
    "text",
    ["", "\U0001f600\U0001f3ff 𠀀𪚥 ཧྲཱི", "長" * 5000, "a\n\r\t\0b\u202e\u200b", "العربية", "\ud800", "%s {0} <b>"],
)
def test_text_the_font_does_not_know_never_breaks_a_photo(text):
    assert shown(render(photo("15"), Caption(NOON, text, text)).display).size == (500, 667)


def test_the_font_has_the_characters_of_chinese_place_names():
    font = font_of(20)
    missing = bytes(font.getmask("\ue000"))
    for character in "威海市荣成崖头竹岛皇冠街道社区网格台上塂旸桲濛碃演示年月日号：，（）0123456789":
        assert bytes(font.getmask(character)) != missing, character
    assert bytes(font.getmask("\ue001")) == missing


# Robustness


@given(
    st.binary(max_size=4000), st.sampled_from([b"", b"\xff\xd8\xff\xe1", b"\x89PNG\r\n\x1a\n", b"RIFF\x10\0\0\0WEBP"])
)
@hypothesis_settings(max_examples=80)
def test_random_bytes_are_refused_and_never_break_anything(data, start):
    with pytest.raises(Problem):
        render(start + data)


@given(st.data())
@hypothesis_settings(max_examples=80)
def test_a_photo_with_changed_bytes_is_rendered_or_refused_and_never_breaks_anything(data):
    original = bytearray(SMALL[data.draw(st.sampled_from(sorted(SMALL)))])
    for _ in range(data.draw(st.integers(1, 8))):
        original[data.draw(st.integers(0, len(original) - 1))] = data.draw(st.integers(0, 255))
    try:
        rendered = render(bytes(original))
    except Problem as refusal:
        assert refusal.code in ("photo_type", "photo_damaged", "photo_too_many_pixels")  # noqa: PT017
    else:
        assert shown(rendered.display).format == "JPEG"


def small_samples() -> dict[str, bytes]:
    jpeg = sample_photo(3, taken_at=NOON, lng=122.4, lat=37.1, size=(160, 120))
    image, exif = Image.open(BytesIO(jpeg)), Image.open(BytesIO(jpeg)).getexif()
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return {
        "jpeg": jpeg,
        "head": jpeg[:600] + encoded(image.resize((8, 8)), "JPEG")[2:],
        "png": encoded(image, "PNG", exif=exif, icc_profile=icc),
        "webp": encoded(image, "WEBP", exif=exif),
        "heic": encoded(image, "HEIF", exif=exif),
    }


SMALL = small_samples()


def test_photos_are_rendered_alike_in_many_threads_at_once():
    data = photo("16")
    alone = render(data)
    with ThreadPoolExecutor(8) as pool:
        assert all(rendered == alone for rendered in pool.map(render, [data] * 24))


# The demonstration's photos


def test_a_sample_photo_tells_its_time_and_place_and_differs_by_seed():
    one = sample_photo(1, kind="before", taken_at=NOON, lng=122.432957, lat=-37.150893)
    rendered = render(one)
    assert rendered.taken_at == NOON
    assert (rendered.lng, rendered.lat) == pytest.approx((122.432957, -37.150893), abs=1e-6)
    assert (rendered.width, rendered.height) == (1600, 1200)
    assert 30_000 < len(one) < 300_000
    assert sample_photo(1, kind="before", taken_at=NOON, lng=122.432957, lat=-37.150893) == one
    two = sample_photo(2, kind="before", taken_at=NOON, lng=122.432957, lat=-37.150893)
    assert difference(shown(render(two).display), shown(rendered.display)) > 5
    assert re.match(rb"\xff\xd8\xff", one)
