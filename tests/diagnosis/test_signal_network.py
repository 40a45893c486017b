"""What the network on the leads is given."""

import numpy as np

from ecgkit.diagnosis.signal_network import centred


def test_leads_are_less_their_median_and_within_eight_millivolts():
    leads = np.full((2, 101), np.nan, np.float32)
    leads[0, :51] = np.linspace(1.0, 3.0, 51)
    leads[1] = 0.5
    leads[1, :2] = 60.0, -60.0
    result = centred(leads)
    assert np.nanmedian(result[0]) == 0
    np.testing.assert_allclose(result[0, :51], np.linspace(-1.0, 1.0, 51), atol=1e-6)
    assert np.isnan(result[0, 51:]).all()
    np.testing.assert_array_equal(result[1, :3], [8.0, -8.0, 0.0])
    assert leads[1, 0] == 60.0  # the input stays
