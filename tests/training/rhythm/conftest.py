from dataclasses import fields

import numpy as np
import pytest

from ecgkit.training.datasets.rhythm import (
    RhythmData,
)


@pytest.fixture
def data(rhythm_data):
    return rhythm_data


@pytest.fixture
def bare():
    """Makes data of which only labels and sources matter."""

    def make(labels, sources=None, written=None):
        """Return data of which only labels and sources matter."""
        labels = np.asarray(labels)
        values = {field.name: np.zeros(labels.size) for field in fields(RhythmData)}
        values["labels"] = labels
        values["written"] = labels if written is None else np.asarray(written)
        values["sources"] = np.asarray(["ludb"] * labels.size if sources is None else sources)
        return RhythmData(**values)

    return make
