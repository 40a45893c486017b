"""The eleven labels: the table from PTB-XL's statements, against records checked by hand."""

import csv

import pytest

from ecgkit.diagnosis.labels import LABELS, RULES, injured, labels_of, read_acute, read_labels

CLASSES = {
    "NORM": "NORM",
    "IMI": "MI",
    "INJAS": "MI",
    "NDT": "STTC",
    "IRBBB": "CD",
    "LVH": "HYP",
}


def write_rows(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


@pytest.fixture
def ptbxl(tmp_path):
    rows = [
        {"": code, "diagnostic": "1.0", "diagnostic_class": name} for code, name in CLASSES.items()
    ]
    rows += [{"": "ABQRS", "diagnostic": "", "diagnostic_class": ""}]
    write_rows(tmp_path / "ptbxl" / "scp_statements.csv", rows)
    records = {
        "1": "{'NORM': 100.0, 'SR': 0.0}",
        "2": "{'IMI': 35.0, 'ABQRS': 0.0, 'SR': 0.0}",
        "3": "{'INJAS': 50.0, 'IMI': 0.0, 'PVC': 0.0}",
    }
    write_rows(
        tmp_path / "ptbxl" / "ptbxl_database.csv",
        [{"ecg_id": key, "scp_codes": codes} for key, codes in records.items()],
    )
    return tmp_path / "ptbxl"


@pytest.mark.parametrize(
    ("statements", "acute", "expected"),
    [
        ({"NORM", "SR"}, False, {"NORM"}),
        ({"NORM", "SBRAD", "IRBBB"}, False, {"NORM", "BRADY", "CD"}),
        ({"IMI", "NDT"}, False, {"Old MI", "STTC"}),
        ({"IMI", "NDT"}, True, {"Acute MI", "STTC"}),
        ({"SR"}, True, {"Acute MI"}),
        ({"AFLT", "LVH"}, False, {"AFIB/AFL", "HYP"}),
        ({"AFIB", "PSVT", "PVC", "PAC"}, False, {"AFIB/AFL", "TACHY", "PVC", "PAC"}),
        ({"ABQRS", "SR", "SVARR"}, False, set()),
    ],
)
def test_statements_give_labels(statements, acute, expected):
    assert labels_of(statements, CLASSES, acute=acute) == expected
    assert expected <= set(LABELS)


def test_injury_and_early_stadium_stand_in_for_acute():
    assert injured({"INJIL", "IMI"})
    assert injured({"IMI"}, "Stadium I-II")
    assert not injured({"IMI", "ISCIL"}, "Stadium II-III")


def test_without_12sl_injury_is_acute_and_said_so(ptbxl):
    found = read_labels(ptbxl)
    assert found.labels["1"] == {"NORM"}
    assert found.labels["2"] == {"Old MI"}
    assert found.labels["3"] == {"Acute MI", "PVC"}
    assert found.rule == "injury"
    assert "12SL statements not at hand" in RULES[found.rule]


def test_with_12sl_its_statements_decide(ptbxl, tmp_path):
    plus = tmp_path / "plus"
    write_rows(
        plus / "labels" / "mapping" / "12slv23ToSNOMED.csv",
        [
            {"StatementNumber": "821", "Acronym": "ACUMI"},
            {"StatementNumber": "700", "Acronym": "IMI"},
        ],
    )
    write_rows(
        plus / "labels" / "12sl_statements.csv",
        [
            {"ecg_id": "2", "statements": "['NSR', 'ACUMI']"},
            {"ecg_id": "3", "statements": "['IMI']"},
        ],
    )
    assert read_acute(plus) == {"2": True, "3": False}
    found = read_labels(ptbxl, plus)
    assert found.rule == "12SL"
    assert found.labels == {"1": {"NORM"}, "2": {"Acute MI"}, "3": {"Old MI", "PVC"}}


def test_the_stadium_counts_where_its_column_is_there(ptbxl):
    rows = [
        {"ecg_id": "7", "scp_codes": "{'IMI': 0.0}", "infarction_stadium1": "Stadium I"},
        {"ecg_id": "8", "scp_codes": "{'IMI': 0.0}", "infarction_stadium1": "Stadium III"},
    ]
    write_rows(ptbxl / "ptbxl_database.csv", rows)
    found = read_labels(ptbxl)
    assert found.rule == "injury and stadium"
    assert found.labels == {"7": {"Acute MI"}, "8": {"Old MI"}}


@pytest.mark.shared
def test_real_records_checked_by_hand(shared_data):
    found = read_labels(shared_data / "ptbxl")
    assert found.labels["9"] == {"NORM"}  # NORM, SR
    assert found.labels["765"] == {"Acute MI"}  # IMI, INJAS, INVT, SR
    assert found.labels["271"] == {"Old MI", "STTC", "HYP", "PAC"}  # ASMI, ISC_, LVH, PAC, SR, STD_
    # AFLT, ISC_, LVH, NST_, PVC, SVTAC
    assert found.labels["336"] == {"AFIB/AFL", "STTC", "HYP", "PVC", "TACHY"}
    assert found.labels["4825"] == {"CD"}  # ABQRS, SR, WPW
    counts = {label: sum(label in has for has in found.labels.values()) for label in LABELS}
    # Counted from the index by grep: 152 AFIB and 7 AFLT, two with both; 64 SBRAD; 115 PVC.
    assert (counts["AFIB/AFL"], counts["BRADY"], counts["PVC"], counts["PAC"]) == (157, 64, 115, 40)
    assert (counts["NORM"], counts["Acute MI"] + counts["Old MI"]) == (963, 551)
