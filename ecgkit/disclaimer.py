"""The one sentence that stands on everything that leaves the workbench."""

NOT_A_DEVICE = "NOT A MEDICAL DEVICE. For teaching and research; not for diagnosis or treatment."
