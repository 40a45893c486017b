import pytest

from ecgkit.paper.layouts import LAYOUTS, arrange, layouts_for
from ecgkit.recording import STANDARD_LEADS, RecordingError

RHYTHM = ("II", "V1", "V5")


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("cabrera", [False, True])
def test_every_layout_shows_its_leads_once_and_its_strips(name, cabrera):
    places = arrange(name, STANDARD_LEADS, cabrera=cabrera, rhythm=RHYTHM)
    layout = LAYOUTS[name]
    leads = [place.lead for place in places if not place.rhythm]
    assert sorted(leads) == sorted(layout.leads or STANDARD_LEADS)
    assert [place.lead for place in places if place.rhythm] == list(RHYTHM[: layout.strips])
    assert len({(place.row, place.column) for place in places}) == len(places)


def test_the_usual_page_is_filled_column_by_column():
    places = arrange("3x4+1", STANDARD_LEADS)
    rows = [[p.lead for p in places if p.row == row] for row in range(4)]
    assert rows == [
        ["I", "aVR", "V1", "V4"],
        ["II", "aVL", "V2", "V5"],
        ["III", "aVF", "V3", "V6"],
        ["II"],
    ]


def test_cabrera_turns_avr_upside_down():
    places = arrange("6x2", STANDARD_LEADS, cabrera=True)
    labels = [place.label for place in places if place.column == 0]
    assert labels == ["aVL", "I", "-aVR", "II", "aVF", "III"]
    assert [place.lead for place in places if place.inverted] == ["aVR"]


def test_missing_leads_are_named_and_what_fits_is_said():
    with pytest.raises(RecordingError, match=r"no lead V6, which layout 12x1 shows.*limb"):
        arrange("12x1", STANDARD_LEADS[:11])
    with pytest.raises(RecordingError, match="no layout '5x5'"):
        arrange("5x5", STANDARD_LEADS)
    with pytest.raises(RecordingError, match="no lead V1"):
        arrange("3x4+1", STANDARD_LEADS[:6] + STANDARD_LEADS[7:], rhythm=("II",))
    with pytest.raises(RecordingError, match="at most 12"):
        arrange("strips", [f"lead {k}" for k in range(13)])


def test_what_fits_a_few_leads():
    assert layouts_for(("MLII", "V5")) == ("strips",)
    assert set(layouts_for(STANDARD_LEADS[:6])) == {"limb", "limb-3x2", "strips"}
    assert set(layouts_for(STANDARD_LEADS)) == set(LAYOUTS)
    assert layouts_for([f"lead {k}" for k in range(13)]) == ()
