"""Units of voltage, as files write them."""

from __future__ import annotations

from ecgkit.recording import RecordingError

_MILLIVOLTS = {
    "nv": 1e-6,
    "nanovolt": 1e-6,
    "uv": 1e-3,
    "microvolt": 1e-3,
    "mv": 1.0,
    "millivolt": 1.0,
    "v": 1e3,
    "volt": 1e3,
}
_ARBITRARY = {"", "nu", "au", "adu", "arbitrary", "arbitraryunits", "unknown", "none", "adcunits"}


def millivolts(unit: str) -> float | None:
    """Return how many mV one of the unit is (``"uV"`` gives 0.001), or None if it is no voltage."""
    text = unit.strip().lower().replace("µ", "u").replace("μ", "u")
    return _MILLIVOLTS.get(text) or _MILLIVOLTS.get(text.removesuffix("s"))


def is_arbitrary(unit: str) -> bool:
    """Say whether the text means that there is no known unit (``"NU"``, ``"a.u."``, none)."""
    bare = "".join(letter for letter in unit.lower() if letter.isalnum())
    return bare in _ARBITRARY


def asked_unit(unit: str | None) -> str | None:
    """Check the unit that a person gave: a voltage, or ``"NU"`` for arbitrary units.

    Raises
    ------
    RecordingError
        Where it is neither.
    """
    if unit is None or millivolts(unit) is not None or is_arbitrary(unit):
        return unit
    raise RecordingError(
        f"is given in {unit[:20]!r}, which is no unit of voltage",
        where="The recording",
        remedy="Use µV, mV, V, or NU where the unit is unknown.",
        asks={"unit"},
    )
