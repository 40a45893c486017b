import pytest
from jinja2 import UndefinedError

from ecgkit.training.common.markdown import render, table


def test_a_table_has_a_line_below_its_head():
    assert (
        table(["a", "b"], [["x", 1.0], [2, "–"]])
        == "| a | b |\n| --- | --- |\n| x | 1.00 |\n| 2 | – |"
    )


def test_a_template_that_misses_a_value_is_an_error(tmp_path):
    path = tmp_path / "page.md.j2"
    path.write_text(
        "# {{ title }}\n{% if rows %}\n{{ table(['n'], rows) }}\n{% endif %}\n", "utf-8"
    )
    assert render(path, title="«A & B»", rows=[[1]]) == "# «A & B»\n| n |\n| --- |\n| 1 |\n"
    with pytest.raises(UndefinedError, match="rows"):
        render(path, title="A")
