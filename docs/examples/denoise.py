# %% [markdown]
# # Clean a noisy ECG and see what the cleaning did
# Editors and Jupytext show this file as a notebook, cells by `# %%`; Python runs it whole.

# %%
import ecgkit

clean = ecgkit.demo("generated")
clean

# %% [markdown]
# Muscle artefact as strong as the ECG itself (0 dB), the same with every run.

# %%
noisy = ecgkit.add_noise(clean, "muscle_artefact", snr_db=0, seed=1)
ecgkit.plot(noisy)

# %% [markdown]
# Two methods: a network, and wavelet thresholding with the baseline removed first.

# %%
outputs = {
    "APR-CNN": ecgkit.denoise(noisy, method="aprcnn"),
    "DWT": ecgkit.denoise(noisy, method="dwt", baseline=True),
}
for method, output in outputs.items():
    print(f"{method}: {ecgkit.compare(output, clean).snr_db:.1f} dB")

# %% [markdown]
# Lead by lead, and on paper. A denoiser can change ST segments: look before you measure.

# %%
ecgkit.compare(outputs["APR-CNN"], clean).to_dataframe()

# %%
ecgkit.plot(outputs["APR-CNN"])

# %%
written = ecgkit.save(outputs["APR-CNN"], "clean.edf")
assert ecgkit.open(written[0]).leads == clean.leads
