"""The demos open without a network; PhysioNet's records with one, or not, in clear words."""

import http.server
import threading
from urllib.parse import urlsplit

import numpy as np
import pytest

from ecgkit import demos
from ecgkit.demos import DEMOS, open_demo, open_physionet
from ecgkit.io import write_wfdb
from ecgkit.processing.beats import detect_beats
from ecgkit.processing.synthetic import generate_beats, generate_ecg
from ecgkit.recording import STANDARD_LEADS, RecordingError


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a demo asked for the network")

    monkeypatch.setattr("socket.socket.connect", refuse)


@pytest.mark.parametrize("key", DEMOS)
def test_every_demo_opens_without_a_network(key, no_network):
    ecg = open_demo(key)
    assert ecg.calibrated
    assert np.isfinite(ecg.signal).all()
    assert 0.3 < np.ptp(ecg.lead("MLII" if key == "holter" else "II")) < 10  # mV
    assert 40 < detect_beats(ecg).heart_rate < 150
    assert DEMOS[key].key == key
    card = DEMOS[key]
    assert all((card.title, card.description, card.source, card.licence))


def test_the_real_12_lead_demo_is_one(no_network):
    ecg = open_demo("12-lead")
    assert ecg.leads == STANDARD_LEADS
    assert (ecg.fs, ecg.duration) == (1000, 10)
    assert ecg.name == "12-lead demo"
    difference = ecg.lead("I") + ecg.lead("III") - ecg.lead("II")
    assert np.max(np.abs(difference)) < 0.02
    assert ecg.lead("aVR").min() < -0.3
    assert len(detect_beats(ecg)) > 8


def test_the_holter_demo_is_five_minutes_in_mv(no_network):
    ecg = open_demo("holter")
    assert (ecg.leads, ecg.fs, ecg.duration) == (("MLII",), 360, 300)
    beats = detect_beats(ecg)
    assert 440 < len(beats) < 520
    # Digitised at 200 steps a mV.
    np.testing.assert_allclose(ecg.signal * 200, np.round(ecg.signal * 200), atol=1e-3)


def test_the_generated_demo_has_known_beats():
    ecg = open_demo("generated")
    found, truth = detect_beats(ecg).times, generate_beats(ecg.duration)
    assert np.max(np.abs(found - truth[:, None]).min(axis=0)) < 0.006


def test_an_unknown_demo_is_named():
    with pytest.raises(RecordingError, match=r"no demo 'x'.*12-lead, holter, generated"):
        open_demo("x")


class PhysioNet(http.server.BaseHTTPRequestHandler):
    """PhysioNet in small: a redirect to the newest version, and files."""

    files: dict[str, bytes]
    asked: list[str]

    def do_GET(self):
        path = urlsplit(self.path).path
        self.asked.append(path)
        if path == "/content/tinydb/":
            self.send_response(302)
            self.send_header("Location", "/content/tinydb/1.2.0/")
            self.end_headers()
        elif path.startswith("/files/closed/"):
            self.send_error(403)
        elif path.startswith("/files/broken/"):
            self.send_error(500)
        else:
            content = self.files.get(path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

    def log_message(self, *_):
        pass


@pytest.fixture
def physionet(monkeypatch):
    """A server on this machine in PhysioNet's place; gives its files and the list of requests."""
    ecg = generate_ecg(5, 250, leads=("I", "V5"))
    files = {
        f"/files/tinydb/1.2.0/sub/{name}": content
        for name, content in write_wfdb(ecg, "r01").items()
    }
    files["/content/tinydb/1.2.0/"] = b"<html>"
    handler = type("Handler", (PhysioNet,), {"files": files, "asked": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setattr(demos, "PHYSIONET", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield handler
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("database", ["tinydb", "tinydb/1.2.0", " tinydb/ "])
@pytest.mark.parametrize("record", ["sub/r01", "sub/r01.hea"])
def test_a_record_is_fetched_by_name(physionet, database, record):
    ecg = open_physionet(database, record)
    truth = generate_ecg(5, 250, leads=("I", "V5"))
    assert (ecg.name, ecg.leads, ecg.fs) == ("r01", ("I", "V5"), 250)
    np.testing.assert_allclose(ecg.signal, truth.signal, atol=0.002)


def test_the_segments_of_a_record_are_fetched_too(physionet):
    folder = "/files/tinydb/1.2.0/sub/"
    physionet.files[folder + "long.hea"] = b"long/2 2 250 2500\nr01 1250\nr01 1250\n"
    ecg = open_physionet("tinydb", "sub/long")
    assert ecg.n_samples == 2500
    np.testing.assert_array_equal(ecg.signal[:, :1250], ecg.signal[:, 1250:])
    assert len([path for path in physionet.asked if path.endswith(".dat")]) == 1


@pytest.mark.parametrize(
    ("database", "record", "words"),
    [
        ("nodb/1.0", "r01", "is not on PhysioNet"),
        ("nodb", "r01", "is not on PhysioNet"),
        ("tinydb", "sub/r02", "is not on PhysioNet"),
        ("closed/1.0", "r01", "not open to everyone"),
        ("broken/1.0", "r01", "HTTP status 500"),
    ],
)
def test_refusals_say_what_is_wrong(physionet, database, record, words):
    with pytest.raises(RecordingError, match=words):
        open_physionet(database, record)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (b"big 12 500 50000000\n" + b"big.dat 16 200/mV\n" * 12, "12 leads of 27.8 hours"),
        (b"big 1 0 10\nbig.dat 16 200/mV\n", "sampling frequency of 0 Hz"),
        (b"big 1 250 10\n../../r01.dat 16 200/mV\n", "no plain file name"),
        (b"<html>sign in</html>", "big.hea"),
        (b"", "big.hea: is empty"),
        (
            b"big/120 1 250 1200\n" + b"".join(b"s%d 10\n" % n for n in range(120)),
            "more than 100 files",
        ),
    ],
)
def test_a_bad_header_is_refused_before_any_samples_are_fetched(physionet, header, words):
    physionet.files["/files/tinydb/1.2.0/big.hea"] = header
    with pytest.raises(RecordingError, match=words):
        open_physionet("tinydb/1.2.0", "big")
    assert physionet.asked == ["/files/tinydb/1.2.0/big.hea"]


def test_more_bytes_than_announced_are_not_read(physionet, monkeypatch):
    monkeypatch.setattr("ecgkit.io.limits.MAX_BYTES", 1000)
    with pytest.raises(RecordingError, match="200 MB"):
        open_physionet("tinydb/1.2.0", "sub/r01")


@pytest.mark.parametrize(
    "database", ["", "../x", "a/b", "MITDB", "mitdb/1.0.0/..", "a b", "mitdb?"]
)
def test_no_strange_database_name_is_asked_for(physionet, database):
    with pytest.raises(RecordingError, match="no database name"):
        open_physionet(database, "r01")
    assert physionet.asked == []


@pytest.mark.parametrize(
    "record", ["", "..", "../100", "/100", "a//b", "a/../b", "1 0", "a?b", "é"]
)
def test_no_strange_record_name_is_asked_for(physionet, record):
    with pytest.raises(RecordingError, match="no record name"):
        open_physionet("tinydb", record)
    assert physionet.asked == []


def test_without_a_network_one_sentence_says_so(monkeypatch):
    monkeypatch.setattr(demos, "PHYSIONET", "http://127.0.0.1:9")  # nobody listens there
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for database in ("mitdb", "mitdb/1.0.0"):
        with pytest.raises(RecordingError, match="PhysioNet cannot be reached"):
            open_physionet(database, "100")
