import hashlib
import json
import subprocess
import sys
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
    if card.architecture.endswith(":SignalClassifier"):
        return torch.randn(2, 12, 2560)
    if card.architecture.endswith(":RegionClassifier"):
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
    path.write_text(json.dumps({**card, "config": {"channels": [8] * 6}}))
    with pytest.raises(RecordingError, match="does not fit the configuration"):
        models.load("denoise-autoencoder")
    path.write_text("{}")
    with pytest.raises(RecordingError, match="no model card"):
        models.catalogue()


@pytest.mark.parametrize(
    "architecture",
    [
        "",
        "AprCnn",
        "os:system",
        "torch.nn:Linear",
        "pickle:Unpickler",
        "hostile:Network",
        "ecgkit.os:system",
        "ecgkit.models:Card",
        "ecgkit.training.common.networks:AprCnn",
        "ecgkit.denoising..os:path",
        "ecgkit.denoising.aprcnn:AprCnnConfig",  # no network
        "ecgkit.denoising.aprcnn:APReLU",  # no configuration
        "ecgkit.denoising.aprcnn:nn",
        "ecgkit.denoising.inference:nn.Module",
        "ecgkit.denoising.aprcnn:AprCnn:x",
        "ecgkit.denoising.nothing:AprCnn",
        "ecgkit.training:AprCnn",
        "ecgkit.denoising.aprcnn:AprCnn\n",
        None,
        7,
    ],
)
def test_a_card_imports_nothing_but_a_network_of_ecgkit(architecture, monkeypatch, tmp_path):
    (tmp_path / "hostile.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(RecordingError, match="is no network of ecgkit"):
        models.build(architecture, {})


def test_a_class_is_named_by_the_module_that_defines_it(monkeypatch):
    from ecgkit.denoising import autoencoder
    from ecgkit.denoising.aprcnn import AprCnn

    monkeypatch.setattr(autoencoder, "AprCnn", AprCnn, raising=False)
    with pytest.raises(RecordingError, match="is no network of ecgkit"):
        models.build("ecgkit.denoising.autoencoder:AprCnn", {"channels": [8] * 4})


@pytest.mark.parametrize(
    "config",
    [{}, {"channels": 3}, {"channels": [8] * 4, "wings": 2}, {"channels": ["a"] * 4}, None],
)
def test_a_configuration_that_does_not_fit_is_refused(config):
    with pytest.raises(RecordingError, match="configuration does not fit"):
        models.build("ecgkit.denoising.aprcnn:AprCnn", config)


def test_cards_name_the_class_of_what_they_build():
    for card in models.catalogue().values():
        network = models.build(card.architecture, card.config)
        assert models.architecture_of(network) == card.architecture


def test_the_catalogue_imports_no_network():
    code = (
        "import sys, ecgkit.models as m; m.catalogue(); "
        "print([n for n in sys.modules if n == 'torch' or n.startswith('ecgkit.')"
        " and n.split('.')[1] in ('denoising', 'rhythm', 'diagnosis', 'digitization', 'modules')])"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert output.stdout.strip() == "[]"
