"""The rules of the layout: one table says for every room what it may import."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

BASE = {"recording", "errors", "leads", "arguments", "disclaimer"}
LOW = BASE | {"processing"}
PICTURES = LOW | {"io", "paper"}
RULES = {
    # What every room may use, and what the plain functions on arrays are.
    "leads": {"errors"},
    "errors": set(),
    "disclaimer": set(),
    "recording": {"errors", "leads"},
    "arguments": {"recording", "errors"},
    "processing": BASE,
    "io": LOW | {"paper.scale"},
    # Networks: the catalogue knows none of them, and they know no catalogue.
    "modules": LOW,
    "models": BASE,
    # Paper, drawn and read.
    "paper": LOW,
    "rendering": PICTURES,
    "digitization": PICTURES | {"modules", "models"},
    # What a recording is asked.
    "denoising": LOW | {"modules", "models"},
    "rhythm": LOW | {"modules", "models"},
    "diagnosis": PICTURES | {"modules", "models", "digitization", "rhythm"},
    # What a person sees and calls.
    "drawing": PICTURES | {"models", "denoising", "rhythm", "digitization", "diagnosis"},
    "demos": LOW | {"io"},
    "api": PICTURES
    | {"models", "rendering", "denoising", "rhythm", "digitization", "diagnosis", "drawing"}
    | {"demos"},
    "cli": PICTURES
    | {"models", "rendering", "denoising", "rhythm", "digitization", "diagnosis", "drawing"},
}
"""Room -> the rooms that it may import, besides itself; ``room.module`` allows that module alone.
A room that is not in the table does not exist; the trainings, on top, may import all of them."""

NARROWER = {
    "drawing/svg": {"drawing.html", "drawing.pdf"},
    "rendering": {"io.open", "io.photo"},
    "denoising/aprcnn.py": {"models"},
    "denoising/autoencoder.py": {"models"},
    "diagnosis/image_network.py": {"models"},
    "diagnosis/region_network.py": {"models"},
    "diagnosis/signal_network.py": {"models"},
    "digitization/unet.py": {"models"},
    "rhythm/network_1d.py": {"models"},
    "rhythm/network_2d.py": {"models"},
    "digitization/rectification": {"digitization.pipeline", "digitization.export"},
    "digitization/tracing": {"digitization.pipeline", "digitization.export"},
}
"""Folder or file -> what it may not import, though its room may."""

LIBRARY = sorted(
    path
    for path in (ROOT / "ecgkit").rglob("*.py")
    if path.parent != ROOT / "ecgkit" or not path.stem.startswith("__")
)
PAGES = [*sorted((ROOT / "pages").rglob("*.py")), ROOT / "app.py"]


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def room_of(path):
    return path.relative_to(ROOT / "ecgkit").parts[0].removesuffix(".py")


def imported(path):
    """Yield what a file imports, anywhere in it, by its full name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide what is imported"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name, allowed):
    """Whether a name under ``ecgkit`` lies in one of some rooms or modules."""
    return any(name == one or name.startswith(f"{one}.") for one in allowed)


def own(path):
    """Yield what a file imports of ecgkit, without the package's own name."""
    for name in imported(path):
        first, _, rest = name.partition(".")
        if first == "ecgkit":
            yield rest


FRONT_DOOR = {"STANDARD_LEADS", "Recording", "RecordingError", "PageError", "__version__"}


@pytest.mark.parametrize("path", LIBRARY, ids=name_of)
def test_a_room_imports_only_those_that_it_may(path):
    room = room_of(path)
    if room == "training":
        return
    assert room in RULES, f"the room {room} is not in the table"
    names = {name for name in own(path) if name not in FRONT_DOOR}
    assert not sorted(name for name in names if not within(name, RULES[room] | {room}))
    for place, forbidden in NARROWER.items():
        if within(
            name_of(path).removeprefix("ecgkit/").replace("/", "."), [place.replace("/", ".")]
        ):
            assert not sorted(name for name in names if within(name, forbidden))


@pytest.mark.parametrize("path", LIBRARY, ids=name_of)
def test_the_library_knows_no_streamlit(path):
    names = {name.split(".")[0] for name in imported(path)}
    assert "streamlit" not in names
    assert "pages" not in names


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_pages_hold_no_mathematics(path):
    names = {name.split(".")[0] for name in imported(path)}
    assert not names & {"numpy", "scipy", "pywt", "torch", "cv2", "sklearn"}
    assert not {name for name in own(path) if within(name, ["training", "cli", "api"])}


def test_the_table_names_rooms_that_exist_and_has_no_circle():
    rooms = {room_of(path) for path in LIBRARY} - {"training"}
    assert rooms == set(RULES)
    done = set()
    while done != rooms:
        ready = {
            room
            for room in rooms - done
            if all(name.split(".")[0] in done | {room} for name in RULES[room] if "." not in name)
        }
        assert ready, f"a circle among {sorted(rooms - done)}"
        done |= ready


def test_each_rule_of_a_part_is_about_something():
    for place in NARROWER:
        assert (ROOT / "ecgkit" / place).exists(), place
