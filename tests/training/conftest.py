"""A handful of recordings in the official layouts of the databases, and what is read of them."""

import csv
from dataclasses import replace

import pytest

from ecgkit.io import write_wfdb
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.training.datasets.diagnosis import load_diagnosis_data
from ecgkit.training.datasets.rhythm import (
    load_rhythm_data,
)


def write_record(
    folder, name, dx=None, *, rate=75.0, rhythm="sinus", seconds=10.0, seed=0, nu=False
):
    """Write a WFDB record, with a «Dx» line as the Challenge's headers have it."""
    folder.mkdir(parents=True, exist_ok=True)
    recording = generate_ecg(seconds, 250.0, heart_rate=rate, rhythm=rhythm, seed=seed)
    for file, content in write_wfdb(replace(recording, calibrated=not nu), name).items():
        lines = f"#Age: 50\n#Dx: {dx}\n#Rx: Unknown\n" if dx and file.endswith(".hea") else ""
        (folder / file).write_bytes(content + lines.encode())


def write_table(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


@pytest.fixture(scope="session")
def rhythm_databases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rhythm_databases")
    ptbxl = [
        (1, {"NORM": 100.0, "SR": 0.0}, {"rate": 75}),
        (2, {"SBRAD": 0.0, "SR": 0.0}, {"rate": 48}),
        (3, {"AFIB": 0.0, "IMI": 50.0}, {"rate": 80, "rhythm": "afib"}),
        (4, {"NORM": 80.0}, {}),
        (5, {"STACH": 0.0}, {"rate": 125}),
        (6, {"SR": 0.0}, {"rate": 48}),
        (7, {"SR": 0.0}, {"rate": 60}),
        (8, {"SR": 0.0, "PACE": 100.0}, {}),
    ]
    rows = []
    for number, codes, signal in ptbxl:
        place = f"records500/00000/{number:05d}_hr"
        write_record((folder / "ptbxl" / place).parent, f"{number:05d}_hr", seed=number, **signal)
        rows.append({"ecg_id": number, "scp_codes": codes, "strat_fold": 10, "filename_hr": place})
    rows.append({**rows[0], "ecg_id": 99, "filename_hr": "records500/00000/00099_hr"})
    write_table(folder / "ptbxl" / "ptbxl_database.csv", rows)

    ludb = [
        (1, "Sinus rhythm", "", {"rate": 70}),
        (2, "Atrial fibrillation", "", {"rhythm": "afib"}),
        (3, "Sinus bradycardia\nSinus arrhythmia", "", {"rate": 50}),
        (4, "Sinus rhythm", "Unipolar atrial pacing\n", {}),
        (5, "Irregular sinus rhythm", "", {"rate": 80}),
    ]
    for number, _, _, signal in ludb:
        write_record(folder / "ludb" / "data", str(number), seed=20 + number, **signal)
    write_table(
        folder / "ludb" / "ludb.csv",
        [{"ID": f"{n}\n", "Rhythms": r, "Cardiac pacing": p} for n, r, p, _ in ludb],
    )

    cinc = folder / "cinc2021"
    write_record(cinc, "E00001", "426783006", seed=40)
    write_record(cinc, "A0001", "426783006,59118001", seed=40)  # the same signal
    write_record(cinc, "Q0001", "426783006", seconds=4.0, seed=41)
    write_record(cinc, "Q0002", "164889003,59118001", rhythm="afib", seed=42)
    write_record(cinc, "JS00001", "426761007", rate=150, seed=43)
    (cinc / "E00002.hea").write_text("E00002 12 500 5000\n#Dx: 426783006\n")
    write_record(folder / "ptbxl_zscored", "HR00009", "427084000", rate=130, seed=44, nu=True)
    shaoxing = folder / "ecg-arrhythmia" / "WFDBRecords" / "01" / "010"
    write_record(shaoxing, "JS00002", "164890007", rhythm="afib", seed=45)
    write_record(shaoxing, "JS00003", "164890007,426177001", seed=46)
    write_record(shaoxing, "JS00004", "426177001", rate=45, seconds=7.0, seed=47)
    return folder


@pytest.fixture(scope="session")
def rhythm_data(rhythm_databases, tmp_path_factory):
    return load_rhythm_data(
        rhythm_databases, tmp_path_factory.mktemp("cache") / "deep" / "data.npz"
    )


PTBXL_CODES = [
    *["{'NORM': 0.0, 'SR': 0.0}"] * 10,
    *["{'IMI': 0.0, 'SBRAD': 0.0}"] * 5,
    *["{'INJAS': 0.0, 'AFIB': 0.0}"] * 5,
]


@pytest.fixture(scope="session")
def diagnosis_databases(tmp_path_factory):
    """Twenty records in PTB-XL's layout, and one z-scored record of the Challenge's."""
    folder = tmp_path_factory.mktemp("diagnosis_databases")
    place = folder / "ptbxl" / "records500" / "00000"
    place.mkdir(parents=True)
    rows = []
    for number, codes in enumerate(PTBXL_CODES, start=1):
        recording = generate_ecg(10.0, 250.0, heart_rate=50 + 2 * number, seed=number)
        for file, content in write_wfdb(recording, f"{number:05d}_hr").items():
            (place / file).write_bytes(content)
        name = f"records500/00000/{number:05d}_hr"
        rows.append({"ecg_id": number, "scp_codes": codes, "filename_hr": name})
    for name, table in (
        ("ptbxl_database.csv", rows),
        (
            "scp_statements.csv",
            [
                {"": code, "diagnostic": "1.0", "diagnostic_class": klass}
                for code, klass in (("NORM", "NORM"), ("IMI", "MI"), ("INJAS", "MI"))
            ],
        ),
    ):
        with (folder / "ptbxl" / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(table[0]))
            writer.writeheader()
            writer.writerows(table)
    (folder / "ptbxl_zscored").mkdir()
    scored = replace(generate_ecg(10.0, 250.0, seed=99), calibrated=False)
    for file, content in write_wfdb(scored, "HR00099").items():
        note = b"# Dx: 284470004,426783006\n" if file.endswith(".hea") else b""
        (folder / "ptbxl_zscored" / file).write_bytes(content + note)
    return folder


@pytest.fixture(scope="session")
def diagnosis_data(diagnosis_databases, tmp_path_factory):
    return load_diagnosis_data(diagnosis_databases, tmp_path_factory.mktemp("cache"))
