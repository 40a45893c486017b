"""The leads of an ECG: their names, their order, and the algebra of the six limb leads.

The limb leads are combinations of two: Einthoven's triangle gives III = II - I, and Goldberger's
augmented leads are aVR = -(I + II) / 2, aVL = I - II / 2 and aVF = II - I / 2. Any two of the six
therefore give the other four.

References
----------
.. [1] W. Einthoven, G. Fahr and A. de Waart, "Über die Richtung und die manifeste Grösse der
   Potentialschwankungen im menschlichen Herzen", Pflügers Arch. 150 (1913) 275-315.
.. [2] E. Goldberger, "A simple, indifferent, electrocardiographic electrode of zero potential and
   a technique of obtaining augmented, unipolar, extremity leads", Am. Heart J. 23 (1942) 483-492.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

STANDARD_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
LIMB_LEADS = STANDARD_LEADS[:6]
CHEST_LEADS = STANDARD_LEADS[6:]
CABRERA = ("aVL", "I", "-aVR", "II", "aVF", "III")
"""The limb leads from left to right around the heart; aVR upside down."""
FROM_I_AND_II: dict[str, tuple[float, float]] = {
    "I": (1, 0),
    "II": (0, 1),
    "III": (-1, 1),
    "aVR": (-0.5, -0.5),
    "aVL": (1, -0.5),
    "aVF": (-0.5, 1),
}
"""Limb lead -> how much of I and of II it is."""
LIMB_LEAD_LAWS: dict[str, dict[str, float]] = {
    "II = I + III": {"II": 1, "I": -1, "III": -1},
    "aVR = -(I + II) / 2": {"aVR": 1, "I": 0.5, "II": 0.5},
    "aVL = (I - III) / 2": {"aVL": 1, "I": -0.5, "III": 0.5},
    "aVF = (II + III) / 2": {"aVF": 1, "II": -0.5, "III": -0.5},
}
"""Einthoven's law and Goldberger's leads: factors whose weighted sum of leads is zero."""

Samples = NDArray[np.floating]

_BY_LOWER_CASE = {lead.lower(): lead for lead in STANDARD_LEADS}
_MATRIX = np.array([FROM_I_AND_II[lead] for lead in LIMB_LEADS])


def standard_lead_name(name: str) -> str:
    """Return the standard spelling of a lead's name (``"avr"`` gives ``"aVR"``).

    Any case, a «Lead» or «ECG» before it and spaces around it are accepted. A minus before the name
    says that the lead is upside down, as aVR is in Cabrera's order, and stays (``"-aVR"``). Names
    that are not one of the twelve standard leads come back as they stand, stripped.
    """
    text = " ".join(name.split())
    bare, sign = text.lower(), ""
    if bare.startswith(("-", "\N{MINUS SIGN}")):
        bare, sign = bare[1:].strip(), "-"
    for prefix in ("lead", "ecg"):
        if bare.startswith(prefix):
            bare = bare[len(prefix) :]
    lead = _BY_LOWER_CASE.get(bare.strip(" _-:."))
    return text if lead is None else sign + lead


def unsigned(label: str) -> tuple[str, bool]:
    """Return the lead that a label names and whether it is upside down (``"-aVR"``: aVR, True)."""
    lead = label.removeprefix("-")
    return lead, lead != label


def with_upright_leads(known: Mapping[str, Samples]) -> dict[str, Samples]:
    """Return the leads, and of one that is there upside down only (``-aVR``) the upright one."""
    turned = {unsigned(lead)[0]: -row for lead, row in known.items() if unsigned(lead)[1]}
    return {**turned, **known}


def limb_lead(lead: str, known: Mapping[str, Samples]) -> Samples | None:
    """Return a limb lead, worked out from two others if need be; None where it does not follow.

    Parameters
    ----------
    lead
        Its standard name.
    known
        Lead -> its samples, all of one shape and unit. Others than limb leads are not looked at.

    Returns
    -------
    ndarray or None
        Of the shape of the known ones; missing (NaN) where either source is. The sources are the
        first two of the known limb leads in the standard order.
    """
    if lead not in FROM_I_AND_II:
        return None
    if lead in known:
        return known[lead]
    sources = [source for source in LIMB_LEADS if source in known][:2]
    if len(sources) < 2:
        return None
    # Two equations for I and II; the determinant is never zero, as no two limb leads are multiples
    # of each other. What is known already is taken as it is.
    (a, b), (c, d) = (FROM_I_AND_II[source] for source in sources)
    first, second = (known[source] for source in sources)
    determinant = a * d - b * c
    one = known.get("I", d / determinant * first - b / determinant * second)
    two = known.get("II", a / determinant * second - c / determinant * first)
    if lead in ("I", "II"):
        return one if lead == "I" else two
    of_one, of_two = FROM_I_AND_II[lead]
    result: Samples = of_one * one + of_two * two
    return result


def complete_limb_leads(leads: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the leads with limb leads that are nowhere seen, where two others are seen at once.

    Leads that are seen somewhere stay as they are: on a page, one that was misread would spoil the
    rest. From more than two, the least-squares solution is taken.

    Parameters
    ----------
    leads
        Shape (6 or more, samples): the limb leads in the standard order first, in one unit; NaN
        where not seen.
    """
    seen = np.isfinite(leads[:6])
    absent = ~seen.any(axis=1)
    if not absent.any() or absent.sum() > 4:
        return leads
    result = leads.copy()
    codes = (1 << np.arange(6)) @ seen
    for code in np.unique(codes):
        there = (code >> np.arange(6)) & 1 == 1
        if there.sum() >= 2:
            where = np.flatnonzero(codes == code)
            pair = np.linalg.pinv(_MATRIX[there]) @ leads[:6, where][there]
            result[np.ix_(np.flatnonzero(absent), where)] = (_MATRIX @ pair)[absent]
    return result
