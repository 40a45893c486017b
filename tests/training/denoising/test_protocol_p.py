from ecgkit.training.denoising.protocol_p import two_rates
from ecgkit.training.denoising.protocol_r import warm_stable_decay


def test_schedules_are_the_papers_and_end_at_zero():
    assert (two_rates(0.0), two_rates(0.49), two_rates(0.5), two_rates(0.99)) == (1, 1, 0.1, 0.1)
    assert warm_stable_decay(0.3) == 1
    assert warm_stable_decay(1.0) == 0
