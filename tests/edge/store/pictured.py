"""Small pictures as a telephone writes them."""

import io

from PIL import Image

from basivert.edge.store.pictures import cleaned


def pictured(form="JPEG", size=(6, 4), **more):
    """Left half red, right half blue."""
    picture = Image.new("RGB", size, "blue")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    picture.save(out, form, **more)
    return out.getvalue()


def grey():
    """A JPEG that comes out of encoding as it went in: no detail to lose."""
    out = io.BytesIO()
    Image.new("RGB", (64, 64), (128, 128, 128)).save(out, "JPEG", quality=92)
    return cleaned(out.getvalue())
