"""Several learn of a customer at the same instant, or while a file is loaded: it is made once, and nobody waits."""

from functools import partial

import pytest
from django.db import connection, transaction

from claims.directory import Unreachable, answers, find
from claims.directory.openid import Discovery
from claims.models import CustomerIdentity, Organization
from tests.claims.directory.authority import TENANT, serving, tenant
from tests.together import at_once, won

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
DOMAINS = [f"domain{n}.example" for n in range(6)]


@pytest.fixture
def authority(settings):
    with serving() as authority:
        settings.DIRECTORY_AUTHORITY = authority.url
        settings.DIRECTORY_TIMEOUT = 20
        authority.says |= {domain: tenant() for domain in DOMAINS}
        yield authority


def known():
    return {model.__name__: model.objects.count() for model in (Organization, CustomerIdentity)}


def test_one_domain_asked_for_twelve_times_at_once_is_one_customer(authority, now):
    results = at_once(*[partial(find, "domain", DOMAINS[0], now=now)] * 12)
    assert {customer.tenant.value for customer in results} == {TENANT}
    assert len({customer.pk for customer in results}) == 1
    assert known() == {"Organization": 1, "CustomerIdentity": 2}


def test_six_domains_of_one_new_tenant_at_once_are_one_customer(authority, now):
    results = at_once(*[partial(find, "domain", domain, now=now) for domain in DOMAINS * 2])
    assert {customer.tenant.value for customer in results} == {TENANT}
    assert known() == {"Organization": 1, "CustomerIdentity": 7}


def test_control_without_the_row_of_the_domain_some_trip_over_each_other(authority, now, monkeypatch):
    monkeypatch.setattr(answers.DomainAnswer.objects, "bulk_create", lambda *rows, **more: None)
    for round in range(5):
        domain = f"round{round}.example"
        authority.says[domain] = tenant()
        results = at_once(*[partial(find, "domain", domain, now=now)] * 12)
        if len(won(results)) < 12:
            break
    assert len(won(results)) < 12


def test_after_a_silence_one_asks_and_nobody_else_waits(authority, now):
    answers.Outage.objects.create(authority=authority.url, until=now)
    results = at_once(*[partial(answers.take_turn, Discovery(authority.url, within=20), now=now)] * 12)
    assert len(won(results)) == 1
    assert {type(result) for result in results if isinstance(result, Exception)} == {answers.Silent}


def test_nothing_is_learnt_while_a_file_is_loaded_and_nobody_waits_for_it(authority, now):
    with transaction.atomic():
        answers.stop_learning()
        (result,) = at_once(partial(find, "domain", DOMAINS[0], now=now))
        assert type(result) is Unreachable
    assert find("domain", DOMAINS[0], now=now).tenant.value == TENANT
    assert not connection.in_atomic_block
