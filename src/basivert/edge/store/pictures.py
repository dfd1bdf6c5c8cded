"""A photograph made anew from its pixels: upright, in sRGB, without place and device."""

from __future__ import annotations

import io
import warnings
from typing import Any

from basivert.errors import RecordError

# A telephone's largest is about 50 million; a small file can claim far more.
MOST_PIXELS = 64_000_000
QUALITY = 92
_FORMATS = {"JPEG": "JPEG", "MPO": "JPEG", "PNG": "PNG", "WEBP": "WEBP"}
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


class PictureError(RecordError):
    """A picture that cannot be kept. why: none, heic, kind, damaged, large."""

    def __init__(self, why: str, what: str, *, fix: str = "") -> None:
        """`why` is for words in the patient's language."""
        super().__init__(what, fix=fix)
        self.why = why


def is_heic(content: bytes) -> bool:
    """Whether a telephone wrote it in its own format."""
    return content[4:8] == b"ftyp" and content[8:12] in _HEIC


def cleaned(content: bytes) -> bytes:
    """The same picture, encoded anew: no EXIF, no place, no comment, no second picture in it.

    It is turned upright first, and its colours are brought to sRGB, since redness counts.

    Raises: PictureError for another format, a damaged picture, or one with too many pixels.
    """
    from PIL import Image, UnidentifiedImageError

    if is_heic(content):
        raise PictureError(
            "heic", "This is HEIC, which only some telephones can show.", fix="Send it as JPEG."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP"))
        with opened as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise _large()
            return _encoded(picture, _FORMATS[str(picture.format)])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as cause:
        raise _large() from cause
    except UnidentifiedImageError as cause:
        raise PictureError(
            "kind", "This is no picture that can be kept.", fix="Send JPEG, PNG or WebP."
        ) from cause
    except (OSError, SyntaxError, ValueError, EOFError) as cause:
        if isinstance(cause, PictureError):
            raise
        raise PictureError(
            "damaged", "The picture is damaged.", fix="Take it once more, then send it."
        ) from cause


def _encoded(picture: Any, form: str) -> bytes:
    from PIL import Image, ImageOps

    upright = ImageOps.exif_transpose(picture)
    # On white: a transparent screenshot would turn black.
    if "A" in upright.getbands() or "transparency" in upright.info:
        ground = Image.new("RGBA", upright.size, "white")
        seen = Image.alpha_composite(ground, upright.convert("RGBA")).convert("RGB")
    else:
        seen = _in_srgb(upright)
    # A new picture takes the pixels along and nothing else.
    plain = Image.new("RGB", seen.size)
    plain.paste(seen)
    out = io.BytesIO()
    plain.save(out, form, **({} if form == "PNG" else {"quality": QUALITY}))
    return out.getvalue()


def _in_srgb(picture: Any) -> Any:
    from PIL import ImageCms

    profile = picture.info.get("icc_profile")
    if profile and picture.mode in ("RGB", "L", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(
                picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError):
            # A profile that cannot be read: the colours are taken as they stand.
            pass
    return picture.convert("RGB")


def _large() -> PictureError:
    return PictureError(
        "large", f"The picture has more than {MOST_PIXELS // 1_000_000} million pixels.",
        fix="Send a smaller one.",
    )  # fmt: skip
