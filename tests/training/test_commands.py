"""Each training is one command: python -m ecgkit.training.TASK COMMAND."""

import importlib
import re
from pathlib import Path

import pytest

COMMANDS = {
    "denoising": ("protocol-p", "protocol-r", "evaluate", "report"),
    "rhythm": ("train", "pooling", "report", "ship"),
    "segmentation": ("train", "ship"),
    "digitization": ("evaluate", "contact-sheet"),
    "diagnosis": ("train", "pages", "predict", "report", "external-validation", "ship"),
}
README = Path(__file__).parents[2] / "README.md"


def helped(task, capsys, *arguments):
    main = importlib.import_module(f"ecgkit.training.{task}.__main__").main
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("task", COMMANDS)
def test_a_command_tells_of_its_subcommands(task, capsys):
    text = helped(task, capsys)
    assert f"python -m ecgkit.training.{task}" in text
    for command in COMMANDS[task]:
        assert f"ecgkit.training.{task} {command}" in " ".join(text.split()) or command in helped(
            task, capsys, command
        )


@pytest.mark.parametrize("task", COMMANDS)
def test_the_readme_names_commands_that_there_are(task):
    said = re.findall(
        rf"^python -m ecgkit\.training\.{task} (?:--download )?([a-z-]+)",
        README.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert set(said) == set(COMMANDS[task])


@pytest.mark.parametrize("task", COMMANDS)
def test_without_a_subcommand_it_says_what_is_missing(task, capsys):
    main = importlib.import_module(f"ecgkit.training.{task}.__main__").main
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2
    assert "required: command" in capsys.readouterr().err
