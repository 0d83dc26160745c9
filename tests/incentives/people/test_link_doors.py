"""The doors of invitations and resets, as L01 to L10 ask of every one-time link (L14)."""

import logging
import re
from datetime import timedelta
from html import unescape

import pytest
from django.core.cache import cache
from django.db import connection
from django.urls import reverse

from incentives import throttle
from incentives.models import Standing, User
from incentives.people import invitations, passwords, standing
from mail.delivery import render
from mail.models import Link, Message
from mail.redaction import NoLinkKeys
from tests.browsers import Browser
from tests.factories.incentives import PASSWORD
from tests.pages import words

from .conftest import CHOSEN, NEW, invited, key_of, link_of, open_link, reset_link

pytestmark = pytest.mark.django_db
PURPOSES = [Link.Purpose.INVITATION, Link.Purpose.PASSWORD_RESET]
ROOMS = {Link.Purpose.INVITATION: "invitation", Link.Purpose.PASSWORD_RESET: "password-reset"}
NAMES = ("Gerda Guest", "guest@fridayinc.example", "Noah Reyes", "noah@fridayinc.example", "Priya Kaur")


@pytest.fixture(params=PURPOSES)
def link(request, admin, colleague, now) -> Link:
    if request.param == Link.Purpose.INVITATION:
        return link_of(invited(admin, now=now))
    return reset_link(colleague, now=now)


def form_for(link: Link) -> dict[str, str]:
    return CHOSEN | ({"full_name": "Gerda Gast"} if link.purpose == Link.Purpose.INVITATION else {})


def is_spent(link: Link) -> bool:
    return Link.objects.get(pk=link.pk).used_at is not None


def assert_names_nobody(response, location) -> None:
    page = unescape(response.content.decode())
    assert [name for name in (*NAMES, location.name) if name in page] == []


def test_the_link_leads_to_a_form_at_an_address_without_the_key(link, client):
    address = open_link(client, link)
    page = client.get(address)

    assert address == f"/{ROOMS[link.purpose]}/answer/{link.pk}/"
    assert page.status_code == 200
    assert key_of(link) not in page.content.decode() + str(page.headers) + str(dict(client.session))


@pytest.mark.parametrize("method", ["get", "head", "options", "put", "delete", "patch", "trace"])
def test_no_method_but_post_uses_anything_up(link, client, method):
    address = open_link(client, link)

    codes = {
        url: getattr(client, method)(url).status_code
        for url in (reverse(f"door:{link.purpose}", args=[key_of(link)]), address)
    }

    assert set(codes.values()) <= {200, 302, 405}
    assert not is_spent(link)


def test_control_a_form_that_is_sent_uses_it_up(link, client):
    answer = client.post(open_link(client, link), form_for(link))

    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/")
    assert is_spent(link)


def test_the_key_is_not_an_address_to_post_to(link, client):
    response = client.post(reverse(f"door:{link.purpose}", args=[key_of(link)]), form_for(link))
    assert (response.status_code, is_spent(link)) == (405, False)


def test_pressing_the_button_of_the_untouched_form_changes_nothing(link, client):
    address = open_link(client, link)
    assert client.post(address, {}).status_code == 422
    assert not is_spent(link)
    assert client.post(address, form_for(link)).status_code == 302


def test_whoever_has_accepted_signs_in_with_what_they_chose(admin, client, now):
    person = invited(admin, now=now)

    answer = client.post(open_link(client, link_of(person)), {"full_name": "Gerda Gast"} | CHOSEN)

    assert answer.headers["Location"] == "/sign-in/"
    assert client.get("/account/").status_code == 302
    assert "Your account is ready." in words(client.get("/sign-in/"))
    entered = client.post("/sign-in/", {"email": person.email, "password": NEW})
    assert entered.status_code == 302
    assert "Gerda Gast" in words(client.get("/account/"))


def used(link, admin, now):
    if link.purpose == Link.Purpose.INVITATION:
        invitations.accept(link, full_name="Gerda", password=NEW, now=now)
    else:
        passwords.reset(link, NEW, now=now)


def replaced(link, admin, now):
    Link.revoke_all(link.purpose, link.subject_id, now=now)


