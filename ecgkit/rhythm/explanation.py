"""What drove an answer: occlusion over seconds and leads, and Grad-CAM on the images.

Both are aids to looking, and no proof: they say what this network reacts to, not why a rhythm is
what it is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecgkit import models
from ecgkit.recording import STANDARD_LEADS, Recording
from ecgkit.rhythm.classes import RHYTHMS
from ecgkit.rhythm.preprocessing import FS, prepare
from ecgkit.rhythm.report import BATCH, batch_of, card_name, rhythm_window

TAPER = 0.04
"""Seconds over which a hidden stretch fades out and in: a jump would be seen as a beat."""


def occlusion(
    recording: Recording, model: str, rhythm: str, start: float = 0.0
) -> NDArray[np.float64]:
    """Return how much less a class is found where a second of a lead is hidden.

    Parameters
    ----------
    rhythm
        The class asked about, one of :data:`ecgkit.rhythm.classes.RHYTHMS`.

    Returns
    -------
    ndarray
        Shape (12, seconds), leads in the standard order: the fall of the class's log-odds (natural
        logarithm) with that part set to zero. Positive where the part speaks for the class. NaN for
        leads that are absent.
    """
    import torch

    network = models.load(card_name(model))
    prepared = prepare(rhythm_window(recording, start))
    signal = batch_of([prepared])[0]
    place = list(RHYTHMS).index(rhythm)
    leads = np.flatnonzero(prepared.present)
    fade = np.ones(signal.shape[1] + FS, np.float32)
    edge = round(TAPER * FS)
    hidden = np.zeros(FS, np.float32)
    hidden[:edge] = np.cos(np.linspace(0, np.pi / 2, edge)) ** 2
    hidden[-edge:] = hidden[:edge][::-1]
    variants = [signal]
    for lead in leads:
        for second in range(prepared.seconds):
            mask = fade[: signal.shape[1]].copy()
            mask[second * FS : (second + 1) * FS] = hidden
            variant = signal.clone()
            variant[lead] *= torch.from_numpy(mask)
            variants.append(variant)
    odds = []
    with torch.inference_mode():
        for first in range(0, len(variants), BATCH):
            logits = network(torch.stack(variants[first : first + BATCH])).recording.double()
            log_p = torch.log_softmax(logits, -1)[:, place]
            odds.append(log_p - torch.log1p(-log_p.exp()))
    values = torch.cat(odds).numpy()
    result = np.full((len(STANDARD_LEADS), prepared.seconds), np.nan)
    result[leads] = (values[0] - values[1:]).reshape(leads.size, prepared.seconds)
    return result


def grad_cam(recording: Recording, rhythm: str, start: float = 0.0) -> NDArray[np.float64]:
    """Return where in the stacked images the 2D CNN's answer for a class came from (Grad-CAM).

    Returns
    -------
    ndarray
        Shape (seconds, 12 × frequencies, columns) as the network's images
        (:meth:`ecgkit.rhythm.network_2d.Cnn2d.images`), from 0 to 1 over the whole window.

    References
    ----------
    R. R. Selvaraju et al., "Grad-CAM: visual explanations from deep networks via gradient-based
    localization", ICCV 2017.
    """
    import torch
    from torch.nn import functional

    from ecgkit.rhythm.network_2d import Cnn2d

    network = models.load(card_name("cnn2d"))
    assert isinstance(network, Cnn2d)
    signal = batch_of([prepare(rhythm_window(recording, start))])
    with torch.no_grad():
        images = network.images(signal)
        features = network.image_features(images)
    features.requires_grad_()
    with torch.enable_grad():
        output = network.classify_features(features, images)
        answer = output.recording[0, list(RHYTHMS).index(rhythm)]
        (gradient,) = torch.autograd.grad(answer, features)
    weights = gradient.mean((2, 3), keepdim=True)
    heat = functional.relu((weights * features.detach()).sum(1, keepdim=True))
    heat = functional.interpolate(heat, images.shape[-2:], mode="bilinear")[:, 0]
    top = float(heat.max())
    result: NDArray[np.float64] = (heat / top if top > 0 else heat).double().numpy()
    return result
