"""From the bytes of a file to a picture: images of the usual kinds, and pages of a PDF.

The content decides what a file is, never its name. Size is read from the header before anything is
decoded, so that a small file cannot unfold into a huge picture. Nothing is written anywhere.
"""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
import pi_heif
import pypdfium2 as pdfium
from numpy.typing import NDArray
from PIL import Image, ImageOps

from ecgkit.errors import PageError

Picture = NDArray[np.uint8]

MIN_PIXELS, MAX_PIXELS = 100_000, 60_000_000
"""Fewer hold no readable ECG of twelve leads; more is no photo."""
MIN_SIDE, MAX_SIDE = 150, 30_000
MAX_PAGES = 500

_FORMATS = ("JPEG", "PNG", "BMP", "TIFF", "WEBP", "HEIF")
_KINDS = "JPEG, PNG, BMP, TIFF, WebP, HEIC and PDF"
_REMEDY = f"{_KINDS} files can be opened."
_PDF_HEAD = 1024
_PDF_PX_PER_POINT = 200 / 72  # 200 dpi: 7.9 px/mm
_PDF_PIXELS = 12_000_000
_pdf_lock = threading.Lock()  # PDFium must not be used by two threads at once

pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)


@dataclass(frozen=True, eq=False)
class Photo:
    """A picture as it came in, upright as its file says.

    Attributes
    ----------
    picture
        uint8, shape (height, width, 3), RGB.
    name
        What to call it.
    kind
        ``"JPEG"``, ``"PNG"``, ``"BMP"``, ``"TIFF"``, ``"WebP"``, ``"HEIC"`` or ``"PDF"``.
    page, pages
        Which page this is, from 0, and how many the file has.
    """

    picture: Picture
    name: str
    kind: str
    page: int = 0
    pages: int = 1


def open_photo(content: bytes, name: str, *, page: int = 0) -> Photo:
    """Open a picture or a page of a document.

    Parameters
    ----------
    content
        The file.
    name
        What to call it in messages; its ending is not looked at.
    page
        Of a PDF or a TIFF of several pages, from 0.

    Raises
    ------
    PageError
        Of stage ``"open"``: where the content is of no known kind, damaged, protected by a
        password, too small or too large, or has no such page.
    """
    if not content:
        raise PageError("is empty", stage="open", where=name, remedy=_REMEDY)
    if b"%PDF-" in content[:_PDF_HEAD]:
        with _pdf_lock:
            return _open_pdf(content, name, page)
    return _open_image(content, name, page)


