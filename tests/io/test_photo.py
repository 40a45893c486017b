import base64
import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from ecgkit.errors import PageError
from ecgkit.io.photo import MAX_PIXELS, as_picture, open_photo

# 600 x 400 px, white, with a red corner of 150 x 100 px
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAVdtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAA"
    "AAAAAAAAACJpbG9jAAAAAERAAAEAAQAAAAABewABAAAAAAAAAN0AAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABo"
    "dmMxAAAAAA5waXRtAAAAAAABAAAA12lwcnAAAAC4aXBjbwAAAHlodmNDAQNwAAAAkAAAAAAAP/AA/P34+AAADwNgAAEA"
    "GEABDAH//wNwAAADAJAAAAMAAAMAP7oCQGEAAQAsQgEBA3AAAAMAkAAAAwAAAwA/oASyAZFlupJKa5uAhoMCAAADADIA"
    "AAMAAhBiAAEAB0QBwXKwYkAAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAACWAAAAZAAAAAQcGl4aQAAAAAD"
    "CAgIAAAAF2lwbWEAAAAAAAAAAQABBIECAwQAAADlbWRhdAAAANkoAa8ZOeE8IkB46Pd8hTf/9/jH/X2r/ikFeKz/LFNj"
    "53umPenperD8yuGugyQ7KGQZ3JsStZ9Yb8XhV5c+RBKpDoCcg1BNkIAAAAMABGym7d+0PU+MWxwLG6r5L0XEzlKqe5FL"
    "xg2xC04HzlIFJo20i+eM+yWZZujT7CCaQC7hBETsAAADAAADAAZkyUDfIuAAAAMAAAMAAAMAAErAhwAAAwAAAwAAAwAA"
    "AwAAjoAAAAMAAAMAAAMAAAMAAG3AAAADAAADAAADAAADAAs4AAADAAADAAADAATk"
)


