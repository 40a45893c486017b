# %% [markdown]
# # From paper to signals, and back
# Editors and Jupytext show this file as a notebook, cells by `# %%`; Python runs it whole.

# %%
import ecgkit

truth = ecgkit.demo("generated")
sheet = ecgkit.render_page(truth, "3x4", px_per_mm=6)
sheet.save("page.png")
sheet

# %% [markdown]
# Any photo, scan or PDF is read the same way: `ecgkit.read_page("photo.jpg")`.

# %%
page = ecgkit.read_page("page.png", classifiers=["signal"], mm_per_s=25, mm_per_mv=10)
assert page.error is None, page.error
page

# %% [markdown]
# What was read is a recording like any other.

# %%
ecgkit.plot(page.recording)

# %%
for finding in page.diagnoses["signal"].ranked[:3]:
    print(f"{finding.label}: {finding.probability:.2f} (threshold {finding.threshold:.2f})")

# %%
ecgkit.save(page.recording, "leads.csv")
for warning in page.warnings:
    print(warning)
