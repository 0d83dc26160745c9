"""The mail queue at the desk: who sees it, what it tells and keeps to itself, and its three deeds (BEY-7, ROLE-6)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incentives import postmaster
from incentives.models import AuditEntry, User
from mail import outbox
from mail.models import Link, Message, Stop
from tests.factories import StaffFactory
from tests.pages import links, table, words

pytestmark = pytest.mark.django_db
LIST = "/desk/mail/message/"
REASON = "The provider asks us to wait."
Role = User.VendorRole
READERS = (Role.LEAD, Role.OWNER, Role.SUPPORT, Role.AUDITOR)
ACTORS = (Role.OWNER, Role.SUPPORT)
FACTS = {"engagement": "Workshop", "partner": "FridayINC", "contact": "Susie", "deadline": ""}


@pytest.fixture
def agent(db):
    return StaffFactory(vendor_role=Role.SUPPORT, full_name="Ines Almeida")


@pytest.fixture
def client(signed_in, agent):
    return signed_in(agent)


@pytest.fixture
def request_to_susie(now):
    """A consent request that the mail server refused."""
    link = Link.mint("consent", 3000001, address="susie@customer.example", now=now)
    outbox.post("consent_request", to=link.address, now=now, about=3000001, link=link, **FACTS)
    Message.objects.update(state="failed", attempts=1, answer="550 no such <user>")
    return Message.objects.get()


def post(now, to="ann@partner.example", kind="claim_approved", **facts) -> Message:
    outbox.post(kind, to=to, now=now, **FACTS)
    message = Message.objects.latest("pk")
    Message.objects.filter(pk=message.pk).update(**facts)
    return message


def at(message, what="change") -> str:
    return f"{LIST}{message.pk}/{what}/"


def audited() -> list[tuple[object, ...]]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", "by__full_name", "before", "after"))


# --- who may ---


@pytest.mark.parametrize("role", Role.values)
def test_those_who_need_it_read_and_owner_and_support_act(signed_in, request_to_susie, role):
    client = signed_in(StaffFactory(vendor_role=role))
    reads, acts = role in READERS, role in ACTORS
    seen = [client.get(address) for address in (LIST, at(request_to_susie))]

    assert [page.status_code for page in seen] == [200 if reads else 403] * 2
    assert ["Stop delivery" in words(seen[0]), "Try again" in words(seen[1])] == [acts] * 2
    assert client.get(f"{LIST}stop/").status_code == (200 if acts else 403)
    assert client.post(at(request_to_susie, "retry")).status_code == (302 if acts else 403)
    assert client.post(f"{LIST}stop/", {"reason": REASON}).status_code == (302 if acts else 403)
    assert Stop.objects.exists() == acts
    assert ("Resume delivery" in words(client.get(LIST))) == acts
    assert client.post(f"{LIST}resumption/").status_code == (302 if acts else 403)
    assert (Message.objects.get().state == "queued") == acts
    assert AuditEntry.objects.count() == (3 if acts else 0)


def test_for_people_of_partners_none_of_it_exists(signed_in, partner_user, request_to_susie):
    client, doors = signed_in(partner_user), [f"{LIST}stop/", f"{LIST}resumption/"]

    assert {client.get(address).status_code for address in (LIST, at(request_to_susie))} == {404}
    assert {client.post(address).status_code for address in (*doors, at(request_to_susie, "retry"))} == {404}


@pytest.mark.parametrize("path", ["add/", "{}/delete/", "{}/history/", "{}/"])
def test_a_mail_is_neither_added_changed_nor_deleted(client, request_to_susie, path):
    assert client.post(LIST + path.format(request_to_susie.pk), {"post": "yes"}).status_code == 404
    assert client.post(at(request_to_susie), {"to": "x@y.example"}).status_code == 405


# --- what it tells ---


def test_the_list_tells_what_became_of_each_mail(client, request_to_susie, now):
    post(now + timedelta(hours=1), next_attempt_at="2026-03-04T05:06:07Z")

    rows = table(client.get(LIST))

    assert [row[1:3] + row[4:] for row in rows] == [
        ["Claim approved", "ann@partner.example", "–", "Queued", "0", "Mar 4, 2026, 05:06:07 UTC", "–"],
        ["Consent request", "susie@customer.example", "3000001", "Failed", "1", "–", "550 no such <user>"],
    ]
    assert rows[1][3] == "Action required: Confirm participation in the Workshop"
    assert links(client.get(LIST))[1] == [at(request_to_susie), "/desk/claims/claim/3000001/change/"]


def test_who_may_not_see_claims_reads_no_subject_and_finds_no_way_to_one(signed_in, request_to_susie):
    client = signed_in(StaffFactory(vendor_role=Role.OWNER))
    shown = [client.get(address) for address in (LIST, at(request_to_susie))]

    for page in shown:
        assert "3000001" in words(page)
        assert "Confirm participation" not in page.text
        assert "/desk/claims/" not in page.text


@pytest.mark.parametrize("role", READERS)
def test_neither_a_letter_nor_its_link_nor_its_facts_are_shown(signed_in, request_to_susie, role):
    client, key = signed_in(StaffFactory(vendor_role=role)), request_to_susie.link.url.split("/")[-2]

    for page in (client.get(LIST), client.get(at(request_to_susie))):
        assert not [
            secret for secret in (key, "FridayINC", "Confirm or decline", "Susie") if secret in page.text
        ]


def test_the_page_of_a_mail_tells_its_life(client, request_to_susie, now):
    Message.objects.update(sent_at="2026-03-04T05:06:07Z", state="sent", retried_at="2026-03-04T05:00:00Z")

    text = words(client.get(at(request_to_susie)))

    assert "Sent Mar 4, 2026, 05:06:07 UTC" in text
    assert "Put back into the queue Mar 4, 2026, 05:00:00 UTC" in text
    assert "The server's answer 550 no such <user>" in text
    assert request_to_susie.message_id in text
    assert "Try again" not in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=failed", ["susie"]),
        ("state=queued", ["ann"]),
        ("kind=consent_request", ["susie"]),
        ("kind=claim_approved&state=failed", []),
        ("q=SUSIE@", ["susie"]),
        ("q=ann@partner.example", ["ann"]),
        ("q=customer.example", []),
        ("q=3000001", ["susie"]),
        ("q=300000", []),
        ("", ["ann", "susie"]),
    ],
)
def test_it_is_narrowed_by_state_and_kind_and_searched_by_address_and_claim(
    client, request_to_susie, now, query, found
):
    post(now + timedelta(hours=1))

    rows = table(client.get(f"{LIST}?{query}"))

    assert [row[2].partition("@")[0] for row in rows] == found


@pytest.mark.parametrize("role", READERS)
def test_it_asks_the_database_as_often_for_thirty_mails_as_for_one(signed_in, now, role):
    client, counts = signed_in(StaffFactory(vendor_role=role)), []
    for number in (1, 29):
        for n in range(number):
            link = Link.mint("consent", 3000000 + n, address="susie@customer.example", now=now)
            outbox.post("consent_request", to=link.address, now=now, about=3000000 + n, link=link, **FACTS)
        with CaptureQueriesContext(connection) as seen:
            assert len(table(client.get(LIST))) in {1, 30}
        counts.append(len(seen))

    assert counts[0] == counts[1]


QUESTIONS = {
    "": "mail_newest",
    "state=failed": "mail_by_state",
    "kind=invitation": "mail_by_kind",
    "q=ann@part": "mail_by_address",
    "q=3000001": "mail_about",
}


@pytest.fixture
def many(now):
    """As many mails as it takes until PostgreSQL prefers an index."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO mail_message (kind, "to", subject, context, message_id, state, attempts, created_at,
                next_attempt_at, answer)
            SELECT 'claim_approved', n || 'bob@partner.example', '', '{}', n, 'sent', 1, %s - n * interval '1 s', %s, ''
            FROM generate_series(1, 20000) n""",
            [now, now],
        )
        cursor.execute("ANALYZE mail_message")


@pytest.mark.parametrize("query", QUESTIONS)
def test_whatever_the_list_is_asked_an_index_answers(client, many, query):
    with CaptureQueriesContext(connection) as seen:
        assert client.get(f"{LIST}?{query}").status_code == 200
    *_others, of_rows = (asked["sql"] for asked in seen if 'FROM "mail_message"' in asked["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {of_rows}")
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert QUESTIONS[query] in plan
    assert "Seq Scan" not in plan


# --- the first page ---


def figures(client) -> dict[str, tuple[str, str]]:
    shown = client.get(reverse("admin:index")).context["figures"]
    return {str(figure.label): (figure.value, figure.tone) for figure in shown}


@pytest.mark.parametrize("role", READERS)
def test_the_first_page_counts_what_failed_and_says_that_delivery_is_stopped(
    signed_in, request_to_susie, now, role
):
    client = signed_in(StaffFactory(vendor_role=role))

    assert figures(client)["Failed mails"] == ("1", "warn")
    assert "Mail delivery" not in figures(client)

    Stop.begin(by="Ines", reason="", now=now)
    Message.objects.update(state="sent")
    assert figures(client)["Failed mails"] == ("0", "")
    assert figures(client)["Mail delivery"] == ("Stopped", "warn")


def test_the_first_page_of_a_reviewer_says_nothing_of_it(signed_in, request_to_susie, now):
    Stop.begin(by="Ines", reason="", now=now)

    assert not {"Failed mails", "Mail delivery"} & set(figures(signed_in(StaffFactory())))


# --- the deeds ---


def test_a_failed_mail_is_put_back_and_the_audit_tells_by_whom(client, request_to_susie):
    page = client.post(at(request_to_susie, "retry"), follow=True)

    assert "The mail is back in the queue" in words(page)
    assert Message.objects.get().state == "queued"
    after = f"Mail {request_to_susie.pk} to susie@customer.example"
    assert audited() == [("mail_retried", "Ines Almeida", "550 no such <user>", after)]

    assert client.post(at(request_to_susie, "retry")).status_code == 409
    assert len(audited()) == 1


def test_a_mail_whose_link_was_replaced_says_so_and_is_not_tried_again(client, request_to_susie, now):
    Link.revoke_all("consent", 3000001, now=now)

    assert "The link was used, replaced or has expired" in words(client.get(at(request_to_susie)))
    assert "Try again" not in words(client.get(at(request_to_susie)))
    refused = client.post(at(request_to_susie, "retry"))
    assert (refused.status_code, "Nothing was changed" in words(refused)) == (409, True)
    assert (Message.objects.get().state, audited()) == ("failed", [])


def test_delivery_is_stopped_for_a_reason_that_everybody_reads(client, agent, signed_in):
    page = client.post(f"{LIST}stop/", {"reason": "  The <provider>\n asks us. "}, follow=True)

    assert "Ines Almeida : The <provider> asks us." in words(page)
    assert "Stop delivery" not in words(page)
    auditor = words(signed_in(StaffFactory(vendor_role=Role.AUDITOR)).get(LIST))
    assert ("The <provider> asks us." in auditor, "Resume delivery" in auditor) == (True, False)
    assert audited() == [("mail_stopped", "Ines Almeida", "", "The <provider> asks us.")]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201])
def test_without_a_reason_or_with_too_long_a_one_it_goes_on(client, reason):
    assert client.post(f"{LIST}stop/", {"reason": reason}).status_code == 422
    assert (Stop.objects.exists(), audited()) == (False, [])


def test_who_comes_second_learns_that_it_was_done(client, now):
    client.post(f"{LIST}stop/", {"reason": REASON})
    second = client.post(f"{LIST}stop/", {"reason": "Another"})

    assert second.status_code == 409
    assert "Delivery is stopped already" in words(second)
    assert REASON in words(second)
    assert client.get(f"{LIST}stop/").headers["Location"] == LIST

    gone_on = [client.post(f"{LIST}resumption/") for _ in range(2)]
    assert [page.status_code for page in gone_on] == [302, 409]
    assert "Delivery is not stopped" in words(gone_on[1])
    assert [entry[0] for entry in audited()] == ["mail_stopped", "mail_goes_on"]


def test_an_audit_of_a_company_tells_nothing_of_it(now, agent, request_to_susie):
    postmaster.try_again(request_to_susie, by=agent, now=now)

    assert AuditEntry.objects.values_list("partner", "person", "location").get() == (None, None, None)
