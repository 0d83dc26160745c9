"""One-time links: what is stored of them, and when they die (L01, L02)."""

import re
import secrets
from datetime import timedelta

import pytest
from django.db import IntegrityError

from mail.models import Link
from mail.models.links import derive, digest_of

pytestmark = pytest.mark.django_db
KEY = re.compile(r"[0-9a-f]{32}")


def key_of(link: Link) -> str:
    return KEY.findall(link.url)[-1]


def beginnings(keys: set[str]) -> int:
    return len({key[:8] for key in keys})


def test_ten_thousand_keys_are_all_different_and_share_no_beginning():
    keys = {derive("secret", secrets.token_hex(16)) for _ in range(10_000)}
    assert len(keys) == 10_000
    assert {len(key) for key in keys} == {32}
    assert beginnings(keys) > 9_990


def test_control_counted_keys_share_their_beginning():
    assert beginnings({f"{number:032x}" for number in range(10_000)}) == 1


def test_control_without_chance_the_second_link_has_the_key_of_the_first(now, monkeypatch):
    monkeypatch.setattr(secrets, "token_hex", lambda _size: "0" * 32)
    Link.mint("consent", 1, address="a@customer.example", now=now)

    with pytest.raises(IntegrityError):
        Link.mint("consent", 2, address="b@customer.example", now=now)


def test_only_a_digest_is_stored_and_the_key_opens_the_link(now):
    link = Link.mint("consent", 1, address="a@customer.example", now=now)
    key = key_of(link)
    row = Link.objects.filter(pk=link.pk).values().get()
    assert key not in str(row)
    assert row["digest"] == digest_of(key)
    assert Link.find("consent", key) == link
    assert Link.find("customer_survey", key) is None


def test_a_newer_link_kills_the_older_of_the_same_claim_and_purpose_only(now):
    old, other, survey = (
        Link.mint(purpose, claim, address="a@customer.example", now=now)
        for purpose, claim in (("consent", 1), ("consent", 2), ("customer_survey", 1))
    )
    Link.mint("consent", 1, address="a@customer.example", now=now)
    causes = [Link.objects.get(pk=link.pk).cause_of_death(now) for link in (old, other, survey)]
    assert causes == ["replaced", "", ""]


def test_a_link_dies_at_its_very_instant(now):
    link = Link.mint("consent", 1, address="a@customer.example", now=now, expires_at=now + timedelta(days=30))
    assert link.cause_of_death(link.expires_at - timedelta(seconds=1)) == ""
    assert link.cause_of_death(link.expires_at) == "expired"
    assert link.spend(link.expires_at) is False
    assert link.spend(link.expires_at - timedelta(seconds=1)) is True


def test_links_already_sent_survive_a_change_of_the_secret(now, settings):
    link = Link.mint("consent", 1, address="a@customer.example", now=now)
    key, old = key_of(link), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new secret", [old]
    assert Link.find("consent", key) == link
    assert key_of(link) == key
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(LookupError):
        _ = link.url


def test_mails_build_addresses_from_the_one_setting(now, settings):
    settings.PORTAL_URL = "https://portal.example"
    link = Link.mint("consent", 1, address="a@customer.example", now=now)
    assert link.url.startswith("https://portal.example/consent/")
