"""What the cards of the denoising networks say, but for their figures."""

from __future__ import annotations

DATA = (
    "MIT-BIH Arrhythmia Database (ODC-By 1.0), noise from the MIT-BIH Noise Stress Test Database"
    " (ODC-By 1.0), twelve-lead windows from PTB-XL 1.0.3 fold 10 (CC BY 4.0)"
)
SPLIT = (
    "By record: MIT-BIH test 102 108 115 124 205 213 221 231, validation 106 121 209 228, the 28"
    " others for training; PTB-XL 90/5/5 % by a hash of the record's id (patients of fold 10 are"
    " not known, about one record in eight has a sibling of the same patient). Noise apart in"
    " time: the first 7/12 of each noise record for training, up to 2/3 for validation, the last"
    " third for test."
)
LICENCE = "MIT; trained on data under ODC-By 1.0 and CC BY 4.0"
CARDS = {
    "base": {
        "name": "denoise-aprcnn",
        "title": "APR-CNN",
        "task": "denoise",
        "description": (
            "Dual-attention convolutional encoder-decoder with adaptive parametric ReLU, after He"
            " et al.: four compression and four reconstruction stages of two layers. One network"
            " for all SNRs from -6 dB to clean. It can smooth what it has never seen: not for"
            " measuring ST segments or voltages."
        ),
        "data": DATA,
        "split": SPLIT,
        "licence": LICENCE,
    },
    "autoencoder": {
        "name": "denoise-autoencoder",
        "title": "Convolutional autoencoder",
        "task": "denoise",
        "description": (
            "Six convolutions and six deconvolutions without skip connections, after Chiang et"
            " al., as He et al. compare with it. Here for comparison: it changes clean signals."
        ),
        "data": DATA,
        "split": SPLIT,
        "licence": LICENCE,
    },
}
