"""The front door: every name is there, its example runs, and every wrong argument is refused."""

import ast
import doctest
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ecgkit
from ecgkit import RecordingError

ROOT = Path(__file__).resolve().parents[1]
FUNCTIONS = [name for name in ecgkit.__all__ if name.islower()]


@pytest.fixture(scope="module")
def normal():
    return ecgkit.demo("generated")


@pytest.fixture(scope="module")
def drawn(normal):
    return ecgkit.render_page(normal, "3x4", px_per_mm=5)


@pytest.fixture(scope="module")
def reading(drawn):
    return ecgkit.read_page(drawn.image, classifiers=["signal"])


def test_every_public_name_is_seen_and_found():
    assert set(ecgkit.__all__) <= set(dir(ecgkit))
    for name in ecgkit.__all__:
        assert getattr(ecgkit, name) is getattr(ecgkit, name)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = ecgkit.nonsense


def test_type_checkers_see_the_same_names():
    tree = ast.parse(Path(ecgkit.__file__).read_text())
    (block,) = [
        node
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    typed = {alias.name: node.module for node in block.body for alias in node.names}
    assert typed == ecgkit._HOMES
    assert sorted(ecgkit.__all__) == sorted(typed)


def test_the_examples_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = [*FUNCTIONS, ""]
    for name in names:
        what = getattr(ecgkit, name) if name else ecgkit
        room = vars(sys.modules[getattr(what, "__module__", "ecgkit")])
        found = doctest.DocTestFinder(recurse=False).find(what, name or "ecgkit", globs=dict(room))
        assert [test for test in found if test.examples], f"{name} has no example"
        for test in found:
            said = io.StringIO()
            runner = doctest.DocTestRunner()
            runner.run(test, out=said.write)
            assert runner.failures == 0, said.getvalue()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_docstrings_have_their_parts(name):
    text = getattr(ecgkit, name).__doc__
    for part in ("Parameters", "Raises", "Examples"):
        assert f"{part}\n    ---" in text


@pytest.mark.parametrize("kind", ["path", "text", "bytes", "buffer", "file", "names"])
def test_a_recording_opens_from_whatever_a_person_has(kind, normal, tmp_path):
    path = tmp_path / "normal.edf"
    assert ecgkit.save(normal, path) == [path]
    content = path.read_bytes()
    with path.open("rb") as file:
        source = {
            "path": path,
            "text": str(path),
            "bytes": content,
            "buffer": io.BytesIO(content),
            "file": file,
            "names": {"normal.edf": content},
        }[kind]
        opened = ecgkit.open(source)
    assert opened.leads == normal.leads
    np.testing.assert_allclose(opened.signal, normal.signal, atol=0.001)


def test_from_noise_to_scores(normal):
    noisy = ecgkit.add_noise(normal, "blend", snr_db=3, seed=4)
    output = ecgkit.denoise(noisy, "dwt", baseline=True)
    assert ecgkit.compare(noisy, normal).snr_db == pytest.approx(3, abs=0.01)
    assert ecgkit.compare(output, normal).snr_db > 4
    assert ecgkit.detect_beats(output).heart_rate == pytest.approx(71, abs=1)


def test_a_scalogram_peaks_where_a_sine_lies():
    time = np.arange(2560) / 256
    sine = ecgkit.Recording(np.sin(2 * np.pi * 8 * time)[None], 256.0, ("II",))
    image = ecgkit.scalogram(sine, frequencies=97, lowest=2, highest=32)
    found = image.to_dict()["dominant_hz"]["II"]
    assert found == pytest.approx(8, rel=0.03)
    # Away from the ends, a sine of 1 mV answers with 1 mV.
    row = image["II"][np.argmin(np.abs(image.frequencies - 8))]
    assert np.median(row) == pytest.approx(1, abs=0.05)
    assert image.to_dataframe()["II"].idxmax() == found


def test_a_scalogram_says_where_it_begins(normal):
    image = ecgkit.scalogram(normal, ["v2", "II"], start=2.0, duration=3.0)
    assert (image.leads, image.start, image.magnitude.shape) == (("V2", "II"), 2.0, (2, 64, 768))
    assert image.times[[0, -1]] == pytest.approx([2.0, 5.0], abs=0.01)
    with pytest.raises(RecordingError, match="has no lead V9"):
        image["V9"]


def test_a_page_there_and_back(drawn, reading, normal):
    assert reading.error is None
    assert set(reading.recording.leads) == set(normal.leads)
    assert set(reading.diagnoses) == {"signal"}
    assert reading.mask.ndim == 2
    assert reading.to_dict()["layout"] == "3x4"
    assert drawn.to_dict()["layout"] == "3x4"


@pytest.mark.parametrize("kind", ["path", "bytes", "pil", "rgba", "float", "grey"])
def test_a_page_is_read_from_whatever_a_person_has(kind, drawn, reading, tmp_path):
    path = drawn.save(tmp_path / "page.png")
    image = Image.fromarray(drawn.image)
    opaque = np.full((*drawn.mask.shape, 1), 255, np.uint8)
    source = {
        "path": path,
        "bytes": path.read_bytes(),
        "pil": image,
        "rgba": np.concatenate([drawn.image, opaque], axis=2),
        "float": drawn.image / np.float32(255),
        "grey": np.asarray(image.convert("L")),
    }[kind]
    found = ecgkit.read_page(source, classifiers=())
    assert found.error is None
    if kind != "grey":
        same = reading.recording.with_signal(found.recording.signal)
        assert np.nanmax(np.abs(same.signal - reading.recording.signal)) < 0.05


def test_an_unreadable_page_says_why(drawn):
    blank = ecgkit.read_page(np.full_like(drawn.image, 250), classifiers=())
    assert "grid" in str(blank.error)
    assert "grid" in repr(blank)
    with pytest.raises(ecgkit.PageError, match="grid"):
        _ = blank.recording


@pytest.fixture(scope="module")
def results(normal, drawn, reading):
    return {
        "recording": normal,
        "beats": ecgkit.detect_beats(normal),
        "scores": ecgkit.compare(normal, normal),
        "scalogram": ecgkit.scalogram(normal),
        "plot": ecgkit.plot(normal),
        "page": drawn,
        "reading": reading,
        "rhythm": ecgkit.classify_rhythm(normal),
        "diagnoses": ecgkit.diagnose(normal),
    }


@pytest.mark.parametrize(
    "name",
    [
        "recording",
        "beats",
        "scores",
        "scalogram",
        "plot",
        "page",
        "reading",
        "rhythm",
        "diagnoses",
    ],
)
def test_results_print_in_one_line_draw_themselves_and_give_plain_values(name, results):
    result = results[name]
    text = repr(result)
    assert "\n" not in text
    assert len(text) < 300
    assert "array" not in text
    drawn = result._repr_svg_() if name == "plot" else result._repr_html_()
    assert drawn.startswith("<")
    if name != "plot":
        json.dumps(result.to_dict())
    if hasattr(result, "to_dataframe"):
        assert len(result.to_dataframe())


def test_a_plot_is_a_drawing_with_a_title(normal, tmp_path):
    path = ecgkit.plot(normal, start=1, seconds=5).save(tmp_path / "ecg.svg")
    text = path.read_text()
    assert text.startswith("<svg")
    assert "1 to 6 s" in text


WRONG = {
    "open": [
        lambda rec: ecgkit.open(None),
        lambda rec: ecgkit.open(3),
        lambda rec: ecgkit.open([]),
        lambda rec: ecgkit.open([3]),
        lambda rec: ecgkit.open(b""),
        lambda rec: ecgkit.open(io.StringIO("text")),
        lambda rec: ecgkit.open({"a.csv": "text"}),
        lambda rec: ecgkit.open("missing.hea"),
        lambda rec: ecgkit.open(b"1,2\n3,4\n", fs=float("nan")),
        lambda rec: ecgkit.open(b"1,2\n3,4\n", unit="kV"),
    ],
    "save": [
        lambda rec: ecgkit.save(None, "x.edf"),
        lambda rec: ecgkit.save(rec, "x.xyz"),
        lambda rec: ecgkit.save(rec, None),
        lambda rec: ecgkit.save(rec, "no/such/folder/x.csv"),
    ],
    "demo": [lambda rec: ecgkit.demo("x"), lambda rec: ecgkit.demo(None)],
    "denoise": [
        lambda rec: ecgkit.denoise(None),
        lambda rec: ecgkit.denoise(rec.signal),
        lambda rec: ecgkit.denoise(rec, "magic"),
        lambda rec: ecgkit.denoise(rec, None),
        lambda rec: ecgkit.denoise(rec, "aprcnn", level=3),
        lambda rec: ecgkit.denoise(rec, "dwt", colour="red"),
        lambda rec: ecgkit.denoise(rec, "dwt", level="three"),
        lambda rec: ecgkit.denoise(rec, "bandpass", low="x"),
        lambda rec: ecgkit.denoise(rec, "bandpass", low=float("nan")),
    ],
    "add_noise": [
        lambda rec: ecgkit.add_noise(None, "white", 0),
        lambda rec: ecgkit.add_noise(rec, "pink", 0),
        lambda rec: ecgkit.add_noise(rec, "white", float("nan")),
        lambda rec: ecgkit.add_noise(rec, "white", "loud"),
        lambda rec: ecgkit.add_noise(rec, "white", 0, seed=-1),
        lambda rec: ecgkit.add_noise(rec, "white", 0, seed=0.5),
        lambda rec: ecgkit.add_noise(rec, "powerline", 0, mains="fifty"),
    ],
    "compare": [
        lambda rec: ecgkit.compare(rec, None),
        lambda rec: ecgkit.compare(rec.signal, rec.signal),
        lambda rec: ecgkit.compare(rec, rec.window(0, 5)),
    ],
    "detect_beats": [
        lambda rec: ecgkit.detect_beats(None),
        lambda rec: ecgkit.detect_beats(rec, "V9"),
    ],
    "scalogram": [
        lambda rec: ecgkit.scalogram(None),
        lambda rec: ecgkit.scalogram(rec, ["V9"]),
        lambda rec: ecgkit.scalogram(rec, []),
        lambda rec: ecgkit.scalogram(rec, start=100),
        lambda rec: ecgkit.scalogram(rec, start=float("nan")),
        lambda rec: ecgkit.scalogram(rec, lowest=0),
        lambda rec: ecgkit.scalogram(rec, lowest=20, highest=10),
        lambda rec: ecgkit.scalogram(rec, frequencies=2.5),
    ],
    "classify_rhythm": [
        lambda rec: ecgkit.classify_rhythm(None),
        lambda rec: ecgkit.classify_rhythm(rec, "oracle"),
        lambda rec: ecgkit.classify_rhythm(rec, start=100),
        lambda rec: ecgkit.classify_rhythm(rec, start="soon"),
        lambda rec: ecgkit.classify_rhythm(rec.window(0, 1)),
    ],
    "diagnose": [
        lambda rec: ecgkit.diagnose(None),
        lambda rec: ecgkit.diagnose(rec, start=100),
        lambda rec: ecgkit.diagnose(rec, start=-1),
        lambda rec: ecgkit.diagnose(rec.with_signal(0 * rec.signal)),
    ],
    "read_page": [
        lambda rec: ecgkit.read_page(None),
        lambda rec: ecgkit.read_page("missing.png"),
        lambda rec: ecgkit.read_page(b"no picture"),
        lambda rec: ecgkit.read_page(rec),
        lambda rec: ecgkit.read_page(np.zeros((500, 700, 5), np.uint8)),
        lambda rec: ecgkit.read_page(np.zeros(5)),
        lambda rec: ecgkit.read_page(np.full((500, 700), -7.5)),
        lambda rec: ecgkit.read_page(np.zeros((500, 700), complex)),
        lambda rec: ecgkit.read_page(b"x", page=0),
        lambda rec: ecgkit.read_page(b"x", classifiers="blend"),
        lambda rec: ecgkit.read_page(b"x", classifiers=["resnet"]),
        lambda rec: ecgkit.read_page(b"x", classifiers=None),
        lambda rec: ecgkit.read_page(b"x", layout="5x5"),
        lambda rec: ecgkit.read_page(b"x", mm_per_s=0),
        lambda rec: ecgkit.read_page(b"x", px_per_mm="ten"),
        lambda rec: ecgkit.read_page(b"x", corners=[(0, 0)]),
    ],
    "render_page": [
        lambda rec: ecgkit.render_page(None),
        lambda rec: ecgkit.render_page(rec, "5x5"),
        lambda rec: ecgkit.render_page(rec.select(["II"]), "3x4"),
        lambda rec: ecgkit.render_page(rec, start=100),
        lambda rec: ecgkit.render_page(rec, px_per_mm=1e9),
        lambda rec: ecgkit.render_page(rec, degrade="fire"),
        lambda rec: ecgkit.render_page(rec, seed=-1),
        lambda rec: ecgkit.render_page(rec, seed=1, px_per_mm=8),
        lambda rec: ecgkit.render_page(rec).save("page.xyz"),
        lambda rec: ecgkit.render_page(rec).save("no/such/folder/page.png"),
    ],
    "plot": [
        lambda rec: ecgkit.plot(None),
        lambda rec: ecgkit.plot(rec, start=100),
        lambda rec: ecgkit.plot(rec, seconds=0),
        lambda rec: ecgkit.plot(rec).save("ecg.docx"),
    ],
    "load_model": [lambda rec: ecgkit.load_model("x"), lambda rec: ecgkit.load_model(None)],
}


def test_wrong_arguments_are_tried_on_every_function():
    assert set(WRONG) == set(FUNCTIONS)


@pytest.mark.parametrize(
    ("name", "place"),
    [(name, place) for name, calls in WRONG.items() for place in range(len(calls))],
)
def test_a_wrong_argument_is_one_clear_error(name, place, normal):
    with pytest.raises(RecordingError) as raised:
        WRONG[name][place](normal)
    words = str(raised.value)
    assert words.endswith((".", "…"))
    assert len(words) < 400


LIGHT = ("torch", "pandas", "streamlit", "plotly", "wfdb", "cv2", "matplotlib")


def loaded(code, folder):
    """Return which heavy packages, and which of our readers, a process has loaded at its end."""
    tail = "print([n for n in sys.modules if n.split('.')[0] in LIGHT or n.startswith('ecgkit.io.')"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; LIGHT = {LIGHT}\n{code}\n{tail} or n == 'numpy'])"],
        capture_output=True,
        text=True,
        cwd=folder,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return set(ast.literal_eval(done.stdout.splitlines()[-1]))


