"""The generated ECG is what a normal ECG is, and its truth is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgkit.processing.resampling import resample
from ecgkit.processing.synthetic import generate_beats, generate_ecg
from ecgkit.recording import STANDARD_LEADS, RecordingError

CHEST = STANDARD_LEADS[6:]


@pytest.fixture(scope="module")
def normal():
    return generate_ecg(20, 500)


def around_beats(recording, lead, start, stop, **settings):
    """Mean beat of a lead between two times from the R peak, shape (samples,)."""
    beats = generate_beats(recording.duration, **settings)
    beats = beats[(beats > 0.5) & (beats < recording.duration - 0.8)]
    window = np.arange(round(start * recording.fs), round(stop * recording.fs))
    places = np.round(beats * recording.fs).astype(int)[:, None] + window
    return recording.lead(lead)[places].mean(axis=0)


@pytest.mark.parametrize("rhythm", ["sinus", "afib"])
def test_einthoven_and_goldberger_hold_exactly(rhythm):
    ecg = generate_ecg(10, 500, rhythm=rhythm, seed=5)
    first, second, third = ecg.lead("I"), ecg.lead("II"), ecg.lead("III")
    np.testing.assert_array_equal(first + third, second)
    np.testing.assert_array_equal(ecg.lead("aVR"), -(first + second) / 2)
    np.testing.assert_array_equal(ecg.lead("aVL"), (first - third) / 2)
    np.testing.assert_array_equal(ecg.lead("aVF"), (second + third) / 2)


def test_r_waves_grow_and_s_waves_shrink_across_the_chest(normal):
    r = [around_beats(normal, lead, -0.06, 0.06).max() for lead in CHEST]
    s = [-around_beats(normal, lead, -0.06, 0.06).min() for lead in CHEST]
    assert r[0] < r[2] < r[3]
    assert np.argmax(r) in (3, 4)
    assert r[0] < s[0]  # rS in V1
    assert r[5] > 3 * s[5]  # R in V6
    assert max(s[:2]) == max(s)
    assert 0.6 < max(r) < 2.7
    assert s[0] + max(r[4], r[5]) < 3.5  # below Sokolow and Lyon's limit of hypertrophy


@pytest.mark.parametrize("lead", ["I", "II", "V3", "V4", "V5", "V6"])
def test_t_is_upright_and_st_isoelectric(normal, lead):
    beat = around_beats(normal, lead, -0.3, 0.5)
    rest = beat[: round(0.06 * 500)].mean()  # before the P wave
    st_level = beat[round((0.3 + 0.10) * 500)] - rest
    assert abs(st_level) < 0.06
    t_wave = beat[round((0.3 + 0.15) * 500) :]
    assert 0.08 < t_wave.max() - rest < 0.8
    assert t_wave.min() - rest > -0.03


def test_avr_points_down_and_p_up_in_ii(normal):
    beat = around_beats(normal, "aVR", -0.3, 0.5)
    assert beat.min() < -0.4
    assert np.argmin(beat) == pytest.approx(0.3 * 500, abs=5)
    assert beat[round(0.45 * 500) :].min() < -0.08  # T down
    p_wave = around_beats(normal, "II", -0.25, -0.07)
    assert 0.05 < p_wave.max() < 0.25


def test_electrical_axis_is_normal(normal):
    net = {lead: around_beats(normal, lead, -0.06, 0.06) for lead in ("I", "aVF")}
    net = {lead: beat.max() + beat.min() for lead, beat in net.items()}
    axis = np.degrees(np.arctan2(2 / np.sqrt(3) * net["aVF"], net["I"]))
    assert 0 < axis < 80


def test_fibrillation_has_no_p_wave_but_fibrillates():
    settings = {"rhythm": "afib", "heart_rate": 60, "seed": 2}
    afib, sinus = generate_ecg(60, 250, **settings), generate_ecg(60, 250, heart_rate=60, seed=2)
    p_sinus = np.ptp(around_beats(sinus, "II", -0.22, -0.08, heart_rate=60, seed=2))
    p_afib = np.ptp(around_beats(afib, "II", -0.22, -0.08, **settings))
    assert p_afib < 0.35 * p_sinus

    def unrest(recording, lead, **settings):
        """Deviation of the beats from each other just before the QRS complex, in mV."""
        beats = generate_beats(60, **settings)[2:-2]
        places = np.round(beats * 250).astype(int)[:, None] + np.arange(-50, -15)
        return recording.lead(lead)[places].std(axis=0).mean()

    waves = {lead: unrest(afib, lead, **settings) for lead in ("I", "II", "V1", "V6")}
    assert 0.02 < waves["V1"] < 0.12
    assert max(waves, key=waves.get) == "V1"
    assert unrest(sinus, "V1", heart_rate=60, seed=2) < 0.01


@pytest.mark.parametrize("heart_rate", [40, 70, 120, 200])
def test_mean_rate_is_as_asked(heart_rate):
    rr = np.diff(generate_beats(300, heart_rate=heart_rate))
    assert 60 / rr.mean() == pytest.approx(heart_rate, rel=0.02)
    assert 0.01 < np.std(rr) / np.mean(rr) < 0.08


def test_afib_is_irregular_around_its_rate():
    rr = np.diff(generate_beats(600, heart_rate=90, rhythm="afib"))
    assert 60 / rr.mean() == pytest.approx(90, rel=0.05)
    assert 0.15 < np.std(rr) / np.mean(rr) < 0.3
    assert abs(np.corrcoef(rr[1:], rr[:-1])[0, 1]) < 0.2  # no memory
    assert rr.min() >= 0.3


def test_qt_shortens_with_the_rate():
    ends = []
    for rate in (50, 120):
        ecg = generate_ecg(60, 500, heart_rate=rate)
        t_wave = around_beats(ecg, "V4", 0.1, 0.4, heart_rate=rate)
        ends.append(np.argmax(t_wave))
    assert ends[1] < ends[0] - 0.04 * 500


@pytest.mark.parametrize("lead", ["II", "V5"])
def test_truth_lies_on_the_r_peaks(normal, lead):
    beats = generate_beats(20)
    signal = normal.lead(lead)
    reach = round(0.05 * 500)
    for beat in np.round(beats * 500).astype(int):
        part = slice(max(0, beat - reach), beat + reach)
        assert abs(part.start + np.argmax(signal[part]) - beat) <= 0.005 * 500
    assert len(beats) == pytest.approx(20 * 70 / 60, abs=2)


def test_sampling_frequency_changes_nothing_but_the_samples():
    fine, coarse = generate_ecg(10, 1000, seed=4), generate_ecg(10, 500, seed=4)
    np.testing.assert_allclose(fine.signal[:, ::2], coarse.signal, atol=2e-4)
    again = resample(fine.signal, 1000, 500)
    assert np.max(np.abs(again - coarse.signal)[:, 50:-50]) < 0.01


def test_the_seed_decides():
    one, same = generate_ecg(10, 250, seed=6), generate_ecg(10, 250, seed=6)
    np.testing.assert_array_equal(one.signal, same.signal)
    other = generate_ecg(10, 250, seed=7)
    assert np.max(np.abs(other.signal - one.signal)) > 0.3


def test_leads_are_given_in_the_order_asked_for():
    whole = generate_ecg(5, 250)
    some = generate_ecg(5, 250, leads=("V5", "aVL"))
    assert some.leads == ("V5", "aVL")
    np.testing.assert_array_equal(some.lead("V5"), whole.lead("V5"))
    np.testing.assert_array_equal(some.lead("aVL"), whole.lead("aVL"))


@settings(max_examples=40, deadline=None)
@given(
    duration=st.floats(0.001, 30),
    fs=st.sampled_from([100.0, 128.0, 333.3, 500.0, 1000.0]),
    heart_rate=st.floats(20, 220),
    rhythm=st.sampled_from(["sinus", "afib"]),
    seed=st.integers(0, 2**32),
)
def test_every_setting_gives_a_whole_plausible_recording(duration, fs, heart_rate, rhythm, seed):
    ecg = generate_ecg(duration, fs, heart_rate=heart_rate, rhythm=rhythm, seed=seed)
    assert ecg.n_samples == max(1, round(duration * fs))
    assert ecg.leads == STANDARD_LEADS
    assert np.isfinite(ecg.signal).all()
    assert np.max(np.abs(ecg.signal)) < 3
    beats = generate_beats(duration, heart_rate=heart_rate, rhythm=rhythm, seed=seed)
    assert ((beats >= 0) & (beats < duration)).all()
    assert (np.diff(beats) > 0.15).all()


def test_beats_reach_from_start_to_end_of_half_an_hour():
    ecg = generate_ecg(1800, 250, leads=("II",), rhythm="afib", heart_rate=140)
    beats = generate_beats(1800, rhythm="afib", heart_rate=140)
    assert beats[0] < 1.5
    assert beats[-1] > 1798.5
    last = ecg.lead("II")[-2 * 250 :]
    assert last.max() > 0.5


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"duration": 0}, "cannot last"),
        ({"duration": -1}, "cannot last"),
        ({"duration": np.nan}, "cannot last"),
        ({"duration": 1e9}, "cannot last"),
        ({"heart_rate": 0}, "cannot beat"),
        ({"heart_rate": np.nan}, "cannot beat"),
        ({"heart_rate": 500}, "cannot beat"),
        ({"rhythm": "vt"}, "no rhythm"),
        ({"fs": 10}, "cannot be sampled"),
        ({"fs": np.nan}, "cannot be sampled"),
        ({"fs": np.inf}, "cannot be sampled"),
        ({"leads": ("V7",)}, "no lead V7"),
        ({"leads": ()}, "has no lead"),
    ],
)
def test_bad_settings_are_named(settings, words):
    with pytest.raises(RecordingError, match=words):
        generate_ecg(**settings)