def expired(link, admin, now):
    Link.objects.filter(pk=link.pk).update(expires_at=now)


def withdrawn(link, admin, now):
    standing.deactivate(User.objects.get(pk=link.subject_id), by=admin, now=now)


ENDS = [
    (used, "This link has already been used"),
    (replaced, "This link was replaced"),
    (expired, "This link has expired"),
    (withdrawn, "This link was replaced"),
]


@pytest.mark.parametrize(("end", "said"), ENDS)
def test_a_dead_link_says_why_and_names_nobody(link, client, admin, location, now, end, said):
    end(link, admin, now)

    response = client.get(f"/{ROOMS[link.purpose]}/{key_of(link)}/")

    assert response.status_code == 410
    assert said in words(response)
    assert_names_nobody(response, location)


@pytest.mark.parametrize(("end", "said"), ENDS)
def test_a_link_that_dies_while_its_form_is_open_changes_nothing(
    link, client, admin, location, now, end, said
):
    address = open_link(client, link)
    end(link, admin, now)
    before = User.objects.values_list("password", "is_active", "full_name").get(pk=link.subject_id)

    responses = [client.post(address, form_for(link)), client.get(address)]

    assert [response.status_code for response in responses] == [410, 410]
    for response in responses:
        assert_names_nobody(response, location)
    after = User.objects.values_list("password", "is_active", "full_name").get(pk=link.subject_id)
    assert after == before


@pytest.mark.parametrize(
    "key", ["0" * 32, "0" * 31, "0" * 40, "x", "a" * 3000, "%F0%9F%92%A9", "../../etc/passwd"]
)
@pytest.mark.parametrize("room", ROOMS.values())
def test_an_unknown_key_is_answered_by_the_same_page(client, db, room, key):
    response = client.get(f"/{room}/{key}/")

    assert response.status_code == 404
    assert "This link is not known here" in words(response)


def test_a_link_of_one_purpose_opens_no_form_of_another(admin, colleague, client, now):
    invitation, reset = link_of(invited(admin, now=now)), reset_link(colleague, now=now)
    open_link(client, invitation)
    open_link(client, reset)

    codes = [
        client.get(path).status_code
        for path in (
            f"/password-reset/{key_of(invitation)}/",
            f"/invitation/{key_of(reset)}/",
            f"/consent/{key_of(reset)}/",
            f"/password-reset/answer/{invitation.pk}/",
            f"/invitation/answer/{reset.pk}/",
            f"/survey/answer/{reset.pk}/",
        )
    ]

    assert codes == [404] * 6


def test_the_clean_address_opens_only_for_whoever_opened_the_link(link, client):
    address = open_link(client, link)

    for url in (address, re.sub(r"\d+", "9" * 25, address)):
        response = Browser().get(url)
        assert response.status_code == 404
        assert "open the link in your email again" in response.content.decode()
    assert Browser().post(address, form_for(link)).status_code == 404
    assert not is_spent(link)


def test_a_link_neither_signs_anybody_in_nor_out(link, client, admin):
    """L12: the session of whoever opens it stays what it was; the form is the other person's."""
    client.force_login(admin)

    client.post(open_link(client, link), form_for(link))

    assert "Priya Kaur" in words(client.get("/account/"))


def test_every_page_of_the_doors_is_kept_and_indexed_by_nobody(link, client):
    address = open_link(client, link)
    room = ROOMS[link.purpose]
    pages = [client.get(address), client.head(address), client.post(address, {}), client.put(address)]
    pages += [client.get(f"/{room}/{'0' * 32}/"), client.get(f"/{room}/{key_of(link)}/")]
    pages += [client.get("/password-reset/"), client.get("/password-reset/sent/")]

    for response in [*pages, client.post(address, form_for(link)), client.get(address)]:
        assert "no-store" in response.headers["Cache-Control"]
        assert "noindex" in response.headers["X-Robots-Tag"]
        assert response.headers["Referrer-Policy"] == "same-origin"
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
        assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', response.content.decode())


