"""What tests of PDFs share."""

import ctypes
from collections.abc import Callable

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
import pytest

MM = 72 / 25.4


@pytest.fixture(scope="session")
def path_points() -> Callable[[pypdfium2.PdfDocument], list[np.ndarray]]:
    """Return a function that gives the points of every path in mm: x from the left, y upwards.

    A path's bounds reach beyond its line where that has corners; its points do not.
    """

    def points(document: pypdfium2.PdfDocument) -> list[np.ndarray]:
        found = []
        for part in document[0].get_objects([pdfium.FPDF_PAGEOBJ_PATH]):
            a, b, c, d, e, f = part.get_matrix().get()
            count = pdfium.FPDFPath_CountSegments(part.raw)
            ends = np.empty((count, 2))
            x, y = ctypes.c_float(), ctypes.c_float()
            for place in range(count):
                segment = pdfium.FPDFPath_GetPathSegment(part.raw, place)
                pdfium.FPDFPathSegment_GetPoint(segment, x, y)
                ends[place] = x.value, y.value
            found.append((ends @ np.array([[a, b], [c, d]]) + (e, f)) / MM)
        return found

    return points
