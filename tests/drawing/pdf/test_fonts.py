import io
import re
import unicodedata

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.units import mm

from ecgkit.drawing.pdf.fonts import (
    BOLD,
    CHINESE,
    JAPANESE,
    KOREAN,
    PLAIN,
    fitted,
    font_runs,
    printable,
    width_of,
)
from ecgkit.drawing.pdf.layout import Area, build_pdf, one_line, paragraph


def printed(name: str) -> str:
    """Return what can be copied out of a PDF with a name on it."""
    area = Area(20, 20, 250, 20, [one_line(name, 250, 9.5, bold=True)])
    document = pypdfium2.PdfDocument(io.BytesIO(build_pdf("Names", [area], [], paragraph("."))))
    text = document[0].get_textpage().get_text_bounded()
    document.close()
    return unicodedata.normalize("NFKC", text)


@pytest.mark.parametrize(
    "name",
    ["心电图.dcm", "心電圖.dcm", "心電図テスト.dat", "심전도 검사.xml", "Кардиограмма.edf",
     "Ηλεκτροκαρδιογράφημα", "naïve café 37 µV ≤ −2", "שלום.edf", "مريض.edf", "ECG مريض.edf"],
)  # fmt: skip
def test_a_name_is_printed_as_it_is(name):
    assert name.replace("µ", "μ") in printed(name)


def test_each_script_has_its_font():
    assert font_runs("ECG 心电图") == [(PLAIN, "ECG "), (CHINESE, "心电图")]
    assert font_runs("心電図テスト") == [(JAPANESE, "心電図テスト")]
    assert font_runs("심전도", BOLD) == [(KOREAN, "심전도")]


def test_arabic_is_joined_and_runs_from_right_to_left():
    assert printable("مريض") == "\ufebe\ufef3\ufeae\ufee3"
    assert printable("שלום 12") == "12 םולש"


def test_two_names_stay_two():
    assert printable("心电图") != printable("心电圖")
    assert printable("\U0001f600") == "\\U0001f600" != printable("\U0001f601")
    assert printable("naïve café 37 µV") == "naïve café 37 µV"


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(), max_size=200))
def test_any_text_becomes_one_line_that_fits(text):
    line = printable(text)
    assert line.isprintable()
    assert not re.search(r"[\r\n\t]", line)
    assert width_of(fitted(line, 30 * mm, 8), 8) <= 30 * mm
