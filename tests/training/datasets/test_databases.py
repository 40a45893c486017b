import pytest

from ecgkit.demos import open_demo
from ecgkit.training.datasets import databases as data


def test_no_record_and_no_patient_is_on_two_sides():
    assert not set(data.MITDB_TEST) & set(data.MITDB_VALIDATION)
    apart = set(data.MITDB_TEST) | set(data.MITDB_VALIDATION)
    assert len(apart & {"201", "202"}) in (0, 2)  # one patient
    parts = [data.ptbxl_part(str(number)) for number in range(21_000, 22_000)]
    shares = {part: parts.count(part) / 1000 for part in set(parts)}
    assert shares["train"] == pytest.approx(0.9, abs=0.03)
    assert set(shares) == {"train", "validation", "test"}


@pytest.mark.shared
def test_parts_are_disjoint_and_complete(shared_data):
    parts = {p: set(data.mitdb_records(shared_data, p)) for p in ("train", "validation", "test")}
    assert set.union(*parts.values()) == set(data.mitdb_records(shared_data, "all"))
    assert sum(map(len, parts.values())) == len(set.union(*parts.values()))


def test_a_demo_that_networks_were_trained_on_says_so():
    assert "208" not in (*data.MITDB_TEST, *data.MITDB_VALIDATION)
    assert any("208" in note and "trained on" in note for note in open_demo("holter").notes)


def test_every_code_of_a_header_is_read(tmp_path):
    header = tmp_path / "A1.hea"
    header.write_text("A1 12 500 5000\n# Age: 50\n# Dx: 164889003, 59118001,1\n# Rx: 2\n")
    assert data.snomed_codes(header) == ["164889003", "59118001", "1"]
    header.write_text("A1 12 500 5000\n#Rx: 2\n")
    assert data.snomed_codes(header) == []


def test_the_index_of_ptbxl_names_what_is_at_hand(tmp_path):
    assert list(data.ptbxl_index(tmp_path)) == []
    (tmp_path / "ptbxl_database.csv").write_text("ecg_id,filename_hr\n1,a/00001_hr\n2,a/00002_hr\n")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "00002_hr.hea").write_text("")
    ((row, path),) = data.ptbxl_index(tmp_path)
    assert (row["ecg_id"], path.name) == ("2", "00002_hr.hea")
