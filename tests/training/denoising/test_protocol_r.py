import torch

from ecgkit.training.denoising.protocol_r import relative_error_loss


def test_loss_counts_windows_alike_and_is_lowest_for_the_truth():
    clean = torch.randn(4, 1, 100)
    assert relative_error_loss(clean, clean) < relative_error_loss(0.9 * clean, clean)
    louder = relative_error_loss(9 * clean, 10 * clean)
    torch.testing.assert_close(louder, relative_error_loss(0.9 * clean, clean))
