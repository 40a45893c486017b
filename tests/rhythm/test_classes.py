import math
from collections import Counter

import pytest

from ecgkit.rhythm.classes import (
    FAST,
    MARGIN,
    RHYTHMS,
    SLOW,
    TERMS,
    harmonised_class,
    sinus_class,
    terms_of_ludb,
    terms_of_scp,
    terms_of_snomed,
    written_class,
)

SNOMED = [(code, term) for term in TERMS for code in term.snomed]
SCP = [(code, term) for term in TERMS for code in term.scp]
LUDB = [(text, term) for term in TERMS for text in term.ludb]
SR, SB, STACH, AF, PACED = "426783006", "426177001", "427084000", "164889003", "10370003"


@pytest.mark.parametrize(("code", "term"), SNOMED)
def test_every_snomed_code_gives_its_rhythm(code, term):
    assert terms_of_snomed(["59118001", code]) == [term]
    assert written_class([term]) == term.rhythm


@pytest.mark.parametrize(("code", "term"), SCP)
def test_every_scp_statement_gives_its_rhythm(code, term):
    assert terms_of_scp(["NORM", code, "IMI"]) == [term]


@pytest.mark.parametrize(("text", "term"), LUDB)
def test_every_text_of_ludb_gives_its_rhythm(text, term):
    assert terms_of_ludb(["", f" {text.capitalize()}, something else.\n"]) == [term]


@pytest.mark.parametrize("pairs", [SNOMED, SCP, LUDB], ids=["SNOMED", "SCP", "LUDB"])
def test_no_code_stands_twice(pairs):
    counts = Counter(code for code, _ in pairs)
    assert {code for code, count in counts.items() if count > 1} == set()
    for text, term in pairs:  # nor does one text of LUDB begin with another one's
        assert not any(text.startswith(other) for other, its in pairs if its is not term)


def test_the_table_knows_the_four_classes_and_nothing_else():
    assert {term.rhythm for term in TERMS} == {*RHYTHMS, ""}
    assert tuple(RHYTHMS) == ("SB", "AFIB", "GSVT", "SR")
    assert len({term.name for term in TERMS}) == len(TERMS)
    # The rate alone decides a sinus rhythm's class, and never that of any other rhythm.
    assert all(term.rate_defined == ("sinus" in term.name) for term in TERMS)


@pytest.mark.parametrize(
    ("codes", "written"),
    [
        ([SR], "SR"),
        ([SR, SB], "SB"),
        ([SB, SR, SB], "SB"),
        ([SR, STACH], "GSVT"),
        ([SR, "427393009"], "SR"),
        ([AF, "164890007"], "AFIB"),
        ([SR, AF], ""),
        ([SB, AF], ""),
        ([SB, STACH], ""),
        ([SR, SB, STACH], ""),
        ([SR, PACED], ""),
        ([AF, PACED], ""),
        (["426995002"], ""),
        (["59118001"], ""),
        ([], ""),
    ],
)
def test_sinus_rhythm_gives_way_and_contradictions_are_left_out(codes, written):
    terms = terms_of_snomed(codes)
    assert written_class(terms) == written
    assert bool(harmonised_class(terms, 75.0)) == bool(written)


@pytest.mark.parametrize(
    ("rate", "rhythm"),
    [
        (45.0, "SB"),
        (57.9, "SB"),
        (58.1, ""),
        (60.0, ""),
        (61.9, ""),
        (62.1, "SR"),
        (97.9, "SR"),
        (98.1, ""),
        (101.9, ""),
        (102.1, "GSVT"),
        (140.0, "GSVT"),
        (math.nan, ""),
    ],
)
@pytest.mark.parametrize("code", [SR, SB, STACH, "427393009"])
def test_the_measured_rate_decides_sinus_rhythms_but_not_near_a_limit(code, rate, rhythm):
    assert harmonised_class(terms_of_snomed([code]), rate) == rhythm


@pytest.mark.parametrize("rate", [40.0, 60.0, 100.0, 150.0, math.nan])
@pytest.mark.parametrize(("code", "rhythm"), [(AF, "AFIB"), ("426761007", "GSVT")])
def test_no_rate_changes_what_is_not_defined_by_it(code, rhythm, rate):
    assert harmonised_class(terms_of_snomed([code]), rate) == rhythm
    assert harmonised_class(terms_of_snomed([SR, "426761007"]), rate) == "GSVT"


def test_limits_without_a_margin():
    assert (SLOW, FAST, MARGIN) == (60.0, 100.0, 2.0)
    assert [sinus_class(rate) for rate in (59.99, 60.0, 100.0, 100.01)] == [
        "SB",
        "SR",
        "SR",
        "GSVT",
    ]
    assert sinus_class(math.nan) == ""