def as_picture(image: Image.Image | NDArray[Any], name: str = "The picture") -> Picture:
    """Return a picture that is held in memory as the reader takes it: RGB on white.

    Parameters
    ----------
    image
        A PIL image of any mode, or an array of shape (height, width) in grey, or (height, width,
        channels) with 1 channel (grey), 2 (grey and alpha), 3 (RGB) or 4 (RGB and alpha). Whole
        numbers are 0 to 255, or to 65535 in uint16; bool is black and white; floating-point values
        are 0 to 1, or to 255 where one is above 1.
    name
        What to call it in messages.

    Returns
    -------
    ndarray
        uint8, shape (height, width, 3). It may share memory with an array that is so already.

    Raises
    ------
    PageError
        Of stage ``"open"``: where it is nothing of this kind, holds values outside the range, or is
        too small or too large.
    """
    if isinstance(image, Image.Image):
        _check_size(*image.size, name)
        try:
            return _rgb(ImageOps.exif_transpose(image))
        except Exception as error:  # an image that PIL opened is decoded only now, and may be cut
            raise _no_picture("cannot be decoded", name) from error
    if not isinstance(image, np.ndarray):
        raise _no_picture(f"is a {type(image).__name__}", name)
    shape = image.shape
    if image.ndim not in (2, 3) or (image.ndim == 3 and not 1 <= shape[2] <= 4) or not image.size:
        raise _no_picture(f"has the shape {shape}", name)
    _check_size(shape[1], shape[0], name)
    values = _in_8_bits(image, name).reshape(*shape[:2], -1)
    if values.shape[2] in (2, 4):
        # On white: what is transparent shows the paper.
        alpha = values[..., -1:] / 255
        values = np.rint(values[..., :-1] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    return np.repeat(values, 3, axis=2) if values.shape[2] == 1 else values


def _in_8_bits(values: NDArray[Any], name: str) -> Picture:
    """Return an array's values as 0 to 255."""
    kind = values.dtype.kind
    if values.dtype == np.uint8:
        return values
    if kind not in "buif":
        raise _no_picture(f"holds values of type {values.dtype}", name)
    low, high = float(values.min()), float(values.max())
    top = 65535.0 if values.dtype == np.uint16 else 255.0
    if kind == "b" or (kind == "f" and high <= 1):
        top = 1.0
    if not (low >= 0 and high <= top):  # NaN fails too
        raise _no_picture(f"holds values from {low:g} to {high:g}", name)
    return np.rint(values.astype(np.float64) * (255 / top)).astype(np.uint8)


def _no_picture(problem: str, name: str) -> PageError:
    return PageError(
        problem,
        stage="open",
        where=name,
        remedy="Give a PIL image, or an array (height, width) or (height, width, 1 to 4 channels) "
        "of 0 to 255, 0 to 1 in floating point, or 0 to 65535 in uint16.",
    )


def _open_image(content: bytes, name: str, page: int) -> Photo:
    try:
        image = Image.open(io.BytesIO(content), formats=_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large("more than 89 megapixels", name) from error
    except Exception as error:  # hostile headers raise nearly anything, struct.error to KeyError
        raise PageError(
            "is no picture of a known kind", stage="open", where=name, remedy=_REMEDY
        ) from error
    with image:
        kind = {"MPO": "JPEG", "WEBP": "WebP", "HEIF": "HEIC"}.get(
            image.format or "", image.format or ""
        )
        try:
            pages = min(int(getattr(image, "n_frames", 1)), MAX_PAGES) if kind == "TIFF" else 1
            _check_page(page, pages, name)
            if page:
                image.seek(page)
            _check_size(*image.size, name)
            picture = _rgb(ImageOps.exif_transpose(image))
        except PageError:
            raise
        except Exception as error:  # as above: decoders of damaged files raise nearly anything
            raise PageError(
                f"is a damaged {kind} file",
                stage="open",
                where=name,
                remedy="Export or photograph the page again.",
            ) from error
    return Photo(picture, name, kind, page, pages)


def _open_pdf(content: bytes, name: str, page: int) -> Photo:
    document = None
    try:
        document = pdfium.PdfDocument(content)
        pages = min(len(document), MAX_PAGES)
        _check_page(page, pages, name)
        sheet = document[page]
        width, height = sheet.get_size()
        _check_shape(width, height, name)
        scale = min(_PDF_PX_PER_POINT, float(np.sqrt(_PDF_PIXELS / (width * height))))
        _check_size(round(width * scale), round(height * scale), name)
        bitmap = sheet.render(scale=scale, rev_byteorder=True)
        picture = _rgb(bitmap.to_pil())
        bitmap.close()
        sheet.close()
    except pdfium.PdfiumError as error:
        secret = "password" in str(error).lower()
        raise PageError(
            "is protected by a password" if secret else "is a damaged PDF file",
            stage="open",
            where=name,
            remedy="Save it without a password."
            if secret
            else "Export it again, or send a picture of the page.",
        ) from error
    finally:
        if document is not None:
            document.close()
    return Photo(picture, name, "PDF", page, pages)


def _rgb(image: Image.Image) -> Picture:
    """Return the picture as RGB of 8 bits on white, whatever its mode."""
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        values = np.asarray(image, dtype=np.float32)
        top = float(np.nanmax(values))
        full = next((whole for whole in (1.0, 255.0, 65535.0) if top <= whole), top)
        if full == 1.0 and image.mode != "F":
            full = 255.0
        grey = np.clip(np.nan_to_num(values) * (255 / full), 0, 255).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=2)
    if "A" in image.mode.replace("LAB", "") or "a" in image.mode or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(white, image)
    return np.array(image.convert("RGB"), dtype=np.uint8)


def _check_page(page: int, pages: int, name: str) -> None:
    if not 0 <= page < pages:
        number = "1 page" if pages == 1 else f"{pages} pages"
        raise PageError(
            f"has {number}, and none with the number {page + 1}",
            stage="open",
            where=name,
            remedy="Choose another page.",
            asks={"page"},
        )


def _check_shape(width: float, height: float, name: str) -> None:
    if not (width > 0 and height > 0 and max(width, height) <= 40 * min(width, height)):
        raise PageError(
            "has a page without a usable size", stage="open", where=name, remedy=_REMEDY
        )


def _check_size(width: int, height: int, name: str) -> None:
    """Refuse a size from the header, before anything is decoded."""
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise _too_large(f"{width} x {height} px", name)
    if width * height < MIN_PIXELS or min(width, height) < MIN_SIDE:
        raise PageError(
            f"has only {width} x {height} px",
            stage="open",
            where=name,
            remedy="A page needs about 600 px or more along its longer side; 1200 read better.",
        )


def _too_large(size: str, name: str) -> PageError:
    return PageError(
        f"has {size}",
        stage="open",
        where=name,
        remedy=f"At most {MAX_PIXELS / 1e6:.0f} megapixels are read; make it smaller.",
    )
