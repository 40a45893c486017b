"""DICOM waveforms: pydicom's own recording, and made-up ones of every coding."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian
from pydicom.waveforms.numpy_handler import multiplex_array

from ecgkit.io import open_recording
from ecgkit.recording import STANDARD_LEADS, RecordingError

RNG = np.random.default_rng(0)
SAMPLE = get_testdata_file("waveform_ecg.dcm", download=False)


def code(value: str, meaning: str = "", scheme: str = "MDC") -> Dataset:
    item = Dataset()
    setattr(item, "CodeValue" if len(value) <= 16 else "LongCodeValue", value)
    item.CodingSchemeDesignator, item.CodeMeaning = scheme, meaning
    return item


def channel(lead: Dataset, unit: str | None = "uV", sensitivity=2.0, correction=1.0, baseline=0.0):
    item = Dataset()
    item.ChannelSourceSequence = [lead]
    if unit is not None:
        item.ChannelSensitivity = sensitivity
        item.ChannelSensitivityUnitsSequence = [code(unit, scheme="UCUM")]
        item.ChannelSensitivityCorrectionFactor = correction
        item.ChannelBaseline = baseline
    return item


def group(stored: np.ndarray, channels: list[Dataset], fs=500.0, label="RHYTHM", **more) -> Dataset:
    kinds = {"int16": (16, "SS"), "uint16": (16, "US"), "int8": (8, "SB"), "uint8": (8, "UB")}
    item = Dataset()
    item.WaveformOriginality = "ORIGINAL"
    item.MultiplexGroupLabel = label
    item.NumberOfWaveformChannels = stored.shape[1]
    item.NumberOfWaveformSamples = stored.shape[0]
    item.SamplingFrequency = fs
    item.WaveformBitsAllocated, item.WaveformSampleInterpretation = kinds[str(stored.dtype)]
    item.ChannelDefinitionSequence = channels
    item.WaveformData = stored.tobytes()
    for keyword, value in more.items():
        setattr(item, keyword, value)
    return item


def file(*groups: Dataset, preamble: bool = True, **more) -> bytes:
    dataset = Dataset()
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.9.1.2"
    dataset.SOPInstanceUID = "1.2.3"
    dataset.Modality = "ECG"
    dataset.PatientName, dataset.PatientID = "Doe^Jane", "MCH-0234567"
    if groups:
        dataset.WaveformSequence = list(groups)
    for keyword, value in more.items():
        setattr(dataset, keyword, value)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, dataset, enforce_file_format=True)
    return stream.getvalue() if preamble else stream.getvalue()[132:]


LEADS = [code("2:2", "Lead II"), code("2:62", "aVR, augmented voltage, right")]


def stored_pair(dtype=np.int16, size=1000) -> np.ndarray:
    low, high = (-100, 100) if np.dtype(dtype).kind == "i" else (20, 220)
    return RNG.integers(low, high, (size, 2)).astype(dtype)


def test_the_twelve_lead_recording_that_pydicom_ships() -> None:
    read = open_recording(SAMPLE)
    assert read.leads == STANDARD_LEADS
    assert (read.fs, read.n_samples, read.name) == (1000, 10_000, "waveform_ecg")
    theirs = multiplex_array(pydicom.dcmread(SAMPLE), 0, as_raw=False) / 1000
    np.testing.assert_allclose(read.signal.T, theirs, atol=1e-6)
    assert any("1.2 s" in note for note in read.notes)
    assert not {"Anonymous", "642341", "Ospedali"} & set(
        str(read.to_dict()).replace("'", " ").split()
    )


@pytest.mark.parametrize("dtype", [np.int16, np.uint16, np.int8, np.uint8])
def test_codings_sensitivity_correction_and_baseline(dtype: type) -> None:
    stored = stored_pair(dtype)
    channels = [channel(LEADS[0], "uV", 2.0, 1.5, 100.0), channel(LEADS[1], "mV", 0.01, 1.0, -1.0)]
    read = open_recording({"a": file(group(stored, channels))})
    expected = stored.astype(float) * [2 * 1.5 / 1000, 0.01] + [0.1, -1]
    np.testing.assert_allclose(read.signal.T, expected, atol=1e-6)
    assert read.leads == ("II", "aVR")
    assert read.calibrated


def test_padding_becomes_nan() -> None:
    stored = stored_pair()
    stored[700:, 1] = -32768
    padding = np.int16(-32768).tobytes()
    channels = [channel(lead) for lead in LEADS]
    read = open_recording({"a": file(group(stored, channels, WaveformPaddingValue=padding))})
    assert np.isnan(read.lead("aVR")[700:]).all()
    assert np.isnan(read.signal).sum() == 300


@pytest.mark.parametrize(
    ("lead", "name"),
    [
        (code("2:61"), "III"),
        (code("5.6.3-9-64", "", "SCPECG"), "aVF"),
        (code("2:3"), "V1"),
        (code("5.6.3-9-8", "", "SCPECG"), "V6"),
        (code("X", "Lead aVL (Goldberger)"), "aVL"),
        (code("9:9", "Holter A"), "Holter A"),
    ],
)
def test_lead_names(lead: Dataset, name: str) -> None:
    read = open_recording({"a": file(group(stored_pair()[:, :1], [channel(lead)]))})
    assert read.leads == (name,)


def opened_leads(*leads: Dataset, label: str = "") -> tuple[str, ...]:
    stored = RNG.integers(-100, 100, (500, len(leads))).astype(np.int16)
    channels = [channel(lead) for lead in leads]
    for item in channels:
        item.ChannelLabel = label
    return open_recording({"a": file(group(stored, channels))}).leads


# PS3.16, CID 3001, written out: what pydicom's table must lead to.
NUMBERED = {
    **{1: "I", 2: "II", 61: "III", 62: "aVR", 63: "aVL", 64: "aVF", 65: "-aVR"},
    **{3: "V1", 4: "V2", 5: "V3", 6: "V4", 7: "V5", 8: "V6", 9: "V7", 66: "V8", 67: "V9"},
    **{10: "V2R", 11: "V3R", 12: "V4R", 13: "V5R", 14: "V6R", 15: "V7R", 68: "V8R", 69: "V9R"},
    **{16: "X", 17: "Y", 18: "Z", 70: "D", 71: "A", 72: "J", 88: "VR", 89: "VL", 90: "VF"},
    **{24: "Frank Lead I", 31: "Derived Lead I", 111: "Derived Lead III"},
    **{91: "Modified chest lead (left arm indifferent)", 147: "Right Leg Lead"},
    **{92: "Modified chest lead per V1 placement", 122: "CH5", 133: "EASI Lead AI"},
}


@pytest.mark.parametrize("form", ["2:{}", "5.6.3-9-{}"])
def test_numbered_leads_open_under_their_own_names(form: str) -> None:
    scheme = "MDC" if form.startswith("2") else "SCPECG"
    # The meaning beside a code is free text, and does not count against it.
    leads = [code(form.format(number), "a lead", scheme) for number in NUMBERED]
    assert opened_leads(*leads) == tuple(NUMBERED.values())


def test_every_code_of_the_table_opens_under_a_name_of_its_own() -> None:
    table = codes.CID3001.concepts.values()
    names = opened_leads(*(code(one.value, "a lead") for one in table if one.value != "2:0"))
    assert len(set(names)) == len(table) - 1 == 104
    for one, name in zip((one for one in table if one.value != "2:0"), names, strict=True):
        assert name.replace("-", "\N{MINUS SIGN}") in one.meaning.replace("-", "\N{MINUS SIGN}")


def test_right_sided_and_posterior_leads_and_x_in_one_file() -> None:
    leads = [code(value, "") for value in ("2:12", "2:10", "2:66", "2:16")]
    assert opened_leads(*leads) == ("V4R", "V2R", "V8", "X")


@pytest.mark.parametrize("prefix", ["MDC_ECG_LEAD_", "MDC_ECG_ELEC_POTL_"])
def test_names_of_iso_11073(prefix: str) -> None:
    leads = [code(prefix + lead.upper(), scheme="99X") for lead in (*STANDARD_LEADS, "V3R")]
    assert opened_leads(*leads) == (*STANDARD_LEADS, "V3R")
    assert opened_leads(code("7", prefix + "AVF")) == ("aVF",)


@pytest.mark.parametrize("first", [131_072, 131_328])
def test_numbers_of_iso_11073(first: int) -> None:
    numbers = (1, 2, 61, 62, 63, 64, 3, 4, 5, 6, 7, 8)
    assert opened_leads(*(code(str(first + n)) for n in numbers)) == STANDARD_LEADS


def test_an_unspecified_lead_goes_by_the_files_own_label() -> None:
    assert opened_leads(code("2:0"), label="Holter A") == ("Holter A",)
    assert opened_leads(code("2:0", "CM5")) == ("CM5",)


def test_the_longest_recorded_group_is_read() -> None:
    channels = [channel(lead) for lead in LEADS]
    beat = group(stored_pair(size=5000), channels, label="MEDIAN BEAT")
    short, long = (group(stored_pair(size=n), channels) for n in (500, 1000))
    read = open_recording({"a": file(beat, short, long)})
    assert read.n_samples == 1000
    assert sum("Left out" in note for note in read.notes) == 2


def test_groups_recorded_at_once_are_read_together() -> None:
    limb = group(stored_pair(), [channel(lead) for lead in LEADS])
    chest = group(stored_pair(np.int8), [channel(code("2:3")), channel(code("2:4"))])
    later = group(
        stored_pair(), [channel(code("2:5")), channel(code("2:6"))], MultiplexGroupTimeOffset=2000
    )
    read = open_recording({"a": file(limb, chest, later)})
    assert read.leads == ("II", "aVR", "V1", "V2")
    assert sum("Left out" in note for note in read.notes) == 1


def test_without_sensitivity_it_is_uncalibrated() -> None:
    read = open_recording({"a": file(group(stored_pair(), [channel(one, None) for one in LEADS]))})
    assert not read.calibrated


def test_pressures_beside_an_ecg_are_left_out() -> None:
    channels = [channel(LEADS[0]), channel(code("1", "Aorta"), "mm[Hg]")]
    read = open_recording({"a": file(group(stored_pair(), channels))})
    assert read.leads == ("II",)
    assert any("Aorta (mm[Hg])" in note for note in read.notes)


def test_a_file_without_preamble_is_recognised() -> None:
    content = file(group(stored_pair(), [channel(lead) for lead in LEADS]), preamble=False)
    assert open_recording({"a": content}).n_samples == 1000


def test_the_patient_stays_behind() -> None:
    read = open_recording({"a.dcm": file(group(stored_pair(), [channel(lead) for lead in LEADS]))})
    assert "Doe" not in str(read.to_dict())
    assert "0234567" not in str(read.to_dict())


def broken(**more) -> bytes:
    return file(group(stored_pair(), [channel(lead) for lead in LEADS], **more))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (file(Modality="CT"), "without a waveform"),
        (broken(NumberOfWaveformSamples=2_000_000_000), "hours"),
        (broken(NumberOfWaveformSamples=2000), "holds fewer"),
        (broken(NumberOfWaveformSamples=0), "without samples"),
        (broken(NumberOfWaveformChannels=60_000), "60,000 signals"),
        (broken(NumberOfWaveformChannels=0), "0 signals"),
        (broken(SamplingFrequency=0), "0 Hz"),
        (broken(SamplingFrequency=-500), "-500 Hz"),
        (broken(WaveformSampleInterpretation="MB"), "MB"),
        (broken(ChannelDefinitionSequence=[channel(LEADS[0])]), "describes 1 of 2"),
        (b"\0" * 128 + b"DICM", "damaged|without"),
    ],
)
def test_bad_files_are_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(RecordingError, match=words) as caught:
        open_recording({"a.dcm": content})
    assert caught.value.remedy


def test_deflated_files_are_refused() -> None:
    content = broken().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1.99")
    with pytest.raises(RecordingError, match="deflated"):
        open_recording({"a.dcm": content})


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_damaged_files_open_or_are_refused(data: st.DataObject) -> None:
    content = bytearray(file(group(stored_pair(size=50), [channel(lead) for lead in LEADS])))
    for _ in range(data.draw(st.integers(0, 4))):
        place = data.draw(st.integers(132, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content))) :]
    with contextlib.suppress(RecordingError):
        open_recording({"x.dcm": bytes(content)})
