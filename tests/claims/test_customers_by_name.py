"""Pages of a company's customers are cut from an index: they hold what the whole list holds, in its order (ENG-5)."""

import pytest
from django.http import QueryDict

from claims.customers import TABS, CustomersForm
from claims.known_customers import RANKS, KnownCustomers
from claims.list_form import ground_of
from claims.listing import claims_of
from claims.models import CustomerIdentity
from tests.claims import test_known_customers as known_customers
from tests.factories import EngagementFactory, VariableFactory, claim_at, make_claim, make_customer
from tests.pages import table

pytestmark = pytest.mark.django_db
NAMES = ["Zeta", "alpha", "Beta", "Éclair", "beta", "Gamma", "Delta"]


@pytest.fixture
def client(signed_in, partner_user):
    return signed_in(partner_user)


def test_found_along_the_index_the_tabs_follow_what_the_wizard_would_say(now, monkeypatch):
    """The same by chance, with customers as pages find them."""

    def found(self, claims, *, words, narrowed):
        keys = self.eligible_by_name(claims, 1000, 0, back=False)
        assert len(keys) == len(set(keys))
        assert keys == list(reversed(self.eligible_by_name(claims, 1000, 0, back=True)))
        return CustomerIdentity.ever.filter(pk__in=keys)

    monkeypatch.setattr(KnownCustomers, "eligible", found)

    known_customers.test_the_tabs_follow_what_the_wizard_would_say(now=now)


@pytest.fixture
def world(engagement, location, now):
    """Customers who gave consent elsewhere, two of them with an open claim here too, and one with that alone."""
    other = EngagementFactory()
    customers = [make_customer() for _name in NAMES]
    for customer, name in zip(customers, NAMES, strict=True):
        customer.organization.name = name
        customer.organization.save()
    for customer in customers[:-1]:
        claim_at("approved", now=now, location=location, engagement=other, customer=customer)
    for customer in customers[-3:]:
        make_claim(now=now, location=location, engagement=engagement, customer=customer)
    claim_at("cancelled", now=now, location=location, engagement=engagement, customer=customers[0])
    type(engagement).objects.filter(pk=engagement.pk).update(limit_concurrent=1)
    return type(engagement).objects.select_related("solution_area", "activity_type").get(pk=engagement.pk)


def test_pages_follow_each_other_in_the_order_of_the_whole_list(world, partner_user, now):
    for sort in ("", "-customer", *RANKS, *(f"-{key}" for key in RANKS)):
        form = CustomersForm(
            QueryDict(f"sort={sort}"), ground_of(partner_user, engagement=world), TABS[0], now=now
        )
        board = KnownCustomers(world, partner_user, now=now)
        claims = claims_of(partner_user, now=now).filter(engagement=world)
        whole = board.in_order(board.eligible(claims, words="", narrowed=False), claims, form.sort_in_use())

        assert form.is_valid(), sort
        assert len(whole) == len(NAMES), sort
        for start in range(len(NAMES)):
            shown = [customer.pk for customer in whole[start : start + 3]]
            assert board.keys(form, 3, start) == shown, (sort, start)


def test_a_list_that_is_too_long_to_count_says_so_and_every_page_is_there(client, world, monkeypatch):
    monkeypatch.setattr("claims.depth.PAGE_SIZE", 2)
    monkeypatch.setattr("claims.depth.COUNTED_IN_SEARCH", 4)
    address = f"/engagements/{world.code}/customers/"

    pages = [client.get(address, {"page": n}).context["page"] for n in (1, 2, 3, 4)]

    assert [len(page.object_list) for page in pages] == [2, 2, 2, 1]
    assert len({customer.pk for page in pages for customer in page}) == len(NAMES)
    assert {(page.count, page.more) for page in pages} == {(4, True)}
    assert [page.has_next for page in pages] == [True, True, True, False]
    assert "of more than 4" in client.get(address).content.decode()
    assert client.get(address, {"page": 5}).status_code == 404


def test_a_variable_payout_lists_the_customers_of_open_claims_by_name(client, location, now):
    variable = VariableFactory()
    names = []
    for name in ("beta", "Alpha"):
        customer = make_customer("opportunity")
        claim = make_claim(
            now=now, location=location, engagement=variable, customer=customer, requested_hours=10
        )
        claim.customer.organization.name = name
        claim.customer.organization.save()
        names.append(name)

    rows = table(client.get(f"/engagements/{variable.code}/customers/"))

    assert [row[0] for row in rows] == sorted(names, key=str.lower)
