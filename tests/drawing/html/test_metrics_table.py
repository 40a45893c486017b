import pytest

from ecgkit.denoising import make_method
from ecgkit.denoising.comparison import Outcome, Score, Window, denoise_window
from ecgkit.denoising.noise_bench import NoiseBench
from ecgkit.drawing.html.metrics_table import (
    metrics_csv,
    metrics_table,
    number,
    safe_cell,
)
from ecgkit.drawing.style import NOT_A_DEVICE
from ecgkit.processing.synthetic import generate_ecg


@pytest.fixture(scope="module")
def scores() -> list[Score]:
    clean = generate_ecg(5.0, 250.0)
    window = Window(0.0, 5.0)
    noisy = NoiseBench(clean, "white").noisy(6.0)
    outcomes = [
        Outcome("input", "Noisy input", noisy),
        denoise_window("dwt", make_method("dwt"), noisy, window),
        denoise_window("bandpass", make_method("bandpass"), noisy, window),
    ]
    return [Score(outcome, clean) for outcome in outcomes]


def test_metrics_table_says_what_was_measured(scores: list[Score]) -> None:
    table = metrics_table(scores, waiting=["APR-CNN"])
    assert "6.00" in table
    assert f"{scores[1].overall.snr_db:.2f}" in table
    assert table.count("best SNR") == 1
    assert "loading the network" in table


def test_metrics_csv_has_all_leads_and_the_disclaimer(scores: list[Score]) -> None:
    leads = scores[0].reference.leads
    lines = metrics_csv(scores, leads, ["A setting"]).decode().splitlines()
    assert lines[0] == "# A setting"
    assert NOT_A_DEVICE in lines[1]
    assert lines[2].startswith("signal,lead,SNR (dB),Gain in SNR (dB),MSE (mV²)")
    assert len(lines) == 3 + len(scores) * (1 + len(leads))
    cells = lines[3 + 1 + len(leads)].split(",")
    assert float(cells[2]) == pytest.approx(scores[1].overall.snr_db, rel=1e-5)


def test_cells_are_no_formulas() -> None:
    assert safe_cell("=1+1") == "'=1+1"
    assert safe_cell("aVR") == "aVR"


def test_numbers_without_a_value() -> None:
    assert number(float("nan"), "{:.1f}") == "–"
    assert number(float("inf"), "{:.1f}") == "∞"
    assert number(-1.0, "{:+.1f}") == "−1.0"
    assert number(-0.001, "{:+.1f}") == "0.0"
