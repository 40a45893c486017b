"""The four rhythm classes, and the one table that brings every source's words to them.

The classes are those of the Chapman-Shaoxing study [1]_: sinus bradycardia; atrial fibrillation
and flutter; sinus and supraventricular tachycardias; sinus rhythm and sinus arrhythmia.

References
----------
.. [1] J. Zheng et al., "A 12-lead electrocardiogram database for arrhythmia research covering more
   than 10,000 patients", Scientific Data 7 (2020) 48, table 3 and "Usage Notes".
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

RHYTHMS: dict[str, str] = {
    "SB": "sinus bradycardia",
    "AFIB": "atrial fibrillation or flutter",
    "GSVT": "sinus or supraventricular tachycardia",
    "SR": "sinus rhythm",
}
"""Class -> what it means; the order of every table, curve and network output."""

SLOW, FAST = 60.0, 100.0
"""Beats a minute under which sinus rhythm is SB and over which it is GSVT (Shaoxing's limits)."""
MARGIN = 2.0
"""Sinus rhythms so near a limit, in beats a minute, are left out of training and figures."""


@dataclass(frozen=True)
class Term:
    """One rhythm, and what each source calls it.

    Attributes
    ----------
    name
        What it is.
    rhythm
        Its class; empty for rhythms outside the four, with which a recording is left out.
    rate_defined
        Whether the class follows from the rate alone (the sinus rhythms).
    snomed
        SNOMED-CT codes as PhysioNet's headers write them (CinC 2021, «ecg-arrhythmia»).
    scp
        SCP-ECG statements of PTB-XL (``scp_statements.csv``).
    ludb
        Beginnings of the texts in LUDB's columns «Rhythms» and «Cardiac pacing», lower case.
    """

    name: str
    rhythm: str
    rate_defined: bool = False
    snomed: tuple[str, ...] = ()
    scp: tuple[str, ...] = ()
    ludb: tuple[str, ...] = ()


TERMS: tuple[Term, ...] = (
    Term("sinus bradycardia", "SB", True, ("426177001",), ("SBRAD",), ("sinus bradycardia",)),
    Term("sinus rhythm", "SR", True, ("426783006",), ("SR",), ("sinus rhythm",)),
    Term(
        "sinus arrhythmia",
        "SR",
        True,
        ("427393009",),
        ("SARRH",),
        ("sinus arrhythmia", "irregular sinus rhythm"),
    ),
    Term("sinus tachycardia", "GSVT", True, ("427084000",), ("STACH",), ("sinus tachycardia",)),
    Term("supraventricular tachycardia", "GSVT", False, ("426761007",), ("SVTAC",)),
    Term("paroxysmal supraventricular tachycardia", "GSVT", False, ("67198005",), ("PSVT",)),
    Term("atrial tachycardia", "GSVT", False, ("713422000",), (), ("atrial tachycardia",)),
    Term("atrioventricular nodal re-entrant tachycardia", "GSVT", False, ("233896004",)),
    Term("atrioventricular re-entrant tachycardia", "GSVT", False, ("233897008",)),
    Term("atrial fibrillation", "AFIB", False, ("164889003",), ("AFIB",), ("atrial fibrillation",)),
    Term("paroxysmal atrial fibrillation", "AFIB", False, ("282825002",)),
    Term("chronic atrial fibrillation", "AFIB", False, ("426749004",)),
    Term("rapid atrial fibrillation", "AFIB", False, ("314208002",)),
    Term("atrial flutter", "AFIB", False, ("164890007",), ("AFLT",), ("atrial flutter",)),
    Term("atrial fibrillation and flutter", "AFIB", False, ("195080001",)),
    Term(
        "paced rhythm",
        "",
        False,
        ("10370003", "251268003", "251266004"),
        ("PACE",),
        ("unipolar", "bipolar", "biventricular", "p-synchrony"),
    ),
    Term("junctional rhythm", "", False, ("426995002", "29320008", "426664006", "426648003")),
    Term("wandering pacemaker", "", False, ("195101003",), (), ("wandering atrial pacemaker",)),
    Term("idioventricular rhythm", "", False, ("49260003", "61277005")),
    Term("ventricular tachycardia", "", False, ("164895002", "425856008")),
    Term("ventricular fibrillation or flutter", "", False, ("164896001", "111288001")),
    Term("unspecified supraventricular arrhythmia", "", False, (), ("SVARR",)),
)
"""The table. SNOMED-CT codes after the Challenge 2021's ``dx_mapping_scored.csv`` and
``dx_mapping_unscored.csv`` and Shaoxing's ``ConditionNames_SNOMED-CT.csv``."""

_SNOMED = {code: term for term in TERMS for code in term.snomed}
_SCP = {code: term for term in TERMS for code in term.scp}


def terms_of_snomed(codes: Iterable[str]) -> list[Term]:
    """Return the rhythms among SNOMED-CT codes; codes of anything else are passed over."""
    return [_SNOMED[code] for code in codes if code in _SNOMED]


def terms_of_scp(codes: Iterable[str]) -> list[Term]:
    """Return the rhythms among PTB-XL's SCP codes; codes of anything else are passed over."""
    return [_SCP[code] for code in codes if code in _SCP]


def terms_of_ludb(lines: Iterable[str]) -> list[Term]:
    """Return the rhythms among the lines of LUDB's «Rhythms» and «Cardiac pacing» columns."""
    return [
        term
        for line in lines
        for term in TERMS
        if any(line.strip().lower().startswith(text) for text in term.ludb)
    ]


def written_class(terms: Iterable[Term]) -> str:
    """Return the class that a reader's words give, empty where they give none or contradict.

    Sinus rhythm named beside SB or GSVT gives way to them. A rhythm outside the four, or two
    classes at once, gives none.
    """
    found = list(terms)
    classes = {term.rhythm for term in found}
    if classes in ({"SR", "SB"}, {"SR", "GSVT"}):
        classes.discard("SR")
    return classes.pop() if len(classes) == 1 else ""


def harmonised_class(terms: Iterable[Term], heart_rate: float) -> str:
    """Return the class with the rate-defined ones decided by the measured rate.

    Parameters
    ----------
    terms
        The reader's words.
    heart_rate
        Measured beats a minute, or NaN.

    Returns
    -------
    str
        Empty where :func:`written_class` is, and for a sinus rhythm whose rate is unknown or lies
        within :data:`MARGIN` of a limit.
    """
    found = list(terms)
    written = written_class(found)
    deciding = [term for term in found if term.rhythm == written]
    if not written or not all(term.rate_defined for term in deciding):
        return written
    return sinus_class(heart_rate, MARGIN)


def sinus_class(heart_rate: float, margin: float = 0.0) -> str:
    """Return a sinus rhythm's class by its rate; empty within ``margin`` of a limit, or for NaN."""
    if math.isnan(heart_rate) or min(abs(heart_rate - SLOW), abs(heart_rate - FAST)) < margin:
        return ""
    return "SB" if heart_rate < SLOW else "GSVT" if heart_rate > FAST else "SR"
