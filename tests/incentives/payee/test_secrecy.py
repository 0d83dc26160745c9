"""No account or tax number anywhere but under its seal: pages, desk, mails, logs, reports, the database (A10)."""

import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.views.debug import ExceptionReporter

import incentives
from engagements.models import Engagement
from incentives.models import AuditEntry, Location, PayeeProfile, User
from incentives.payee import details, forms, sealing
from mail.delivery import render
from mail.models import Message
from tests.factories import EngagementFactory, StaffFactory
from tests.factories.payees import IBANS, bank, tax

pytestmark = pytest.mark.django_db
ROUTING, ACCOUNT = "111000025", "7755331199"
OURS = str(Path(incentives.__file__).parent)
SECRETS = (IBANS["HU"], "117730161111101800000000", "12892312", ACCOUNT, ROUTING)
FORMS = (
    bank(revision="1", country="US", iban="", routing_number=ROUTING, account_number=ACCOUNT, currency="USD"),
    bank(revision="2", iban="hu42 1177 3016 1111 1018 0000 0000"),
    tax(revision="1"),
)


@pytest.fixture
def log(caplog) -> list[logging.LogRecord]:
    caplog.set_level(logging.DEBUG)
    return caplog.records


@pytest.fixture
def engagement(db):
    return EngagementFactory()


def save_everything(client: Client, address: str) -> None:
    assert [client.post(address, form).status_code for form in FORMS] == [302] * len(FORMS)


def told(text: str) -> list[str]:
    """Which of the numbers stand in a text, however they are spaced."""
    bare = re.sub(r"[\s.\-]|&nbsp;", "", text)
    return [secret for secret in SECRETS if secret in bare]


def database() -> Iterator[tuple[str, str]]:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT "row"::text FROM "{table}" "row"')  # noqa: S608
            for (row,) in cursor.fetchall():
                yield table, row


def pages(location: Location, engagement: Engagement) -> tuple[str, ...]:
    profile = f"/desk/incentives/payeeprofile/{PayeeProfile.objects.get(location=location).pk}"
    return (
        "/incentives/",
        f"/incentives/payee/{location.pk}/",
        f"/engagements/{engagement.code}/eligibility/",
        "/engagements/attention/",
        "/desk/",
        "/desk/incentives/payeeprofile/",
        f"/desk/incentives/payeeprofile/?q={location.partner_number}",
        f"{profile}/change/",
    )


def leaks(location: Location, engagement: Engagement, people: list[User], sign_in: Callable) -> list[str]:
    """Every place that tells a number."""
    found = [f"table {table}" for table, row in database() if told(row)]
    for person in people:
        client = sign_in(person)
        for address in pages(location, engagement):
            answer = client.get(address)
            if told(answer.content.decode() + str(answer.headers)):
                found.append(f"{address} tells {person.vendor_role or 'a partner'}")
    for message in Message.objects.all():
        letter = render(message)
        if told(letter.subject + letter.text + letter.html + str(message.context)):
            found.append(f"the letter to {message.to}")
    return found


@pytest.fixture
def people(admin, colleague, partner_user, stranger) -> list[User]:
    staff = [StaffFactory(vendor_role=role) for role in User.VendorRole.values]
    return [admin, colleague, partner_user, stranger, *staff]


def test_the_numbers_stand_nowhere(signed_in, admin, people, location, engagement, address, log):
    client = signed_in(admin)
    save_everything(client, address)
    client.post(address, bank(revision="3", iban=IBANS["HU"][:-1] + "1"))
    client.post(address, tax(revision="0", name="Another"))

    assert leaks(location, engagement, people, signed_in) == []
    assert [record for record in log if told(record.getMessage())] == []
    assert Message.objects.count() == 3
    assert AuditEntry.objects.count() == 3


def test_control_without_the_seal_they_are_found(
    signed_in, admin, people, location, engagement, address, monkeypatch
):
    monkeypatch.setattr(sealing, "seal", lambda numbers, *, of: str(numbers))
    save_everything(signed_in(admin), address)

    assert "table incentives_payeeprofile" in leaks(location, engagement, people, signed_in)


