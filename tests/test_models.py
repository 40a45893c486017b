import hashlib
import json
import threading
import time
from collections import Counter

import pytest
import torch

from ecgkit import RecordingError, models
from ecgkit.denoising import NETWORKS
from ecgkit.diagnosis.region_network import Regions


@pytest.fixture
def empty_cache(monkeypatch):
    monkeypatch.setattr(models, "_loaded", {})
    monkeypatch.setattr(models, "_locks", {})


@pytest.fixture
def own_folder(tmp_path, monkeypatch, empty_cache):
    monkeypatch.setenv("ECGKIT_WEIGHTS", str(tmp_path))
    source = models.DEFAULT_FOLDER
    for path in (source / "denoise-autoencoder.json", source / "denoise-autoencoder.safetensors"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


@pytest.mark.parametrize("name", models.catalogue())
def test_every_card_is_complete_and_true(name):
    card = models.catalogue()[name]
    content = models.weights_path(name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == card.sha256
    network = models.load(name)
    assert sum(parameter.numel() for parameter in network.parameters()) == card.parameters
    assert card.command.startswith("python -m ecgkit.training.")
    assert card.figures
    assert not network.training
    with torch.inference_mode():
        if card.task == "rhythm":
            answer = network(torch.randn(2, 12, 1500))
            assert answer.recording.shape == (2, 4)
            assert all(torch.isfinite(part).all() for part in answer)
        elif card.task == "paper":
            answer = network(torch.rand(1, 3, 40, 60))
            assert answer.shape == (1, 1, 40, 60)
            assert torch.isfinite(answer).all()
        elif card.task == "diagnosis":
            logits = network(diagnosis_input(card))
            assert getattr(logits, "labels", logits).shape == (2, 11)
            for rules in card.decision["nothing said"].values():
                assert all(0 < threshold <= 1 for threshold in rules["thresholds"].values())
        else:
            assert torch.isfinite(network(torch.randn(2, 1, 500))).all()


def diagnosis_input(card):
    if card.architecture == "DiagnosisSignal":
        return torch.randn(2, 12, 2560)
    if card.architecture == "RegionClassifier":
        return Regions(
            torch.rand(2, 16, 48, 128), torch.arange(32).reshape(2, 16) % 12, torch.rand(2, 16)
        )
    return torch.rand(2, card.config["height"], card.config["width"])


def test_every_method_has_its_network():
    assert set(NETWORKS.values()) <= set(models.catalogue())


def test_weights_are_small_and_no_pickles():
    files = [path for path in models.DEFAULT_FOLDER.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= {".safetensors", ".json"}
    assert sum(path.stat().st_size for path in files) < 100e6


def test_loads_lazily_and_once_from_many_threads(empty_cache, monkeypatch):
    reads = Counter()
    read = models._read

    def slow(name):
        reads[name] += 1
        time.sleep(0.05)
        return read(name)

    monkeypatch.setattr(models, "_read", slow)
    names = list(models.catalogue())
    assert not any(models.is_loaded(name) for name in names)
    loaded = []
    threads = [
        threading.Thread(target=lambda name=name: loaded.append(id(models.load(name))))
        for name in names * 4
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reads == Counter(names)
    assert len(set(loaded)) == len(names)
    assert all(models.is_loaded(name) for name in names)


def test_unknown_network_is_refused_with_what_there_is():
    with pytest.raises(RecordingError, match="denoise-aprcnn"):
        models.load("nothing")


def test_changed_weights_are_refused(own_folder):
    path = own_folder / "denoise-autoencoder.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(RecordingError, match="not the file that its card describes"):
        models.load("denoise-autoencoder")
    path.unlink()
    with pytest.raises(RecordingError, match="missing"):
        models.load("denoise-autoencoder")


def test_broken_card_and_unknown_architecture_are_named(own_folder):
    path = own_folder / "denoise-autoencoder.json"
    card = json.loads(path.read_text())
    path.write_text(json.dumps({**card, "architecture": "Oracle"}))
    with pytest.raises(RecordingError, match="Oracle"):
        models.load("denoise-autoencoder")
    path.write_text("{}")
    with pytest.raises(RecordingError, match="no model card"):
        models.catalogue()