def sample(mode="RGB", size=(600, 400)):
    """White, with a red corner on the upper left."""
    values = np.full((size[1], size[0], 3), 255, np.uint8)
    values[: size[1] // 4, : size[0] // 4] = (200, 30, 30)
    image = Image.fromarray(values)
    return image.quantize() if mode == "P" else image.convert(mode)


def saved(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def is_sample(picture, spread=25):
    height, width = picture.shape[:2]
    corner = picture[height // 8, width // 8].astype(int)
    return np.abs(corner - (200, 30, 30)).max() <= spread and picture[-20, -20].min() > 240


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "TIFF", "WEBP"])
def test_the_content_decides_not_the_name(kind):
    photo = open_photo(saved(sample(), kind), "page.txt")
    assert photo.kind.upper() == kind
    assert photo.picture.shape == (400, 600, 3)
    assert photo.picture.dtype == np.uint8
    assert is_sample(photo.picture)


def test_heic():
    photo = open_photo(HEIC, "IMG_0001.HEIC")
    assert photo.kind == "HEIC"
    assert is_sample(photo.picture)


def test_pdf_page_by_page():
    white = Image.new("RGB", (842, 595), "white")
    content = saved(white, "PDF", save_all=True, append_images=[sample(size=(842, 595))])
    first, second = open_photo(content, "a.pdf"), open_photo(content, "a.pdf", page=1)
    assert (first.kind, first.pages, second.page) == ("PDF", 2, 1)
    assert first.picture.min() == 255
    assert is_sample(second.picture)
    assert second.picture.shape[1] / second.picture.shape[0] == pytest.approx(842 / 595, abs=0.01)
    with pytest.raises(PageError, match="2 pages") as caught:
        open_photo(content, "a.pdf", page=2)
    assert caught.value.asks == {"page"}


def test_exif_rotation_is_obeyed():
    exif = Image.Exif()
    exif[274] = 6  # the upper left corner of what is stored belongs on the upper right
    photo = open_photo(saved(sample(), "JPEG", exif=exif), "turned.jpg")
    assert photo.picture.shape == (600, 400, 3)
    assert is_sample(np.ascontiguousarray(np.rot90(photo.picture)))


@pytest.mark.parametrize("mode", ["P", "RGBA", "CMYK"])
def test_colours_survive_every_mode(mode):
    kind = "TIFF" if mode == "CMYK" else "PNG"
    assert is_sample(open_photo(saved(sample(mode), kind), "x").picture)


def test_what_is_transparent_is_paper():
    image = Image.new("RGBA", (600, 400), (0, 0, 0, 0))
    assert open_photo(saved(image, "PNG"), "x").picture.min() == 255


@pytest.mark.parametrize("mode", ["1", "L", "LA"])
def test_grey_modes(mode):
    picture = open_photo(saved(sample(mode), "PNG"), "x").picture
    assert picture[-20, -20].tolist() == [255, 255, 255]


def test_sixteen_bits():
    values = np.full((400, 600), 65535, np.uint16)
    values[:100] = 65535 // 2
    picture = open_photo(saved(Image.fromarray(values), "PNG"), "x").picture
    assert picture[50, 50, 0] == pytest.approx(127, abs=1)
    assert picture[300, 50, 0] == 255


def png_header(width, height):
    """A PNG that claims a size and holds nothing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(name, data):
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("size", [(8000, 8000), (30001, 200), (12000, 12000), (60000, 60000)])
def test_bombs_are_refused_by_their_header(size):
    assert size[0] * size[1] > MAX_PIXELS or max(size) > 30_000
    with pytest.raises(PageError, match="megapixels") as caught:
        open_photo(png_header(*size), "bomb.png")
    assert caught.value.stage == "open"


@pytest.mark.parametrize("size", [(200, 200), (3000, 100)])
def test_too_small(size):
    with pytest.raises(PageError, match="only"):
        open_photo(saved(sample(size=size), "PNG"), "small.png")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"%PDF-1.7\nnothing",
        b"\x89PNG\r\n\x1a\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        saved(sample(), "JPEG")[:1500],
        saved(sample(), "PNG")[:200],
        saved(sample(), "GIF"),
        HEIC[:450],
        png_header(800, 600),
    ],
    ids=["empty", "text", "pdf", "png", "svg", "jpeg", "cut", "gif", "heic", "no-data"],
)
def test_anything_else_is_refused_plainly(content):
    with pytest.raises(PageError) as caught:
        open_photo(content, "mine.png")
    assert str(caught.value).startswith("mine.png: ")
    assert caught.value.remedy


RGB = np.random.default_rng(0).integers(0, 256, (300, 400, 3)).astype(np.uint8)
GREY = RGB[..., 0]
AS_RGB = np.repeat(GREY[..., None], 3, axis=2)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (RGB, RGB),
        (RGB[::-1, :, ::-1], RGB[::-1, :, ::-1]),
        (RGB.astype(np.int64), RGB),
        (RGB / 255, RGB),
        ((RGB / 255).astype(np.float32), RGB),
        (RGB.astype(np.float64), RGB),
        (RGB.astype(np.uint16) * 257, RGB),
        (GREY, AS_RGB),
        (GREY[..., None], AS_RGB),
        (GREY > 127, 255 * (AS_RGB > 127)),
        (np.dstack([RGB, np.full_like(GREY, 255)]), RGB),
        (np.dstack([RGB, np.zeros_like(GREY)]), np.full_like(RGB, 255)),
        (np.dstack([GREY, np.full_like(GREY, 255)]), AS_RGB),
        (np.dstack([RGB / 255, np.ones(GREY.shape)]), RGB),
        (Image.fromarray(RGB), RGB),
        (Image.fromarray(GREY), AS_RGB),
        (Image.fromarray(GREY).convert("F"), AS_RGB),
        (Image.fromarray(GREY.astype(np.uint16) * 257), AS_RGB),
        (Image.fromarray(np.dstack([RGB, np.zeros_like(GREY)])), np.full_like(RGB, 255)),
        (Image.fromarray(GREY > 127), 255 * (AS_RGB > 127)),
    ],
)
def test_pictures_in_memory_become_rgb(image, expected):
    found = as_picture(image)
    assert found.dtype == np.uint8
    assert np.abs(found.astype(int) - expected.astype(int)).max() <= 1


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (None, "is a NoneType"),
        ("page.png", "is a str"),
        (RGB.transpose(2, 0, 1), r"has the shape \(3, 300, 400\)"),
        (RGB[None], r"has the shape \(1, 300, 400, 3\)"),
        (RGB[:0], r"has the shape \(0, 400, 3\)"),
        (RGB.astype(np.int64) - 10, "values from -10"),
        (RGB.astype(np.int64) * 4, "to 1020"),
        (RGB / 255 - 0.5, "values from -0.5"),
        (RGB.astype(float) * np.nan, "values from nan"),
        (RGB.astype(complex), "complex128"),
        (RGB.astype(str), "values of type <U"),
        (RGB[:100, :100], "only 100 x 100 px"),
        (np.broadcast_to(np.uint8(0), (10_000, 10_000)), "10000 x 10000 px"),
        (Image.new("L", (10, 10)), "only 10 x 10 px"),
    ],
)
def test_other_things_are_refused_in_one_sentence(image, words):
    with pytest.raises(PageError, match=words) as caught:
        as_picture(image)
    assert caught.value.stage == "open"
    assert caught.value.remedy


def test_a_pil_image_of_a_cut_file_is_refused_in_words():
    stream = io.BytesIO()
    Image.fromarray(RGB).save(stream, "PNG")
    image = Image.open(io.BytesIO(stream.getvalue()[:5000]))
    with pytest.raises(PageError, match="cannot be decoded"):
        as_picture(image)