def test_wrong_keys_are_slowed_down_and_right_ones_never(link, client):
    room = ROOMS[link.purpose]
    answers = [client.get(f"/{room}/{n:032x}/").status_code for n in range(throttle.WRONG_KEYS + 1)]

    assert answers == [404] * throttle.WRONG_KEYS + [429]
    assert client.get(f"/{room}/{key_of(link)}/").status_code == 302
    cache.clear()
    assert client.get(f"/{room}/{'f' * 32}/").status_code == 404


def test_a_form_without_its_token_is_refused(link):
    strict = Browser(enforce_csrf_checks=True)
    assert strict.post(open_link(strict, link), form_for(link)).status_code == 403
    assert not is_spent(link)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_keys_are_many_and_unlike_each_other(db, now, purpose):
    keys = {key_of(Link.mint(purpose, n, address="a@b.example", now=now)) for n in range(1000)}

    assert len(keys) == 1000
    assert all(re.fullmatch("[0-9a-f]{32}", key) for key in keys)
    assert len({key[:8] for key in keys}) > 990


def stored_with(text: str) -> list[str]:
    """The tables with a row that holds this text."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT count(*) FROM "{table}" AS line WHERE line::text LIKE %s', [f"%{text}%"])  # noqa: S608
            found += [table] * bool(cursor.fetchone()[0])
    return found


def test_the_key_is_in_the_letter_and_stored_nowhere(link, client):
    open_link(client, link)

    assert key_of(link) in render(Message.objects.filter(link=link).get()).text
    assert stored_with(key_of(link)) == []


def test_control_what_is_stored_would_be_found(link):
    assert "mail_link" in stored_with(link.digest)
    assert "mail_message" in stored_with(link.address)


FAILING = ["{key}", "{key}/more", "{key}0a1b", "no-such-page/{key}"]


def test_no_log_line_carries_a_key(link, client, caplog, now, admin):
    """Also where requests with a living or a dead key fail (L07)."""
    key, room = key_of(link), ROOMS[link.purpose]
    strict = Browser(enforce_csrf_checks=True, raise_request_exception=False)
    with caplog.at_level(logging.INFO):
        strict.post(f"/{room}/{key}/")
        strict.put(f"/{room}/{key}/")
        for shape in FAILING:
            strict.get(f"/{shape.format(key=key)}/")
        used(link, admin, now)
        strict.get(f"/{room}/{key}/")

    assert any("[link]" in record.getMessage() for record in caplog.records)
    assert [record.getMessage() for record in caplog.records if key[:16] in record.getMessage()] == []


def test_control_without_the_filter_the_log_carries_keys(link, client, caplog, now, admin, monkeypatch):
    monkeypatch.setattr(NoLinkKeys, "filter", lambda _filter, _record: True)
    key, room = key_of(link), ROOMS[link.purpose]
    used(link, admin, now)
    with caplog.at_level(logging.INFO):
        client.get(f"/{room}/{key}/")

    assert any(key in record.getMessage() for record in caplog.records)


def test_passwords_stand_in_no_error_report(link, client):
    """What an error report would show of the form: the views hide every field (D07)."""
    from django.views.debug import SafeExceptionReporterFilter

    request = client.post(open_link(client, link), CHOSEN | {"again": "different"}).wsgi_request
    shown = SafeExceptionReporterFilter().get_post_parameters(request)

    assert NEW not in str(shown)


def test_the_invitation_lives_three_days_and_the_reset_an_hour(admin, colleague, now):
    lives = {
        link.purpose: link.expires_at - link.created_at
        for link in (link_of(invited(admin, now=now)), reset_link(colleague, now=now))
    }
    assert lives == {"invitation": timedelta(hours=72), "password_reset": timedelta(hours=1)}


def test_twice_at_once_one_wins(link, client, location):
    """Two tabs with the same form: the second is told, and the first password stays."""
    address = open_link(client, link)
    assert client.post(address, form_for(link)).status_code == 302
    second = client.post(address, form_for(link) | {"new_password": PASSWORD, "again": PASSWORD})

    assert second.status_code == 410
    person = User.objects.get(pk=link.subject_id)
    assert (person.check_password(NEW), person.standing) == (True, Standing.ACTIVE)
