import json
import xml.etree.ElementTree as ET

from ecgkit.drawing.html.player import player


def test_the_player_names_every_second() -> None:
    times = json.loads(ET.fromstring(player(120.0, 10)).get("data-times"))
    assert times[0] == "second 1 of 10: 2:00 to 2:01"
    assert len(times) == 10
