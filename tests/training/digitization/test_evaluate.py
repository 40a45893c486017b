import numpy as np
import pytest

from ecgkit.training.digitization.evaluate import measure, result_page, tasks


def test_every_page_is_measured_once(tmp_path):
    every = tasks(tmp_path, {"PTB-XL": 2, "LUDB": 1}, seed=0)
    assert len({(t.source, t.level, t.number) for t in every}) == len(every) == 12
    assert every[0].done([{"source": "PTB-XL", "level": "clean", "number": 0}])
    assert every[1].done([{"source": "PTB-XL", "level": "clean", "number": 0}]) is None


@pytest.mark.slow
@pytest.mark.shared
def test_a_page_of_a_real_recording_is_measured(shared_data):
    paths = sorted((shared_data / "ludb").rglob("*.hea"))[:3]
    page, path = result_page(paths, "clean", (1, 2))
    again, same = result_page(paths, "clean", (1, 2))
    assert path == same
    assert np.array_equal(page.image, again.image)
    found = measure(page, 0)
    assert found["dice of patches"] > 0.5
    assert found["refused"] or found["dice"] > 0.5
