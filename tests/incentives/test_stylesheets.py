"""The stylesheet that browsers get holds everything that was written, and sends them for nothing more."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from incentives.stylesheets import whole

WRITTEN = Path(settings.STATICFILES_DIRS[0]) / "css"


@pytest.fixture(scope="module")
def sent() -> str:
    return whole(WRITTEN / "app.css")


def rules(text: str) -> list[str]:
    """The lines of a file that name no picture and import nothing."""
    return [line for line in text.splitlines() if line.strip() and "url(" not in line]


def test_a_browser_asks_for_nothing_else(sent):
    assert "@import" not in sent
    assert {address.partition(",")[0] for address in re.findall(r'url\("([^"]+)"\)', sent)} == {
        "data:image/svg+xml"
    }


@pytest.mark.parametrize("name", sorted(str(file.relative_to(WRITTEN)) for file in WRITTEN.rglob("*.css")))
def test_every_file_that_is_written_is_sent(sent, name):
    if name == "desk.css":  # goes to the desk alone
        return
    assert set(rules((WRITTEN / name).read_text())) <= set(sent.splitlines())


def test_the_layers_stand_as_they_were_imported(sent):
    written = (WRITTEN / "app.css").read_text()
    assert sent.splitlines()[0] == "@layer tokens, base, layout, components, utilities;"
    assert re.findall(r"^@layer (\w+) \{", sent, re.MULTILINE) == re.findall(r"layer\((\w+)\)", written)
    assert sent.count("{") == sent.count("}")


def test_it_is_what_the_portal_hands_out(client, sent):
    answer = client.get("/static/css/app.css")
    assert b"".join(answer.streaming_content).decode() == sent
    assert Path(finders.find("css/app.css")).read_text() == sent


def test_a_picture_that_is_not_there_stops_the_portal_at_its_start(tmp_path):
    (tmp_path / "app.css").write_text('.mark { mask: url("gone.svg"); }')
    with pytest.raises(FileNotFoundError):
        whole(tmp_path / "app.css")
