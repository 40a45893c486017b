from ecgkit.training.common.readme import put


def test_a_part_is_written_between_its_own_markers_alone(tmp_path):
    path = tmp_path / "README.md"
    path.write_text("a\n<!-- one -->\nold\n<!-- end one -->\nb <!-- two --><!-- end two -->\n")
    put("one", "new\n", path)
    expected = "a\n<!-- one -->\nnew\n<!-- end one -->\nb <!-- two --><!-- end two -->\n"
    assert path.read_text() == expected
