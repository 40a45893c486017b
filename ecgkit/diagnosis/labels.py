"""The eleven labels of a page, and the one table that gives them to PTB-XL's records.

The rule is that of the George B. Moody PhysioNet Challenge 2024 [1]_ (``prepare_ptbxl_data.py`` of
its example code): diagnostic superclasses of PTB-XL's statements, rhythm and form statements, and
acute infarction from the 12SL statements of PTB-XL+ [2]_.

.. [1] M. A. Reyna et al., "Digitization and classification of ECG images: the George B. Moody
   PhysioNet Challenge 2024", Computing in Cardiology 2024;51:1-4.
.. [2] N. Strodthoff et al., "PTB-XL+, a comprehensive electrocardiographic feature dataset",
   Scientific Data 2023;10:279.
"""

from __future__ import annotations

import ast
import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

LABELS = {
    "NORM": "Normal ECG",
    "Acute MI": "Acute myocardial infarction",
    "Old MI": "Old myocardial infarction",
    "STTC": "ST-T change",
    "CD": "Conduction disturbance",
    "HYP": "Hypertrophy",
    "PAC": "Premature atrial complexes",
    "PVC": "Premature ventricular complexes",
    "AFIB/AFL": "Atrial fibrillation or flutter",
    "TACHY": "Tachycardia",
    "BRADY": "Bradycardia",
}
"""Label -> words, in the order of the study's Table 1."""

SUPERCLASSES = ("NORM", "STTC", "CD", "HYP")
"""Labels that are diagnostic superclasses of ``scp_statements.csv``; infarction is split in two."""
STATEMENTS = {
    "PAC": ("PAC",),
    "PVC": ("PVC",),
    "AFIB/AFL": ("AFIB", "AFLT"),
    "TACHY": ("STACH", "SVTAC", "PSVT"),
    "BRADY": ("SBRAD",),
}
"""Labels that follow from single statements."""
ACUTE_12SL = frozenset({821, 822, 823, 827, 829, 902, 903, 904, *range(963, 969)})
"""Numbers of the 12SL statements that say «acute infarction»."""
INJURY = ("INJAS", "INJAL", "INJIN", "INJLA", "INJIL")
"""Subendocardial injury: what stands in for them in PTB-XL's own statements."""
ACUTE_STADIA = ("Stadium I", "Stadium I-II")

RULES = {
    "12SL": "Acute MI from the 12SL statements of PTB-XL+, as in the Challenge 2024",
    "injury and stadium": (
        "Acute MI from subendocardial-injury statements and infarction stadium I or I-II "
        "(12SL statements not at hand)"
    ),
    "injury": "Acute MI from subendocardial-injury statements (12SL statements not at hand)",
}
"""Where «Acute MI» can come from, in words."""

_STATEMENTS_12SL = "12sl_statements.csv"
_NAMES_12SL = "12slv23ToSNOMED.csv"


@dataclass(frozen=True)
class Labelling:
    """What PTB-XL's records are labelled as.

    Attributes
    ----------
    labels
        ``ecg_id`` -> those of :data:`LABELS` that it has.
    rule
        Which of :data:`RULES` gave «Acute MI».
    """

    labels: dict[str, frozenset[str]]
    rule: str


def labels_of(
    statements: Collection[str], superclasses: Mapping[str, str], *, acute: bool
) -> frozenset[str]:
    """Return the labels of one record.

    Parameters
    ----------
    statements
        Its SCP-ECG statements, whatever their likelihood.
    superclasses
        Diagnostic statement -> superclass; see :func:`read_superclasses`.
    acute
        Whether an acute infarction is stated; see :func:`read_labels`. A record with one has no
        old infarction beside it, as in the Challenge.
    """
    classes = {superclasses[code] for code in statements if code in superclasses}
    found = {name for name in SUPERCLASSES if name in classes}
    if acute:
        found.add("Acute MI")
    elif "MI" in classes:
        found.add("Old MI")
    found |= {name for name, codes in STATEMENTS.items() if set(codes) & set(statements)}
    return frozenset(found)


def injured(statements: Collection[str], stadium: str = "") -> bool:
    """Return whether PTB-XL's own columns speak for an acute infarction.

    Parameters
    ----------
    stadium
        What stands in ``infarction_stadium1``.
    """
    return bool(set(INJURY) & set(statements)) or stadium in ACUTE_STADIA


def read_superclasses(path: Path) -> dict[str, str]:
    """Return diagnostic statement -> superclass from PTB-XL's ``scp_statements.csv``."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row[""]: row["diagnostic_class"] for row in rows if row["diagnostic"] == "1.0"}


def read_acute(folder: Path) -> dict[str, bool]:
    """Return ``ecg_id`` -> whether 12SL states an acute infarction, from a folder of PTB-XL+.

    Empty where ``12sl_statements.csv`` or ``12slv23ToSNOMED.csv``, which gives the statements'
    numbers their names, is nowhere in it.
    """
    found = [next(folder.rglob(name), None) for name in (_STATEMENTS_12SL, _NAMES_12SL)]
    statements, names = found
    if statements is None or names is None:
        return {}
    with names.open(encoding="utf-8", newline="") as file:
        acute = {
            row["Acronym"]
            for row in csv.DictReader(file)
            if row["StatementNumber"].removesuffix(".0") in map(str, ACUTE_12SL)
        }
    with statements.open(encoding="utf-8", newline="") as file:
        return {
            str(int(float(row["ecg_id"]))): bool(acute & set(ast.literal_eval(row["statements"])))
            for row in csv.DictReader(file)
        }


def read_labels(ptbxl: Path, ptbxl_plus: Path | None = None) -> Labelling:
    """Return the labels of every record in PTB-XL's index.

    Parameters
    ----------
    ptbxl
        Its folder, with ``ptbxl_database.csv`` and ``scp_statements.csv``.
    ptbxl_plus
        The folder of PTB-XL+, where it is at hand. Without its 12SL statements, acute infarctions
        are those of :func:`injured`; a record that it does not know has none.
    """
    superclasses = read_superclasses(ptbxl / "scp_statements.csv")
    by_12sl = read_acute(ptbxl_plus) if ptbxl_plus is not None else {}
    result: dict[str, frozenset[str]] = {}
    rule = "injury"
    with (ptbxl / "ptbxl_database.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            codes: dict[str, float] = ast.literal_eval(row["scp_codes"])
            if by_12sl:
                rule, acute = "12SL", by_12sl.get(row["ecg_id"], False)
            else:
                if "infarction_stadium1" in row:
                    rule = "injury and stadium"
                acute = injured(codes, row.get("infarction_stadium1", ""))
            result[row["ecg_id"]] = labels_of(codes, superclasses, acute=acute)
    return Labelling(result, rule)
