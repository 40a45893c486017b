"""Shares in percent, as every view says them."""

from __future__ import annotations


def percent(share: float) -> str:
    """Return a share in whole percent; what is rounded is not said to be sure."""
    if 0.995 <= share < 1:
        return ">99 %"
    return "<1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"


def fine_percent(share: float) -> str:
    """Return a share in percent, with a decimal where it is small or next to 100."""
    if share < 0.0005:
        return "<0.1 %" if share > 0 else "0 %"
    if share > 0.9995:
        return ">99.9 %" if share < 1 else "100 %"
    return f"{100 * share:.{0 if 0.0995 <= share < 0.9895 else 1}f} %"


def distinct_percents(probability: float, threshold: float) -> tuple[str, str]:
    """Return probability and threshold in percent, with as many digits as tell them apart."""
    words = fine_percent(probability), fine_percent(threshold)
    for digits in range(1, 5):
        if words[0] != words[1] or probability == threshold:
            break
        words = (f"{100 * probability:.{digits}f} %", f"{100 * threshold:.{digits}f} %")
    return words
