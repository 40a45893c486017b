import numpy as np
import pytest

from ecgkit.diagnosis.labels import LABELS
from ecgkit.training.datasets.diagnosis import folds_of, load_diagnosis_data


@pytest.fixture
def databases(diagnosis_databases):
    return diagnosis_databases


@pytest.fixture
def data(diagnosis_data):
    return diagnosis_data


def test_records_are_read_with_what_is_known_of_them(data):
    labels = list(LABELS)
    assert data.ptbxl.tolist() == list(range(20))
    assert data.known[data.ptbxl].all()
    assert data.rule == "injury"
    assert {labels[k] for k in np.flatnonzero(data.labels[19])} == {"Acute MI", "AFIB/AFL"}
    other = int(data.others[0])
    assert data.labels[other, labels.index("PAC")]
    assert not data.known[other, labels.index("NORM")]
    assert data.known[other, labels.index("CD")]
    np.testing.assert_allclose(data.rates[:3], [52, 54, 56], atol=1)


def test_cached_data_are_the_same(databases, tmp_path):
    first = load_diagnosis_data(databases, tmp_path)
    again = load_diagnosis_data(databases / "nowhere", tmp_path)
    np.testing.assert_array_equal(first.signals, again.signals)
    np.testing.assert_array_equal(first.names, again.names)


def test_folds_spread_rare_labels_evenly():
    rng = np.random.default_rng(0)
    labels = rng.random((600, 4)) < [0.5, 0.1, 0.025, 0.02]
    folds = folds_of(labels)
    sizes = np.bincount(folds, minlength=5)
    assert np.ptp(sizes) <= 0.1 * 600 / 5
    counts = np.stack([labels[folds == fold].sum(0) for fold in range(5)])
    assert (np.ptp(counts, axis=0)[1:] <= 2).all()
    np.testing.assert_array_equal(folds, folds_of(labels))
