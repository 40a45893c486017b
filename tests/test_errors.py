"""The errors: what they say, and that they pass between processes whole."""

import copy
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from ecgkit.errors import PageError, RecordingError
from ecgkit.io.limits import check_fs
from ecgkit.io.photo import open_photo

FIELDS = {"where": "a.png", "remedy": "Give its corners.", "asks": {"corners", "page"}}


def every_error():
    """Return one error of each class, all fields filled."""
    kinds = {RecordingError: {}, PageError: {"stage": "rectify"}}
    found = [RecordingError]
    for kind in found:
        found += kind.__subclasses__()
    ours = {kind for kind in found if kind.__module__.startswith("ecgkit")}
    assert ours == set(kinds), "a new error needs its fields here"
    return [kind("shows no grid", **FIELDS, **more) for kind, more in kinds.items()]


def by_pickle(error):
    return pickle.loads(pickle.dumps(error))


@pytest.mark.parametrize("error", every_error(), ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("way", [by_pickle, copy.copy, copy.deepcopy])
def test_every_field_survives(error, way):
    error.add_note("seen on page 2")
    again = way(error)
    assert type(again) is type(error)
    assert again.args == error.args
    assert vars(again) == vars(error)
    assert str(again) == "a.png: shows no grid. Give its corners."
    assert again.__notes__ == error.__notes__


def test_a_process_pool_hands_them_on_and_lives():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        # An error that cannot be unpickled would end the pool, and what is asked of it next.
        page = pool.submit(open_photo, b"", "a.png").exception()
        rate = pool.submit(check_fs, 0.0, "a.csv").exception()
    assert isinstance(page, PageError)
    assert (page.stage, page.where, page.problem) == ("open", "a.png", "is empty")
    assert type(rate) is RecordingError
    assert (rate.where, rate.asks) == ("a.csv", frozenset())


def test_error_reads_as_a_sentence_and_carries_what_it_asks_for():
    error = RecordingError("has no unit", where="a.csv", remedy="Give µV or mV.", asks={"unit"})
    assert str(error) == "a.csv: has no unit. Give µV or mV."
    assert error.asks == {"unit"}


def test_recording_gives_the_same_class():
    import ecgkit
    from ecgkit import recording

    assert ecgkit.RecordingError is recording.RecordingError is RecordingError
