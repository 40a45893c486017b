"""What a session holds while it is open, and what is left of it once it is closed: nothing."""

import gc
import weakref
from collections.abc import Callable

import numpy as np
import pytest

from ecgkit.diagnosis.page_reading import PageReading
from ecgkit.io import write_csv
from ecgkit.io.photo import Photo
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import Recording


def of_patients() -> list[object]:
    """Return all recordings, photos and reports that are in this process."""
    gc.collect()
    kinds = (Recording, Photo, PageReading)
    # By its type: asked for its class, a module that loads lazily would load.
    return [thing for thing in gc.get_objects() if issubclass(type(thing), kinds)]


@pytest.fixture
def made_since() -> Callable[[], list[weakref.ref]]:
    """What finds all that is a patient's and has come since the test began, and its arrays."""
    before = of_patients()
    known = {id(thing) for thing in before}

    def found() -> list[weakref.ref]:
        del before[:0]  # held, so that no other thing takes the place of one of them
        things = [thing for thing in of_patients() if id(thing) not in known]
        arrays = [
            part
            for thing in things
            for part in vars(thing).values()
            if isinstance(part, np.ndarray)
        ]
        return [weakref.ref(thing) for thing in (*things, *arrays)]

    return found


def left_over(held: list[weakref.ref]) -> list[str]:
    gc.collect()
    things = [thing for thing in (reference() for reference in held) if thing is not None]
    return [f"{type(thing).__name__} {getattr(thing, 'name', '')}" for thing in things]


def use_view_1(visit) -> None:
    visit.choose("methods", ["bandpass", "dwt"])
    for section in ("DWT levels", "Downloads"):
        visit.choose("section", section)


def use_view_2(visit) -> None:
    visit.complete().choose("rhythm_model", "cnn1d").choose("rhythm_layout", "12x1")


def use_view_3(visit) -> None:
    visit.complete().choose("paper_gain", 20.0).complete()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "use"),
    [
        ("open_denoise_page", use_view_1),
        ("open_rhythm_page", use_view_2),
        ("open_paper_page", use_view_3),
    ],
)
def test_a_closed_session_leaves_nothing_of_a_patient(request, made_since, page: str, use) -> None:
    visit = request.getfixturevalue(page)()
    visit.upload({"patient.csv": write_csv(generate_ecg(12.0, 250.0, seed=5))})
    use(visit)
    assert visit.app.session_state["recording"].name == "patient"
    held = made_since()
    kinds = {type(reference()) for reference in held}
    assert {Recording, np.ndarray} <= kinds
    assert ({Photo, PageReading} <= kinds) == (page == "open_paper_page")
    del visit
    assert left_over(held) == []


def test_another_recording_takes_the_place_of_the_one_before(open_denoise_page, made_since) -> None:
    visit = open_denoise_page()
    visit.upload({"first.csv": write_csv(generate_ecg(10.0, 250.0, seed=5))})
    held = made_since()
    visit.upload({"second.csv": write_csv(generate_ecg(11.0, 250.0, seed=6))})
    visit.run()  # what the run before has drawn is let go with the one after
    assert left_over(held) == []


def test_a_session_keeps_the_latest_results_alone(open_denoise_page) -> None:
    visit = open_denoise_page().choose("methods", ["bandpass"])
    sizes = []
    for seed in range(30):
        visit.app.number_input(key="seed").set_value(seed)
        visit.run()
        sizes.append(len(visit.app.session_state["results"]))
    assert max(sizes) <= 48
    assert visit.app.session_state["results"].bytes < 100e6


def test_results_are_bounded_by_what_they_weigh(pages_package: None) -> None:
    from pages.shell.results import Results, size_of

    recording = generate_ecg(10.0, 250.0)
    weight = recording.signal.nbytes
    assert weight <= size_of(recording) < weight + 1000
    assert size_of((recording, recording)) == size_of(recording)
    results = Results(most_bytes=3 * size_of(recording))
    for seed in range(5):
        results.get_or_make(seed, lambda seed=seed: generate_ecg(10.0, 250.0, seed=seed))
    assert list(results) == [2, 3, 4]
    results.get_or_make(2, lambda: pytest.fail("it was there"))
    results.get_or_make(5, lambda: generate_ecg(10.0, 250.0))
    assert list(results) == [4, 2, 5]  # what was used last stays longest
    results.get_or_make("long", lambda: generate_ecg(60.0, 250.0))
    assert list(results) == ["long"]  # what is in sight stays, whatever it weighs
