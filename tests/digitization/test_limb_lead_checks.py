from ecgkit.digitization.limb_lead_checks import limb_lead_checks
from ecgkit.recording import Recording


def test_the_laws_of_the_limb_leads(recording):
    found = limb_lead_checks(recording)
    assert len(found) == 4
    assert max(found.values()) < 1e-4
    swapped = Recording(
        recording.select(["I", "III", "II"]).signal, recording.fs, ("I", "II", "III")
    )
    assert limb_lead_checks(swapped)["II = I + III"] > 0.5
