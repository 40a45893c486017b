"""What a network says of an input that is not of its shape."""

from __future__ import annotations

from torch import Tensor

from ecgkit.recording import RecordingError


def check_shape(inputs: Tensor, **wanted: int | None) -> None:
    """Refuse a network's input whose axes are not as wanted.

    Parameters
    ----------
    inputs
        What the network was given.
    wanted
        Axis -> its size, None where any size of one or more will do; in the order of the axes.

    Raises
    ------
    RecordingError
        Where the number of axes or one's size is another.
    """
    sizes = tuple(inputs.shape)
    fits = len(sizes) == len(wanted) and all(
        size == needed or (needed is None and size > 0)
        for size, needed in zip(sizes, wanted.values(), strict=True)
    )
    if not fits:
        axes = ", ".join(
            name if size is None else f"{size} {name}" for name, size in wanted.items()
        )
        raise RecordingError(
            f"the network was given an array of shape {sizes}", remedy=f"It takes ({axes})."
        )
