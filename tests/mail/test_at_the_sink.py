"""What a real mail server receives: no header or recipient too many, plain text, nothing that tracks (L15, L16)."""

from email import message_from_bytes, policy

import pytest

from incentives.forms import Address
from mail import delivery, outbox
from mail.models import Link, Message
from mail.models.wishes import key_to

from .conftest import FACTS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("outside_the_demo")]
# In names of customers, partners, engagements and people; what no database keeps, as NUL, cannot come from one.
INJECTED = [
    "Evil\r\nBcc: everybody@example.com",
    "Evil\nCc: everybody@example.com",
    "Evil\rTo: everybody@example.com",
    "Evil\r\n\r\n<html><img src=https://x.example/pixel>",
    "\nX-Injected: yes",
    "Evil\tBcc: everybody@example.com",
    "Evil\u2028Subject: x\u2029\x85From: y",
    "Evil\x0b\x0c\x1c\x1d\x1eReply-To: everybody@example.com",
    "=?utf-8?q?Evil=0D=0ABcc:_everybody@example.com?=",
    "Żółć 日本語 😀 \u202egpj.exe\r\nBcc: everybody@example.com",
]
KINDS = ["consent_request", "customer_survey", "partner_survey", "claim_rejected", "reminder_customer"]
KINDS += ["reminder_digest"]
HEADERS = {
    "Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted"
}  # fmt: skip
ONE_CLICK = {"List-Unsubscribe", "List-Unsubscribe-Post"}
TO = "susie@customer.example"


def send(kind, now, to=TO, **facts) -> None:
    purpose = kind.removesuffix("_request")
    link = Link.mint(purpose, 3000001, address=to, now=now) if purpose in Link.Purpose else None
    named = FACTS | {"contact": "Susie", "days": 3} | facts
    if kind == "reminder_digest":
        named = {"claims": [named | {"missing": [named["engagement"]]}]}
    outbox.post(kind, to=to, now=now, link=link, **named)
    delivery.deliver_due(now=now)


@pytest.mark.parametrize("value", INJECTED, ids=range(len(INJECTED)))
@pytest.mark.parametrize("kind", KINDS)
def test_a_name_adds_no_header_and_no_recipient(server, now, kind, value):
    names = ("engagement", "partner", "customer", "claim_name", "contact")

    send(kind, now, **dict.fromkeys(names, value))

    received = message_from_bytes(server.received[0], policy=policy.default)
    assert set(received.keys()) - {"X-Peer", "X-MailFrom", "X-RcptTo"} == HEADERS | (
        ONE_CLICK if kind.startswith("reminder") else set()
    )
    assert len(received.keys()) == len(set(received.keys()))
    assert (server.recipients, str(received["To"])) == ([[TO]], TO)
    assert len(str(received["Subject"]).splitlines()) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_has_a_plain_form_first_and_fetches_nothing(server, now, kind):
    send(kind, now)

    received = message_from_bytes(server.received[0], policy=policy.default)
    plain, html = received.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert received["Auto-Submitted"] == "auto-generated"
    assert "Enable Frontline Workshop" in plain.get_content()
    for fetched in ("<img", "src=", "url(", "@import", "<link", "background="):
        assert fetched not in html.get_content().lower()


@pytest.mark.parametrize("kind", ["reminder_customer", "reminder_digest"])
@pytest.mark.parametrize("portal", ["https://portal.example", f"https://{'incentives.' * 8}portal.example"])
def test_a_mail_program_can_stop_reminders_by_itself(server, now, settings, portal, kind):
    settings.PORTAL_URL = portal

    send(kind, now)

    received = message_from_bytes(server.received[0], policy=policy.default)
    address = f"{portal}/reminders/{Message.objects.get().pk}/{key_to(TO)}/"
    assert received["List-Unsubscribe"].strip() == f"<{address}>"
    assert received["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert all(address in part.get_content() for part in received.iter_parts())
    assert "susie" not in address


def test_names_beyond_ascii_arrive_as_they_are_written(server, now):
    send("consent_request", now, engagement="Atelier d’été 夏", partner="Żółć GmbH")

    received = message_from_bytes(server.received[0], policy=policy.default)
    assert received["Subject"].strip() == "Action required: Confirm participation in the Atelier d’été 夏"
    assert "Żółć GmbH" in next(received.iter_parts()).get_content()


@pytest.mark.parametrize(
    ("address", "arrives"),
    [
        ("susie@münchen.example", "susie@xn--mnchen-3ya.example"),
        ("susie@straße.example", "susie@xn--strae-oqa.example"),
        ("susie@日本.example", "susie@xn--wgv71a.example"),
        ("o'brien+a.b@customer.example", "o'brien+a.b@customer.example"),
        ('"a@b"@customer.example', '"a@b"@customer.example'),
        ('"<x>,y"@customer.example', '"<x>,y"@customer.example'),
        (f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 59}.example", None),
    ],
)
def test_an_address_that_the_form_takes_is_delivered_to(server, now, address, arrives):
    assert Address().clean(address) == address

    send("consent_request", now, to=address)

    assert Message.objects.get().state == "sent"
    assert server.recipients == [[arrives or address]]


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("süsie@customer.example", "Before the @ only"),
        ("susie@😀.example", "valid email"),
        ("susie@[127.0.0.1]", "part after the @"),
        (f"{'a' * 65}@customer.example", "longer than mail servers take"),
        (f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.example", "at most 254"),
        (f"susie.susie@{'ü' * 50}.{'b' * 60}.{'c' * 60}.{'d' * 60}.example", "longer than mail servers take"),
        ("susie@customer.example\r\nBcc: x@y.example", "valid email"),
        ("susie@customer.example\x00", "Null characters"),
        ("a,b@customer.example", "valid email"),
    ],
)
def test_an_address_that_no_mail_can_reach_is_refused_with_the_reason(address, why):
    with pytest.raises(Exception, match=why) as refused:
        Address().clean(address)

    assert type(refused.value).__name__ == "ValidationError"
