import json

import numpy as np
import pytest
import torch

from ecgkit.demos import open_demo
from ecgkit.denoising.aprcnn import AprCnn, AprCnnConfig
from ecgkit.training.common.loop import LoopSettings, train
from ecgkit.training.datasets import databases as data
from ecgkit.training.denoising import report as denoise_report
from ecgkit.training.denoising.protocol_p import two_rates
from ecgkit.training.denoising.protocol_r import mean_snr_db, relative_error_loss, warm_stable_decay

TINY = AprCnnConfig(channels=(4, 4, 4, 4))


def batch(step):
    rng = np.random.default_rng(step)
    time = np.arange(256) / 360
    phase, rate = rng.uniform(0, 6, (16, 1)), rng.uniform(1, 3, (16, 1))
    clean = np.sin(2 * np.pi * rate * time + phase)
    noisy = clean + rng.standard_normal(clean.shape)
    return tuple(torch.from_numpy(side[:, None]).float() for side in (noisy, clean))


def run(folder, steps, every=20):
    torch.manual_seed(0)
    settings = LoopSettings(
        steps=steps,
        learning_rate=3e-3,
        schedule=lambda done: 1.0,
        average=0.9,
        every=every,
        best="snr",
        bfloat16=False,
    )
    noisy, clean = (side.numpy() for side in batch(10**6))

    def validate(network):
        return {"snr": mean_snr_db(network, noisy, clean)}

    return train(AprCnn(TINY), batch, relative_error_loss, validate, settings, folder)


def test_training_learns(tmp_path):
    network, curve = run(tmp_path, 120)
    noisy, clean = batch(10**6 + 1)
    before = 10 * np.log10(float(clean.square().sum() / (noisy - clean).square().sum()))
    assert mean_snr_db(network, noisy.numpy(), clean.numpy()) > before + 3
    assert [point["step"] for point in curve] == [20, 40, 60, 80, 100, 120]
    assert json.loads((tmp_path / "curve.json").read_text()) == curve


def test_a_stopped_run_goes_on_as_if_it_had_not(tmp_path):
    whole, _ = run(tmp_path / "whole", 40)
    settings_steps = 20
    run(tmp_path / "parts", settings_steps)
    resumed, curve = run(tmp_path / "parts", 40)
    assert len(curve) == 2
    for first, second in zip(whole.parameters(), resumed.parameters(), strict=True):
        torch.testing.assert_close(first, second, atol=1e-6, rtol=1e-4)


def test_loss_counts_windows_alike_and_is_lowest_for_the_truth():
    clean = torch.randn(4, 1, 100)
    assert relative_error_loss(clean, clean) < relative_error_loss(0.9 * clean, clean)
    louder = relative_error_loss(9 * clean, 10 * clean)
    torch.testing.assert_close(louder, relative_error_loss(0.9 * clean, clean))


def test_schedules_are_the_papers_and_end_at_zero():
    assert (two_rates(0.0), two_rates(0.49), two_rates(0.5), two_rates(0.99)) == (1, 1, 0.1, 0.1)
    assert warm_stable_decay(0.3) == 1
    assert warm_stable_decay(1.0) == 0


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


def test_report_is_written_from_result_files_alone(tmp_path):
    entry = {"title": "APR-CNN", "parameters": 1, "snr_db": 7.125, "mse": 0.01, "curve": []}
    results = {"aprcnn": {"-4": entry}}
    (tmp_path / "denoising_protocol_p.json").write_text(json.dumps(results))
    denoise_report.write(tmp_path)
    text = (tmp_path / "denoising.md").read_text()
    assert "| APR-CNN | SNR, dB | ours | 7.125 | – | – | – |" in text
    assert "| APR-CNN | SNR, dB | paper | 5.564 | 5.966 | 7.449 | 9.841 |" in text


def test_a_demo_that_networks_were_trained_on_says_so():
    assert "208" not in (*data.MITDB_TEST, *data.MITDB_VALIDATION)
    assert any("208" in note and "trained on" in note for note in open_demo("holter").notes)
