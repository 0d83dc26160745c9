"""The catalogue as a file at the desk: checked first, then loaded as a whole, once, or not at all (ENG-8)."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from engagements.export import catalogue_lines
from engagements.models import Engagement, SolutionArea
from incentives.models import User
from tests.engagements.test_catalogue import CATALOGUE, stored
from tests.factories import StaffFactory
from tests.pages import table, words

pytestmark = pytest.mark.django_db
AT = "/desk/engagements/engagement/file/"
AREA = {"record": "solution_area", "code": "new", "name": "New", "position": 9, "open_claims_limit": None}


def check(client: Client, content: bytes) -> HttpResponse:
    return client.post(f"{AT}upload/", {"file": SimpleUploadedFile("catalogue.jsonl", content)})


def load_address(report: HttpResponse) -> str:
    found = re.search(rf'action="({AT}upload/[0-9a-f-]+/)"', report.content.decode())
    assert found
    return found[1]


def test_a_file_is_checked_then_loaded_and_comes_out_byte_for_byte(owner, db):
    report = check(owner, CATALOGUE.read_bytes())
    assert ["Engagements", "76", "0", "0"] in table(report)
    assert not Engagement.objects.exists()

    response = owner.post(load_address(report))

    assert response.status_code == 302
    downloaded = owner.get(AT)
    assert downloaded.content == CATALOGUE.read_bytes()
    assert re.match(
        r'attachment; filename="catalogue-\d{4}-\d\d-\d\d.jsonl"', downloaded["Content-Disposition"]
    )


def test_a_file_that_says_the_same_has_no_button(owner, offered):
    everything = "\n".join(catalogue_lines()).encode()

    report = check(owner, everything)

    assert "The catalogue says the same already" in words(report)
    assert "Load file" not in words(report)


def test_every_problem_is_named_with_its_line_and_nothing_is_loaded(owner, offered):
    before = stored()
    lines = [json.dumps(AREA), "[1]", json.dumps(AREA | {"position": -1})]

    response = check(owner, "\n".join(lines).encode())

    assert response.status_code == 422
    assert "The file has 2 problems, so nothing was loaded" in words(response)
    assert "Line 2: This is not a JSON object." in words(response)
    assert "Line 3: “position”: must be a whole number from 0 to 32767." in words(response)
    assert stored() == before


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"\0" * 10, b"{" * 1000, "日本".encode("shift-jis"), b"PK\x03\x04", b"\n\n"]
)
def test_a_file_of_another_kind_changes_nothing(owner, offered, content):
    before = stored()

    assert check(owner, content).status_code in {200, 422}
    assert stored() == before


def test_a_file_that_is_too_large_is_refused(owner, offered):
    response = check(owner, b" " * (5 * 1024 * 1024 + 1))

    assert (response.status_code, "larger than 5 MB" in words(response)) == (422, True)


def test_a_checked_file_is_not_loaded_over_a_change_that_came_between(owner, offered):
    report = check(owner, json.dumps(AREA).encode())
    Engagement.objects.update(workload="Changed")

    conflict = owner.post(load_address(report))

    assert conflict.status_code == 409
    assert "The catalogue was changed meanwhile, so nothing was loaded." in words(conflict)
    assert not SolutionArea.objects.filter(code="new").exists()
    assert owner.post(load_address(conflict)).status_code == 302
    assert SolutionArea.objects.filter(code="new").exists()


def test_the_last_button_counts_once_and_for_the_one_who_checked(owner, offered, signed_in):
    address = load_address(check(owner, json.dumps(AREA).encode()))
    another = signed_in(StaffFactory(vendor_role=User.VendorRole.OWNER))
    assert another.post(address).status_code == 404

    codes = [owner.post(address).status_code for _ in range(2)]

    assert codes == [302, 302]
    assert SolutionArea.objects.filter(code="new").count() == 1


def test_a_report_tells_only_of_what_is_different(owner, offered, now):
    lines = [*catalogue_lines(), json.dumps(AREA)]

    report = check(owner, "\n".join(lines).encode())

    assert [effect.text for effect in report.context["effects"]] == [
        "No location becomes eligible, and none loses it",
        "No open claim is concerned",
    ]
