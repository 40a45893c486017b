"""What a person should know of a recording's leads before reading anything into them."""

from __future__ import annotations

from ecgkit.io.channels import listed
from ecgkit.processing.faults import find_faults
from ecgkit.recording import STANDARD_LEADS, Recording

_MOSTLY_TWELVE = 7
"""Standard leads from which on a recording counts as a twelve-lead one that lacks some."""


def condition_notes(recording: Recording) -> tuple[str, ...]:
    """Name the standard leads that a twelve-lead recording lacks, and each lead's faults."""
    notes = []
    present = [lead for lead in STANDARD_LEADS if lead in recording]
    if _MOSTLY_TWELVE <= len(present) < len(STANDARD_LEADS):
        absent = [lead for lead in STANDARD_LEADS if lead not in recording]
        notes.append(f"Of the twelve standard leads, {listed(absent)} are not in the file.")
    found = find_faults(recording.signal, recording.fs)
    sharing: dict[str, list[str]] = {}
    for lead, faults in zip(recording.leads, found, strict=True):
        for fault in faults:
            sharing.setdefault(fault.describe("…"), []).append(lead)
    for words, leads in sharing.items():
        notes.append(words.replace("Lead …", _subject(leads), 1))
    return tuple(notes)


def _subject(leads: list[str]) -> str:
    """Return a subject in the singular, whatever the number of leads."""
    return f"Lead {leads[0]}" if len(leads) == 1 else f"Each of the leads {listed(leads)}"