def test_importing_loads_nothing(tmp_path):
    assert loaded("import ecgkit", tmp_path) == set()
    assert loaded("import ecgkit, ecgkit.models", tmp_path) == {"numpy"}


def test_help_loads_nothing_heavy(tmp_path):
    code = "from ecgkit.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass"
    assert not {name for name in loaded(code, tmp_path) if name != "numpy"}


@pytest.mark.parametrize(
    ("ending", "reader"),
    [(".hea", "wfdb"), (".csv", "table"), (".edf", "edf")],
)
def test_info_loads_only_the_reader_of_the_files_format(ending, reader, normal, tmp_path):
    ecgkit.save(normal, tmp_path / f"ecg{ending}")
    names = loaded(f"from ecgkit.cli import main; main(['info', 'ecg{ending}'])", tmp_path)
    heavy = {"torch", "streamlit", "plotly", "cv2", "matplotlib"}
    heavy |= {"pandas"} if reader != "table" else set()
    assert not {name for name in names if name.split(".")[0] in heavy}
    assert any(name.startswith(f"ecgkit.io.{reader}.") for name in names)
    readers = {"wfdb.reader", "table.reader", "edf.reader", "dicom", "numpy_arrays", "photo"}
    found = {name.removeprefix("ecgkit.io.") for name in names}
    assert {name.split(".")[0] for name in found & readers} == {reader}
