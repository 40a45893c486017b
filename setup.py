"""What pyproject.toml cannot say: the weights beside the package are a part of it."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["ecgkit", "ecgkit.*"]), "ecgkit.weights"],
    package_dir={"ecgkit.weights": "weights"},
)
