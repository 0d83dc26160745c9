"""Many at once with one place left of a limit: exactly one gets it, and nobody waits for ever (LIM-1 to LIM-5)."""

from functools import partial
from threading import Barrier, Semaphore
from types import ModuleType

import pytest
from django.db import IntegrityError, transaction

from claims import creation, lifecycle
from claims.creation import Contacts, NotClaimable, create_claims
from claims.lifecycle import ConsentUnavailable
from claims.models import Claim, Organization
from claims.states import Status as S
from engagements.models import Engagement, SolutionArea
from tests.breadth import rounds
from tests.factories import (
    EngagementFactory,
    LocationFactory,
    UserFactory,
    claim_at,
    give_role,
    make_claim,
    make_customer,
)
from tests.together import at_once, deadlocks, won

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
CONTACTS = Contacts("Susie Jones", "susie@customer.example", "Priya Kaur", "priya@partner.example")
MANY = rounds(16, long=50)


def at(places):
    """Many people, each at one of these places in turn, and the place."""
    return [(give_role(UserFactory(partner=p.partner), p), p) for p in (places * MANY)[:MANY]]


def people():
    """Many of one company at two locations: nobody waits for their own other deeds."""
    place = LocationFactory()
    return at([place, LocationFactory(partner=place.partner, country=place.country)])


def rivals():
    """Many of five companies."""
    return at([LocationFactory() for _n in range(5)])


def wishes(people, engagements, customers, now):
    """Everybody wants a claim at once; engagements and customers are taken in turn."""
    return [
        partial(
            create_claims,
            name=f"Wish {n}",
            location=place,
            customer=customers[n % len(customers)],
            engagements=[engagements[n % len(engagements)]],
            contacts=CONTACTS,
            by=by,
            now=now,
        )
        for n, (by, place) in enumerate(people)
    ]


def open_in_area(now):
    everybody = people()
    engagements, customer = [EngagementFactory() for _n in range(5)], make_customer()
    make_claim(now=now, location=everybody[0][1], customer=customer)
    SolutionArea.objects.update(open_claims_limit=2)
    return wishes(everybody, engagements, [customer], now)


def unique_customers(now):
    everybody, engagement = people(), EngagementFactory(limit_unique_customers=2)
    make_claim(now=now, location=everybody[0][1], engagement=engagement)
    return wishes(everybody, [engagement], [make_customer() for _n in range(MANY)], now)


def concurrent(now):
    engagement, customer = EngagementFactory(limit_concurrent=2), make_customer()
    make_claim(now=now, customer=customer, engagement=engagement)
    return wishes(rivals(), [engagement], [customer], now)


def concurrent_in_a_family(now):
    engagement = EngagementFactory(
        limit_concurrent=2, limit_scope="tpid", id_types=["tenant", "tpid", "domain"]
    )
    first = make_customer()
    family = [make_customer(kind, organization=first.organization) for kind in ("tenant", "tpid", "domain")]
    make_claim(now=now, customer=first, engagement=engagement)
    return wishes(rivals(), [engagement], family, now)


def consents(now):
    """The consent takes the place, whoever created the claim before (CON-8)."""
    engagement = EngagementFactory(limit_consents=2)
    claim_at(S.CONSENT_RECEIVED, now=now, engagement=engagement)
    asked = [
        claim_at(S.AWAITING_CONSENT, now=now, engagement=engagement, location=place, by=by)
        for by, place in rivals()
    ]
    return [partial(lifecycle.give_consent, Claim.objects.get(pk=claim.pk), now=now) for claim in asked]


LIMITS = {
    open_in_area: NotClaimable,
    consents: ConsentUnavailable,
    unique_customers: NotClaimable,
    concurrent: NotClaimable,
    concurrent_in_a_family: NotClaimable,
}


@pytest.mark.long
@pytest.mark.parametrize(("limit", "refusal"), LIMITS.items(), ids=[limit.__name__ for limit in LIMITS])
def test_many_at_once_with_one_place_left_get_one(limit, refusal, now):
    before = deadlocks()

    results = at_once(*limit(now))

    assert len(won(results)) == 1
    assert {type(result) for result in results if isinstance(result, Exception)} == {refusal}
    assert deadlocks() == before


@pytest.mark.parametrize(("limit", "refusal"), LIMITS.items(), ids=[limit.__name__ for limit in LIMITS])
def test_with_no_place_left_nobody_gets_one(limit, refusal, now):
    acts = limit(now)
    acts[0]()

    assert {type(result) for result in at_once(*acts[1:13])} == {refusal}


