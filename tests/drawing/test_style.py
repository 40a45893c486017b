from ecgkit.drawing.style import STYLES


def test_every_signal_can_be_told_without_colour() -> None:
    together = [style for key, style in STYLES.items() if key != "tracing"]  # which stands alone
    looks = {(style.width > 0.35, style.width > 1, style.dash) for style in together}
    assert len(looks) == len(together)
