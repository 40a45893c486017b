"""Names of leads, and the algebra of the limb leads."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ecgkit.leads import (
    CABRERA,
    LIMB_LEAD_LAWS,
    LIMB_LEADS,
    STANDARD_LEADS,
    complete_limb_leads,
    limb_lead,
    standard_lead_name,
    unsigned,
    with_upright_leads,
)

PAIRS = list(combinations(LIMB_LEADS, 2))
# In whole nV: sums of denormal numbers round differently, and no ECG has them.
ROWS = hnp.arrays(np.int64, (2, 5), elements=st.integers(-(10**7), 10**7)).map(
    lambda rows: (rows / 1e6).astype(np.float32)
)


def six(one, two):
    """Return all limb leads from I and II, written out."""
    return {
        "I": one,
        "II": two,
        "III": two - one,
        "aVR": -(one + two) / 2,
        "aVL": one - two / 2,
        "aVF": two - one / 2,
    }


@pytest.mark.parametrize("lead", STANDARD_LEADS)
@pytest.mark.parametrize("form", ["{}", " {} ", "Lead {}", "ECG {}", "lead_{}"])
@pytest.mark.parametrize("case", [str.lower, str.upper, str])
def test_standard_leads_in_any_spelling(lead, form, case):
    assert standard_lead_name(case(form.format(lead))) == lead


def test_other_names_stand_as_they_are():
    assert standard_lead_name(" MLII ") == "MLII"
    assert standard_lead_name("Lead MCL  1") == "Lead MCL 1"


@pytest.mark.parametrize("name", ["-aVR", "-AVR", " - avr", "\N{MINUS SIGN}aVR", "-lead aVR"])
def test_a_lead_upside_down_keeps_its_sign(name):
    assert standard_lead_name(name) == "-aVR"
    assert unsigned("-aVR") == ("aVR", True)
    assert unsigned("aVR") == ("aVR", False)


def test_a_dash_after_a_prefix_is_no_sign():
    assert standard_lead_name("ECG-II") == "II"
    assert standard_lead_name("lead - aVL") == "aVL"


def test_cabrera_shows_each_limb_lead_once_and_turns_every_thirty_degrees():
    angles = {"I": 0, "II": 60, "III": 120, "aVR": -150, "aVL": -30, "aVF": 90}
    around = [angles[lead] + 180 * down for lead, down in map(unsigned, CABRERA)]
    assert around == [-30, 0, 30, 60, 90, 120]


@pytest.mark.parametrize("pair", PAIRS)
@given(rows=ROWS)
def test_any_two_limb_leads_give_the_others(pair, rows):
    truth = six(*rows.astype(np.float64))
    known = {lead: truth[lead] for lead in pair} | {"V1": truth["I"] * 7}
    for lead in LIMB_LEADS:
        np.testing.assert_allclose(limb_lead(lead, known), truth[lead], atol=1e-9)


@pytest.mark.parametrize("pair", [("I", "II"), ("I", "III"), ("II", "III")])
@given(rows=ROWS)
def test_from_two_of_the_first_three_it_is_exactly_einthoven_and_goldberger(pair, rows):
    known = dict(zip(pair, rows, strict=True))
    one = known.get("I", known.get("II", 0) - known.get("III", 0))
    two = known.get("II", known.get("I", 0) + known.get("III", 0))
    for lead, expected in (six(one, two) | known).items():
        found = limb_lead(lead, known)
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, expected)


@given(rows=ROWS)
def test_the_laws_hold_of_the_six(rows):
    truth = six(*rows.astype(np.float64))
    for weights in LIMB_LEAD_LAWS.values():
        assert np.abs(sum(w * truth[lead] for lead, w in weights.items())).max() < 1e-9


@pytest.mark.parametrize("pair", PAIRS)
def test_a_derived_sample_is_missing_where_either_source_is(pair):
    rows = np.array([[1, np.nan, 3, 4], [1, 2, np.nan, 4]], np.float32)
    known = dict(zip(pair, rows, strict=True))
    for lead in set(LIMB_LEADS) - set(pair):
        np.testing.assert_array_equal(np.isnan(limb_lead(lead, known)), [0, 1, 1, 0])


def test_what_does_not_follow_is_none():
    row = np.ones(3, np.float32)
    assert limb_lead("aVF", {"I": row, "V1": row}) is None
    assert limb_lead("V1", {"I": row, "II": row}) is None


def test_a_lead_upside_down_is_turned_unless_the_upright_one_is_there():
    row = np.arange(3.0)
    np.testing.assert_array_equal(with_upright_leads({"-aVR": row})["aVR"], -row)
    both = with_upright_leads({"-aVR": row, "aVR": row + 5, "III": row})
    np.testing.assert_array_equal(both["aVR"], row + 5)
    assert set(both) == {"-aVR", "aVR", "III"}


@given(
    rows=ROWS,
    seen=hnp.arrays(np.bool_, (6, 5)),
    absent=st.sets(st.integers(0, 5), min_size=1, max_size=4),
)
def test_completing_fills_absent_leads_where_two_are_seen(rows, seen, absent):
    truth = np.stack([*six(*rows).values()])
    seen[list(absent)] = False
    leads = np.where(seen, truth, np.nan).astype(np.float32)
    full = complete_limb_leads(leads)
    nowhere = ~seen.any(axis=1)
    np.testing.assert_array_equal(full[~nowhere], leads[~nowhere])
    expected = np.where(seen.sum(axis=0) >= 2, truth, np.nan)[nowhere]
    np.testing.assert_allclose(full[nowhere], expected, atol=1e-4)
    assert len(STANDARD_LEADS) == 12
