# %% [markdown]
# # The rhythm of ten seconds, and what it looks like in time and frequency
# Editors and Jupytext show this file as a notebook, cells by `# %%`; Python runs it whole.

# %%
import ecgkit

recording = ecgkit.demo("12-lead")
beats = ecgkit.detect_beats(recording)
print(f"{beats.heart_rate:.0f} per minute in lead {beats.lead}")
beats

# %% [markdown]
# One network of three answers; below its threshold it says «uncertain».

# %%
report = ecgkit.classify_rhythm(recording, model="cnn1d")
print(report.label)
report

# %% [markdown]
# The scalogram of lead II: low frequencies below, the QRS complexes as bright columns.

# %%
image = ecgkit.scalogram(recording, ["II"])
print(image["II"].shape, "frequencies by samples")
image

# %% [markdown]
# Eleven labels, each against its own threshold: the clearest first. No diagnosis: a reason to look.

# %%
for finding in ecgkit.diagnose(recording).ranked[:3]:
    print(f"{finding.label}: {finding.probability:.2f} (threshold {finding.threshold:.2f})")

# %% [markdown]
# Parts of a recording go by seconds, leads by their names.

# %%
part = recording[2.0:7.0]
assert part.duration == 5
assert len(recording["II"]) == recording.n_samples
