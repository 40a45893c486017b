"""The denoising networks with their ablations, and what is particular to APR-CNN."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load, save

from ecgkit import models
from ecgkit.denoising.aprcnn import (
    DECODER_KERNEL,
    ENCODER_KERNELS,
    AprCnn,
    AprCnnConfig,
    APReLU,
    DualAttention,
)
from ecgkit.denoising.autoencoder import AutoencoderConfig, ConvolutionalAutoencoder

TINY = AprCnnConfig(channels=(8, 8, 8, 8))
NETWORKS = {
    "aprcnn": lambda: AprCnn(TINY),
    "dcnn": lambda: AprCnn(replace(TINY, aprelu=False, dam=False)),
    "dcnn+aprelu": lambda: AprCnn(replace(TINY, dam=False)),
    "dcnn+dam": lambda: AprCnn(replace(TINY, aprelu=False)),
    "autoencoder": lambda: ConvolutionalAutoencoder(AutoencoderConfig((8,) * 6)),
}


@pytest.fixture(params=NETWORKS)
def network(request):
    torch.manual_seed(0)
    made = NETWORKS[request.param]().eval()
    with torch.no_grad():  # away from the start, where biases are zero and some units are dead
        for parameter in made.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    return made


@pytest.mark.parametrize("samples", [1, 2, 15, 16, 17, 250, 257, 3600])
def test_any_length_comes_back(network, samples):
    with torch.inference_mode():
        output = network(torch.randn(2, 1, samples))
    assert output.shape == (2, 1, samples)
    assert output.dtype == torch.float32
    assert torch.isfinite(output).all()


def test_batch_of_one_trains_and_equals_its_row_in_a_larger_batch(network):
    windows = torch.randn(3, 1, 250)
    network.train()
    network(windows[:1]).square().mean().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())
    with torch.inference_mode():
        torch.testing.assert_close(
            network(windows[1:2]), network(windows)[1:2], atol=1e-5, rtol=1e-4
        )


def test_deterministic_and_the_same_after_save_and_load(network):
    windows = torch.randn(2, 1, 128)
    other = models.build(models.architecture_of(network), network.config.to_dict())
    other.load_state_dict(load(save(network.state_dict())))
    with torch.inference_mode():
        first = network(windows)
        torch.testing.assert_close(first, network(windows), atol=0, rtol=0)
        torch.testing.assert_close(first, other.eval()(windows), atol=0, rtol=0)


def test_output_is_linear_not_activated(network):
    with torch.inference_mode():
        output = network(torch.randn(32, 1, 256) * torch.logspace(-1, 2, 32)[:, None, None])
    assert output.min() < 0 < output.max()


def test_every_layer_shapes_the_output(network):
    windows = torch.randn(32, 1, 256) * torch.logspace(-1, 1, 32)[:, None, None]
    network(windows).square().sum().backward()
    silent = [n for n, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    assert not silent


def test_aprelu_is_equation_1():
    activation = APReLU(3)
    x = torch.randn(2, 3, 50)
    alpha = (activation(torch.cat([x, x], 0)) - x.repeat(2, 1, 1).clamp_min(0))[:2]
    slopes = alpha / x.clamp_max(0)
    for window in range(2):
        for channel in range(3):
            negative = x[window, channel] < 0
            values = slopes[window, channel][negative]
            assert 0 < values[0] < 1
            torch.testing.assert_close(values, values[0].expand_as(values), atol=1e-4, rtol=1e-4)
    assert not torch.allclose(alpha[0] / x[0], alpha[1] / x[1])  # adaptive: another input, other


def test_dual_attention_is_equation_2_with_one_shared_network():
    attention = DualAttention(8, 4)
    layers = [m for m in attention.shared.modules() if isinstance(m, torch.nn.Linear)]
    assert len(layers) == 2
    assert sum(p.numel() for p in attention.shared.parameters()) == 8 * 4 + 4 + 4 * 8 + 8
    assert attention.spatial.kernel_size[0] > 1
    x = torch.randn(2, 8, 40)
    channel = torch.sigmoid(attention.shared(x.amax(-1)) + attention.shared(x.mean(-1)))
    weighted = x * channel[..., None]
    maps = torch.stack([weighted.amax(1), weighted.mean(1)], 1)
    expected = weighted * torch.sigmoid(attention.spatial(maps))
    torch.testing.assert_close(attention(x), expected)


def test_stages_layers_and_kernels_are_the_papers():
    network = AprCnn(AprCnnConfig())
    encoder = [[layer.convolution.kernel_size[0] for layer in stage] for stage in network.encoder]
    assert encoder == [[kernel] * 2 for kernel in ENCODER_KERNELS] == [[16] * 2] * 2 + [[3] * 2] * 2
    decoder = [[layer.convolution.kernel_size[0] for layer in stage] for stage in network.decoder]
    assert decoder == [[DECODER_KERNEL] * 2] * 4 == [[16] * 2] * 4
    for stage in network.decoder:
        for layer in stage:
            assert isinstance(layer.attention, DualAttention)
            assert isinstance(layer.activation, APReLU)
    for stage in network.encoder:
        for layer in stage:
            assert not isinstance(layer.attention, DualAttention)
            assert isinstance(layer.activation, APReLU)
    kinds = {type(module).__name__ for module in network.modules()}
    assert not {name for name in kinds if "BatchNorm" in name}


def test_skip_connections_carry_detail_past_the_bottleneck():
    network = AprCnn(TINY).eval()
    windows = torch.randn(1, 1, 256, requires_grad=True)
    bottleneck = network.encoder[3][1]
    handle = bottleneck.register_forward_hook(lambda _m, _i, output: torch.zeros_like(output))
    network(windows).sum().backward()
    handle.remove()
    assert windows.grad is not None
    assert windows.grad.abs().sum() > 0


def test_untrained_network_is_near_the_identity():
    torch.manual_seed(0)
    windows = torch.randn(4, 1, 512)
    with torch.inference_mode():
        difference = AprCnn(AprCnnConfig())(windows) - windows
    assert float(difference.square().mean()) < 0.1


def test_autoencoder_has_six_and_six_layers_of_kernel_16_and_no_shortcut():
    network = ConvolutionalAutoencoder(AutoencoderConfig())
    assert [len(network.encoder), len(network.decoder)] == [6, 6]
    assert {layer.kernel_size[0] for layer in (*network.encoder, *network.decoder)} == {16}
    windows = torch.from_numpy(np.random.default_rng(0).standard_normal((1, 1, 64))).float()
    with torch.no_grad():
        for parameter in network.encoder[5].parameters():
            parameter.zero_()
        assert torch.allclose(network(windows), network(windows * 2))
