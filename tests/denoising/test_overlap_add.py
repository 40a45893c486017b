"""Windows fade into each other: a network that answers each window otherwise leaves no seam."""

import numpy as np
import pytest
import torch
from torch import nn

from ecgkit.denoising import make_method
from ecgkit.denoising.overlap_add import denoise_windows
from ecgkit.processing.noise import add_noise
from ecgkit.processing.synthetic import generate_ecg

FS = 360.0


class AddRamp(nn.Module):
    """Adds -1 to 1 along the window, in its own units: the answers of two windows never agree."""

    def forward(self, x):
        return x + torch.linspace(-1, 1, x.shape[-1])


@pytest.mark.parametrize("seconds", [10.5, 17.0, 31.0])
def test_what_differs_between_windows_fades_over_the_overlap(seconds):
    """Two seconds of overlap take a step of two standard deviations: no sample may take more."""
    recording = generate_ecg(seconds, FS, leads=("II", "V1"))
    output = denoise_windows(AddRamp(), recording.signal, FS)
    ramp = (output - recording.signal).astype(np.float64)
    spread = recording.signal.std(axis=1, keepdims=True)
    steps = np.abs(np.diff(ramp / spread))
    assert steps.max() < 1.5 * 2 / (2 * FS) + 2 / (10 * FS)
    assert np.ptp(ramp / spread) > 1  # the ramp itself is there


def test_a_real_network_does_not_jump_where_windows_meet():
    """Without the fade, a window's end lies 0.4 mV off the next one's beginning."""
    recording = add_noise(generate_ecg(60.0, FS, leads=("II", "V2")), "baseline_wander", -6.0)
    output = make_method("aprcnn").denoise(recording).signal.astype(np.float64)
    # A QRS complex climbs by 0.22 mV from one sample to the next; nothing else does.
    assert np.abs(np.diff(output, axis=1)).max() < 0.3