@pytest.fixture
def let_two_look(monkeypatch):
    """The first two who were judged go on together, so that neither could see what the other is about to write."""
    together, first = Barrier(2), Semaphore(2)

    def judge(module: ModuleType, name: str) -> None:
        judged = getattr(module, name)

        def look(*asked: object, **facts: object) -> object:
            found = judged(*asked, **facts)
            if first.acquire(blocking=False):
                together.wait(timeout=20)
            return found

        monkeypatch.setattr(module, name, look)

    return judge


@pytest.mark.parametrize("limit", [open_in_area, unique_customers, concurrent])
def test_control_without_the_locks_several_get_in(limit, now, monkeypatch, let_two_look):
    def unlocked(engagements, customer):
        return list(Engagement.objects.filter(pk__in=[e.pk for e in engagements]).order_by("pk"))

    monkeypatch.setattr(creation, "lock", unlocked)
    wanted = limit(now)
    let_two_look(creation, "offers")
    assert len(won(at_once(*wanted))) > 1


def test_control_without_the_locks_several_consents_get_through(now, monkeypatch, let_two_look):
    monkeypatch.setattr(lifecycle, "lock_limits", lambda claim: None)
    wanted = consents(now)
    let_two_look(lifecycle, "refuse_unless_consent_is_free")
    assert len(won(at_once(*wanted))) > 1


def test_where_the_limit_is_one_the_database_refuses_a_second_open_claim(now, customer, monkeypatch):
    """Whoever gets past the locks meets the constraint."""
    engagement = EngagementFactory(limit_concurrent=1)
    make_claim(now=now, engagement=engagement, customer=customer)
    monkeypatch.setattr(creation, "offers", lambda *_args, **_facts: [])

    with pytest.raises(IntegrityError, match="one_open_claim_where_the_limit_is_one"), transaction.atomic():
        make_claim(now=now, engagement=engagement, customer=customer)


def test_where_the_customers_approved_claims_are_used_up_nobody_creates_another(now, customer):
    engagement = EngagementFactory(limit_approved=1)
    claim_at(S.APPROVED, now=now, engagement=engagement, customer=customer)

    results = at_once(*wishes(rivals()[:12], [engagement], [customer], now))

    assert {type(result) for result in results} == {NotClaimable}


def test_a_claim_past_its_deadline_takes_nobodys_place(now, customer):
    """No job has run: the old claim expires as the new one is created, also where the database keeps one."""
    engagement = EngagementFactory(limit_concurrent=1)
    old = make_claim(now=now, engagement=engagement, customer=customer)
    new = make_claim(now=old.expires_at, engagement=engagement, customer=customer)

    old.refresh_from_db()
    assert (old.status, new.status) == (S.CONSENT_EXPIRED, S.CUSTOMER_CLAIMED)


def test_a_dispute_reopens_a_claim_beside_a_newer_one(now, location, partner_user, customer):
    """The limit counts new claims; it never takes away the right to dispute (DL-3)."""
    facts = {"engagement": EngagementFactory(limit_concurrent=1), "customer": customer, "location": location}
    rejected = claim_at(S.REJECTED, now=now, **facts)
    make_claim(now=now, **facts)

    lifecycle.dispute(rejected, by=partner_user, now=now)

    assert rejected.status == S.DISPUTED


def test_a_limit_raised_by_the_owner_lets_the_next_in_at_once(now, customer):
    engagement = EngagementFactory(limit_concurrent=1)
    make_claim(now=now, engagement=engagement, customer=customer)
    Engagement.objects.filter(pk=engagement.pk).update(limit_concurrent=2)
    engagement.refresh_from_db()

    make_claim(now=now, engagement=engagement, customer=customer)

    assert Claim.objects.filter(engagement=engagement).count() == 2


def test_customers_of_two_companies_do_not_wait_for_each_other(now):
    """Locks are the engagement's and the customer's: two engagements with two customers share none."""
    first, second = make_customer(), make_customer()
    one, other = EngagementFactory(), EngagementFactory()
    wish = wishes(people()[:1], [other], [second], now)
    with transaction.atomic():
        Engagement.objects.select_for_update().get(pk=one.pk)
        Organization.objects.select_for_update().get(pk=first.organization_id)
        (result,) = at_once(*wish)

    assert [type(claim) for claim in result] == [Claim]
