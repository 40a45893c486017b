"""Made-up text as it stands on ECG pages: of no real person, hospital or device."""

from __future__ import annotations

import numpy as np

_HOSPITALS = (
    "Example General Hospital",
    "Sample Valley Clinic",
    "Model County Medical Center",
    "Nowhere Heart Institute",
    "Specimen Community Hospital",
)
_STATEMENTS = (
    "Normal sinus rhythm",
    "Sinus bradycardia",
    "Sinus tachycardia",
    "Nonspecific T wave abnormality",
    "Nonspecific ST abnormality",
    "Left axis deviation",
    "Prolonged QT",
    "Possible left atrial enlargement",
    "Minimal voltage criteria for LVH",
    "Incomplete right bundle branch block",
    "Low voltage QRS",
    "Abnormal ECG",
    "Borderline ECG",
    "Otherwise normal ECG",
    "No previous ECGs available",
    "*** Poor data quality, interpretation may be adversely affected",
)


def header_text(rng: np.random.Generator) -> tuple[tuple[str, ...], ...]:
    """Return two to four blocks of lines: who, measurements, statements, where."""
    day, month, year = rng.integers(1, 29), rng.integers(1, 13), rng.integers(1998, 2026)
    date = f"{day:02d}.{month:02d}.{year}  {rng.integers(0, 24):02d}:{rng.integers(0, 60):02d}"
    person = (
        f"ID: {rng.integers(0, 10**8):08d}",
        date,
        f"{rng.integers(18, 95)} years  {rng.choice(('male', 'female'))}",
        f"Room {rng.integers(1, 480)}",
    )
    qt = rng.integers(330, 480)
    measures = (
        f"Vent. rate  {rng.integers(40, 150)}  BPM",
        f"PR interval  {rng.integers(110, 240)}  ms",
        f"QRS duration  {rng.integers(70, 170)}  ms",
        f"QT/QTc  {qt}/{qt + rng.integers(-10, 60)}  ms",
        f"P-R-T axes  {rng.integers(0, 90)}  {rng.integers(-60, 110)}  {rng.integers(-90, 120)}",
    )
    statements = tuple(
        str(line) for line in rng.choice(_STATEMENTS, int(rng.integers(1, 5)), replace=False)
    )
    place = (str(rng.choice(_HOSPITALS)), "Unconfirmed report", "Referred by: sample")
    blocks = (person, measures, statements, place)
    count = int(rng.integers(2, 5))
    kept = sorted(int(index) for index in rng.choice(4, count, replace=False))
    lines = int(rng.integers(2, 6))
    return tuple(blocks[index][:lines] for index in kept)


def footer_text(rng: np.random.Generator, speed: float, gain: float) -> str:
    """Return the line below the traces, which states the page's true speed and gain."""
    high = rng.choice(("40", "100", "150"))
    parts = [
        f"{speed:g} mm/s",
        f"{gain:g} mm/mV",
        f"{rng.choice(('0.05', '0.15', '0.67'))}-{high} Hz",
        f"AC{rng.choice(('50', '60'))}",
        f"v{rng.integers(1, 9)}.{rng.integers(0, 99):02d}",
        f"SN {rng.integers(0, 10**6):06d}",
    ]
    return str(rng.choice(("    ", "  ", "   "))).join(parts[: int(rng.integers(2, 7))])
