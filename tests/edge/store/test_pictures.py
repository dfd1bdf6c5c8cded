"""A photograph keeps its pixels, upright, and nothing that says where or with what."""

import io
import struct
import zlib

import pytest
from PIL import ExifTags, Image, ImageCms

from basivert.edge.store.pictures import PictureError, cleaned
from tests.edge.store.pictured import pictured

PLACE = b"EXIF-GPS-PLACE"


def with_place(orientation):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = PLACE.decode()
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", (41.0, 53.0, 9.5)
    return exif


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "PNG"])
def test_place_and_device_are_gone_and_the_picture_stands_upright(form):
    sent = pictured(form, (64, 32), exif=with_place(6))
    with Image.open(io.BytesIO(sent)) as before:
        assert dict(before.getexif().get_ifd(ExifTags.IFD.GPSInfo))
    made = cleaned(sent)
    assert PLACE in sent and PLACE not in made and b"Exif" not in made
    with Image.open(io.BytesIO(made)) as after:
        assert (after.format, after.size, dict(after.getexif())) == (form, (32, 64), {})
        # Turned by a quarter to the right: what was left is above.
        red, blue = after.convert("RGB").getpixel((16, 8)), after.convert("RGB").getpixel((16, 56))
    assert red[0] > 200 > 60 > red[2] and blue[2] > 200 > 60 > blue[0]


def test_colours_of_another_space_are_brought_to_srgb():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    made = cleaned(pictured("PNG", icc_profile=profile))
    with Image.open(io.BytesIO(made)) as after:
        assert after.getpixel((0, 0)) == (255, 0, 0) and "icc_profile" not in after.info


def test_what_is_clear_becomes_white():
    out = io.BytesIO()
    Image.new("RGBA", (2, 2), (0, 0, 0, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(cleaned(out.getvalue()))) as after:
        assert after.getpixel((0, 0)) == (255, 255, 255)


def claimed(width, height):
    """A PNG of few bytes that claims a size."""

    def chunk(name, body):
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"0")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (claimed(9_000, 9_000), "large"), (claimed(10_000, 10_000), "large"),
        (claimed(60_000, 60_000), "large"), (pictured()[:-40], "damaged"),
        (b"<svg>", "kind"), (b"\x89PNG\r\n\x1a\n" + b"0" * 50, "damaged"),
        (pictured("GIF"), "kind"),
        (b"\0\0\0\x18ftypheic" + b"0" * 50, "heic"), (claimed(9, 9), "damaged"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_says_why(content, why):
    with pytest.raises(PictureError) as problem:
        cleaned(content)
    assert problem.value.why == why, problem.value
