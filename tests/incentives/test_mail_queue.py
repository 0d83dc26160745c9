"""The mail queue at the command line: plain sentences, and a code that says whether everything was understood."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from incentives.models import AuditEntry
from mail import outbox
from mail.models import Link, Message, Stop

pytestmark = pytest.mark.django_db


def run(*arguments: object) -> list[str]:
    said = StringIO()
    call_command("mail_queue", *map(str, arguments), stdout=said)
    return said.getvalue().splitlines()


@pytest.fixture
def mails(now):
    """One that waits, and two that failed, of which one has a link that opens nothing any more."""
    for n, state in enumerate(("queued", "failed", "failed")):
        link = Link.mint("consent", n, address="susie@customer.example", now=now)
        at = now - timedelta(hours=3 - n)
        outbox.post("consent_request", to=link.address, now=at, link=link, contact="", engagement="W")
        Message.objects.filter(link=link).update(state=state)
    Link.revoke_all("consent", 2, now=now)
    return list(Message.objects.order_by("pk"))


def states() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("state", flat=True))


def test_it_says_how_things_stand(mails, now):
    running, *counts, oldest = run()

    assert running == "Delivery is running."
    assert counts == [
        "Queued: 1 (consent_request 1).",
        "Sending: none.",
        "Sent: none.",
        "Failed: 2 (consent_request 2).",
    ]
    assert oldest.startswith(f"The oldest that waits is mail {mails[0].pk}, written ")
    assert oldest.endswith("it is due.")

    Stop.begin(by="Ines", reason="The provider asks us to wait.", now=now)
    assert run()[0].endswith(" by Ines: The provider asks us to wait.")


def test_of_an_empty_queue_it_says_that_too(db):
    assert run() == [
        "Delivery is running.",
        "Queued: none.",
        "Sending: none.",
        "Sent: none.",
        "Failed: none.",
    ]


def test_it_stops_and_goes_on_and_tells_who_did(mails):
    assert run("--stop", "The provider\nasks us.") == ["Delivery is stopped. What is posted now waits."]
    assert Stop.objects.values_list("by", "reason").get() == ("The command line", "The provider asks us.")
    assert run("--stop") == ["Delivery was stopped before, and nothing was changed."]
    assert run("--go") == ["Delivery goes on."]
    assert run("--go") == ["Delivery was not stopped."]
    assert list(AuditEntry.objects.order_by("pk").values_list("action", "by", "after")) == [
        ("mail_stopped", None, "The provider asks us."),
        ("mail_goes_on", None, ""),
    ]


def test_a_stop_needs_no_reason(db):
    run("--stop")

    assert Stop.objects.values_list("reason", flat=True).get() == ""


def test_mails_are_tried_again_by_number(mails):
    waiting, failed, dead = (mail.pk for mail in mails)

    assert run("--retry", waiting, failed, dead) == [
        f"Mail {waiting} is queued and needs no retry.",
        f"Mail {failed} is back in the queue.",
        f"Mail {dead} stays failed: its link is dead, or another mail has left meanwhile.",
    ]
    assert states() == ["queued", "queued", "failed"]
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize("number", [0, -1, 10**25])
def test_an_unknown_number_is_an_error_and_keeps_no_other_back(mails, number):
    with pytest.raises(CommandError, match=f"There is no mail {number}"):
        run("--retry", number, mails[1].pk)

    assert states() == ["queued", "queued", "failed"]


def test_all_that_failed_is_tried_again(mails):
    assert run("--failed") == [
        "Back in the queue: 1.",
        "Still failed: 1, whose links are dead, or which another mail followed.",
    ]
    assert AuditEntry.objects.values_list("action", "after").get() == ("mail_retried", "1 failed mail")
    assert run("--failed")[0] == "Back in the queue: 0."
    assert AuditEntry.objects.count() == 1
