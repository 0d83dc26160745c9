"""Surveys answered and sent at the same instant: one of each wins; and a control without the mechanism."""

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest

from claims.lifecycle import Refused
from claims.models import Claim
from mail.models import Link, SendCap
from surveys.invitations import release_queued, send_when_possible
from surveys.models import Audience, Response
from tests.browsers import Browser
from tests.together import at_once, won

from .conftest import filled, mails, open_link, sent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def posts(link: Link, count: int) -> list[partial]:
    clients = [Browser(raise_request_exception=False) for _ in range(count)]
    return [partial(client.post, open_link(client, link), filled("customer")) for client in clients]


def test_twenty_posts_of_one_customer_link_record_one_response(consented, now):
    responses = at_once(*posts(sent(consented, "customer", now=now), 20))

    codes = Counter(getattr(response, "status_code", response) for response in responses)
    assert codes[302] == 1
    assert set(codes) <= {302, 409, 410}
    assert Response.objects.count() == 1


def test_control_without_spending_only_the_constraint_is_left(consented, now, monkeypatch):
    monkeypatch.setattr(Link, "spend", lambda link, now: True)

    responses = at_once(*posts(sent(consented, "customer", now=now), 6))

    assert 500 in {response.status_code for response in responses}


def test_twelve_clicks_on_send_write_one_mail(consented, now):
    results = at_once(*[lambda: sent(Claim.objects.get(pk=consented.pk), "customer", now=now)] * 12)

    assert len(won(results)) == 1
    assert all(isinstance(result, Refused) for result in results if result not in won(results))
    assert mails().count() == 1


def test_control_without_the_cap_every_click_writes(consented, now, monkeypatch):
    monkeypatch.setattr(SendCap, "take", lambda *_, **__: True)

    at_once(*[lambda: sent(Claim.objects.get(pk=consented.pk), "customer", now=now)] * 6)

    assert mails().count() == 6


def test_releases_and_sending_by_hand_at_once_write_one_mail(consented, now):
    day = timedelta(hours=24)
    sent(consented, "customer", now=now)
    send_when_possible(consented, Audience.CUSTOMER, by=consented.created_by, now=now)

    by_hand = partial(sent, Claim.objects.get(pk=consented.pk), "customer", now=now + day)
    results = at_once(*[partial(release_queued, now=now + day)] * 11, by_hand)

    assert results.count(1) + isinstance(results[-1], Link) == 1
    assert mails().count() == 2
    assert not consented.events.filter(action="give_up_send").exists()