def test_control_without_the_mask_they_are_found_everywhere(
    signed_in, admin, people, location, engagement, address, monkeypatch
):
    monkeypatch.setattr(forms, "mask", str)
    save_everything(signed_in(admin), address)

    found = leaks(location, engagement, people, signed_in)

    assert {"table incentives_auditentry", "table mail_message", "table incentives_payeeprofile"} <= set(
        found
    )
    assert f"/incentives/payee/{location.pk}/ tells a partner" in found
    assert {
        f"/desk/incentives/payeeprofile/ tells {role}" for role in ("owner", "support", "auditor")
    } <= set(found)
    assert any("the letter to" in place for place in found)


def test_masks_reach_admins_of_the_location_and_the_desk_that_needs_them_alone(
    signed_in, people, location, engagement
):
    seen = {
        (address.replace(str(location.pk), "N"), person.vendor_role or people.index(person))
        for person in people
        for address in pages(location, engagement)
        if "••••" in signed_in(person).get(address).content.decode()
    }

    assert {who for _address, who in seen} == {0, 1, "owner", "support", "auditor"}
    assert {address for address, who in seen if who in {0, 1}} == {"/incentives/payee/N/"}


def report_of(client: Client, address: str, form: dict[str, str]) -> tuple[str, str]:
    """What an error report tells of our own functions' variables, and of the request's fields."""
    with pytest.raises(RuntimeError, match="Out of order") as error:
        client.post(address, form)
    request = next(entry.locals["request"] for entry in error.traceback if entry.name == "show")
    reporter = ExceptionReporter(request, error.type, error.value, error.tb)
    ours = [frame for frame in reporter.get_traceback_frames() if OURS in frame["filename"]]
    return str([frame["vars"] for frame in ours]), str(reporter.get_traceback_data()["filtered_POST_items"])


def broken(*args: object, **facts: object) -> None:
    raise RuntimeError("Out of order")


BREAKS = {
    "the check of the number": ("incentives.payee.accounts.iban.validate", FORMS[1]),
    "the check of the routing number": ("incentives.payee.accounts.rtn.validate", FORMS[0]),
    "the check of the tax number": ("incentives.payee.tax_numbers.get_cc_module", FORMS[2]),
    "the mask": ("incentives.payee.forms.mask", FORMS[1]),
    "the seal": ("incentives.payee.sealing.keys", FORMS[1]),
    "the record": ("incentives.models.AuditEntry.write", FORMS[1]),
    "the letter": ("incentives.payee.notices.tell_other_admins", FORMS[2]),
}


@pytest.mark.parametrize("what", BREAKS)
def test_an_error_report_holds_no_number_wherever_it_breaks(signed_in, admin, address, monkeypatch, what):
    place, form = BREAKS[what]
    monkeypatch.setattr(place, broken)

    frames, fields = report_of(signed_in(admin), address, form | {"revision": "1"})

    assert "wanted" in frames
    assert (told(frames), told(fields)) == ([], [])


def test_control_without_the_marks_an_error_report_holds_them(signed_in, admin, address, monkeypatch):
    monkeypatch.setattr("incentives.payee.accounts.iban.validate", broken)
    monkeypatch.setattr(
        "django.views.debug.SafeExceptionReporterFilter.is_active", lambda self, request: False
    )

    frames, fields = report_of(signed_in(admin), address, FORMS[1] | {"revision": "1"})

    assert IBANS["HU"] in told(frames)
    assert "117730161111101800000000" in told(fields)


def test_the_stored_numbers_are_opened_by_no_page(signed_in, people, location, engagement, monkeypatch):
    monkeypatch.setattr(sealing, "unseal", broken)
    monkeypatch.setattr(details.sealing, "keys", broken)

    for person in people:
        client = signed_in(person)
        for address in pages(location, engagement):
            assert client.get(address).status_code in {200, 302, 403, 404}
