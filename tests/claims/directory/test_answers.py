"""Who is asked about which customer ID and when, what becomes known by it, and what holds while nobody answers."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection, transaction

from claims import directory
from claims.directory import Unreachable, answers
from claims.limits import Candidate, tally
from claims.models import CustomerIdentity, Organization
from claims.states import Status as S
from tests.factories import claim_at, make_claim, make_customer

from . import authority as says
from .authority import OTHER_TENANT, TENANT, failing, tenant

pytestmark = pytest.mark.django_db
NEW = "newcomer.example"
DAY, MINUTES = timedelta(days=1), timedelta(minutes=10)
ALMOST = timedelta(seconds=-1)


@pytest.fixture
def find(now):
    """What the directory says of a domain, so long after now."""

    def find(domain=NEW, after=timedelta(0)):
        try:
            return directory.find("domain", domain, now=now + after).tenant.value
        except ValidationError as error:
            assert error.code == "unresolved"
            return None
        except Unreachable:
            return "unreachable"

    return find


def everything_known():
    return [set(model.objects.values_list("pk", flat=True)) for model in (Organization, CustomerIdentity)]


# --- who is asked ---


def test_without_an_authority_the_database_alone_answers(find, monkeypatch):
    monkeypatch.setattr(answers, "refresh", None)
    domain = make_customer("domain")
    assert find(domain.value) == domain.tenant.value
    assert find() is None


def test_a_tenant_that_was_found_holds_for_a_day(authority, find):
    authority.says[NEW] = tenant()
    assert [find(), find(), find(after=DAY + ALMOST)] == [TENANT] * 3
    assert authority.asked == [NEW]
    assert find(after=DAY) == TENANT
    assert authority.asked == [NEW, NEW]
    assert find(after=2 * DAY + ALMOST) == TENANT
    assert authority.asked == [NEW, NEW]


def test_that_there_is_none_holds_for_minutes(authority, find):
    assert [find(), find(after=MINUTES + ALMOST)] == [None, None]
    assert authority.asked == [NEW]
    authority.says[NEW] = tenant()
    assert find(after=MINUTES) == TENANT
    assert authority.asked == [NEW, NEW]


def test_a_domain_of_a_file_is_asked_for_as_well_and_nothing_changes_when_the_tenant_is_right(
    authority, find
):
    domain = make_customer("domain")
    authority.says[domain.value] = tenant(domain.tenant.value)
    before = everything_known()
    assert find(domain.value) == find(domain.value) == domain.tenant.value
    assert (authority.asked, everything_known()) == ([domain.value], before)


@pytest.mark.parametrize("kind", ["tenant", "tpid"])
def test_nobody_is_asked_for_any_other_id(authority, now, kind):
    known = make_customer(kind)
    assert directory.find(kind, known.value, now=now) == known
    with pytest.raises(ValidationError):
        directory.find(kind, TENANT if kind == "tenant" else "999999999", now=now)
    assert authority.asked == []


# --- what becomes known ---


def test_a_new_domain_and_its_tenant_become_a_customer_of_their_own(authority, find, now):
    authority.says[NEW] = tenant()
    assert find() == TENANT
    domain, of_domain = directory.find("domain", NEW, now=now), directory.find("tenant", TENANT, now=now)
    customer = domain.organization
    assert (domain.tenant, domain.counts_as, of_domain.organization) == (of_domain, of_domain, customer)
    assert (str(customer), customer.country.code, customer.sector) == (NEW, "", "unknown")
    assert not customer.must_disclose
    assert set(customer.identities.values_list("kind", flat=True)) == {"domain", "tenant"}


def test_a_name_longer_than_a_customers_is_cut(authority, find, now):
    long = ".".join(["x" * 60] * 4) + ".example"
    authority.says[long] = tenant()
    assert find(long) == TENANT
    assert directory.find("domain", long, now=now).organization.name == long[:200]


def test_a_new_domain_of_a_known_tenant_belongs_to_its_customer(authority, find, now):
    known = make_customer("tenant")
    authority.says[NEW] = tenant(known.value)
    assert find() == known.value
    assert directory.find("domain", NEW, now=now).organization == known.organization
    assert directory.domains_of(known) == {NEW, *known.domains.values_list("value", flat=True)}


def test_a_domain_that_had_no_tenant_keeps_its_customer_when_it_gets_one(authority, find, now):
    customer = Organization.objects.create(code="tailspin", name="Tailspin Toys", country="CA")
    domain = CustomerIdentity.objects.create(organization=customer, kind="domain", value=NEW)
    authority.says[NEW] = tenant()
    assert find() == TENANT
    assert directory.find("domain", NEW, now=now) == domain
    assert directory.find("tenant", TENANT, now=now).organization == customer


def test_a_domain_that_moved_counts_as_its_new_tenant_and_old_claims_keep_theirs(authority, find, now):
    old = make_customer("domain")
    before = make_claim(now=now, customer=old)
    authority.says[old.value] = tenant()
    assert find(old.value) == TENANT
    moved = directory.find("domain", old.value, now=now)
    after = make_claim(now=now, customer=moved, location=before.location, engagement=before.engagement)

    before.refresh_from_db()
    assert (before.customer, before.counts_as) == (old, old.tenant)
    assert before.customer.organization == old.organization
    assert before.customer.counts_as == old.tenant
    assert (after.customer.value, after.counts_as.value) == (old.value, TENANT)
    assert after.customer.organization != old.organization
    wish = Candidate(after.engagement, moved, after.location.country.code)
    counts = tally([after.engagement], [moved], partner=after.partner, countries=[wish.country], now=now)
    assert counts.open_in_area[after.engagement.solution_area_id, wish.counted] == 1
    assert counts.concurrent[after.engagement.pk, *wish.family] == 1
    assert directory.domains_of(old.tenant) == set()


def test_a_domain_that_came_back_counts_as_its_first_tenant_again(authority, find, now):
    domain = make_customer("domain")
    for number, tenant_id in enumerate((TENANT, domain.tenant.value, TENANT)):
        authority.says[domain.value] = tenant(tenant_id)
        assert find(domain.value, number * DAY) == tenant_id
    assert CustomerIdentity._base_manager.filter(value=domain.value).count() == 4


def test_a_domain_that_has_no_tenant_any_more_is_refused_and_its_claims_stay(authority, find, now):
    domain = make_customer("domain")
    claim = make_claim(now=now, customer=domain)
    assert find(domain.value) is None
    assert find(domain.value, after=MINUTES + ALMOST) is None
    assert authority.asked == [domain.value]
    claim.refresh_from_db()
    assert (claim.customer, claim.counts_as) == (domain, domain.tenant)
    authority.says[domain.value] = tenant(domain.tenant.value)
    assert find(domain.value, after=MINUTES) == domain.tenant.value


def test_a_file_tells_later_whose_tenant_it_is(authority, find, now, tmp_path):
    authority.says |= {NEW: tenant(), "newcomer.test": tenant(), "sold.example": tenant()}
    customers = [directory.find("domain", domain, now=now) for domain in authority.says]
    assert {customer.tenant.value for customer in customers} == {TENANT}
    claims = [make_claim(now=now, customer=customer) for customer in customers]
    authority.says["sold.example"] = tenant(OTHER_TENANT)
    assert find("sold.example", DAY) == OTHER_TENANT
    file = tmp_path / "directory.jsonl"
    file.write_text(
        '{"record": "organization", "code": "newcomer", "name": "Newcomer AG", "country": "DE",'
        ' "sector": "public", "segment": "", "tpid": "4711"}\n'
        '{"record": "identity", "organization": "newcomer", "kind": "tpid", "value": "4711"}\n'
        f'{{"record": "identity", "organization": "newcomer", "kind": "tenant", "value": "{TENANT}"}}\n'
    )
    call_command("import_directory", str(file))
    for claim in claims:
        claim.refresh_from_db()
    assert {claim.customer.organization.name for claim in claims} == {"Newcomer AG"}
    names = [directory.find("domain", domain, now=now).organization.name for domain in authority.says]
    assert names == ["Newcomer AG", "Newcomer AG", "sold.example"]


def test_answers_that_hold_no_more_are_forgotten_and_their_customers_are_not(authority, find, now):
    authority.says[NEW] = tenant()
    assert [find("mistyped.example"), find()] == [None, TENANT]
    assert answers.forget(now=now + DAY + ALMOST) == 0
    assert answers.forget(now=now + DAY) == 2
    assert answers.forget(now=now + DAY) == 0
    authority.says[NEW] = failing(503)
    assert find() == TENANT


# --- while nobody answers ---

DOWN = {"it fails": failing(503), "it lies": failing(200, "<html>"), "it breaks off": says.close}


@pytest.mark.parametrize("how", DOWN)
def test_while_the_authority_is_down_a_known_domain_goes_on_with_its_last_answer(authority, find, how):
    authority.says[NEW] = tenant()
    assert find() == TENANT
    authority.says[NEW] = DOWN[how]
    assert find(after=40 * DAY) == TENANT
    assert authority.asked == [NEW, NEW]


@pytest.mark.parametrize("how", DOWN)
def test_while_the_authority_is_down_nothing_can_be_said_of_an_unknown_domain(authority, find, how):
    authority.says[NEW] = DOWN[how]
    before = everything_known()
    assert find() == "unreachable"
    assert everything_known() == before


def test_that_there_was_no_tenant_does_not_hold_while_the_authority_is_down(authority, find):
    assert find() is None
    authority.says[NEW] = failing(503)
    assert find(after=MINUTES) == "unreachable"


def test_an_authority_that_is_silent_is_left_alone_for_a_while(authority, find):
    authority.says |= {NEW: failing(503), "other.example": tenant()}
    assert [find(), find(), find("other.example")] == ["unreachable"] * 3
    assert find("other.example", answers.SILENCE + ALMOST) == "unreachable"
    assert authority.asked == [NEW]
    assert find("other.example", answers.SILENCE) == TENANT
    authority.says[NEW] = tenant(OTHER_TENANT)
    assert find(after=answers.SILENCE) == OTHER_TENANT
    assert authority.asked == [NEW, "other.example", NEW]


def test_an_authority_that_stays_silent_is_left_alone_again(authority, find):
    authority.says[NEW] = failing(503)
    for number in range(3):
        assert [find(after=number * answers.SILENCE) for _ in range(3)] == ["unreachable"] * 3
    assert authority.asked == [NEW] * 3


def test_nonsense_about_one_domain_keeps_nobody_from_asking_about_others(authority, find):
    authority.says |= {NEW: failing(200, "<html>"), "other.example": tenant()}
    assert [find(), find("other.example")] == ["unreachable", TENANT]


def test_another_authority_is_not_taken_for_dead(authority, find, settings):
    authority.says[NEW] = failing(503)
    assert find() == "unreachable"
    with says.serving() as other:
        settings.DIRECTORY_AUTHORITY = other.url
        other.says[NEW] = tenant()
        assert find() == TENANT


# --- what a claim knows stays what it was ---


def test_a_claim_of_a_domain_without_country_goes_its_whole_way(authority, find, now, reviewer):
    authority.says[NEW] = tenant()
    assert find() == TENANT
    customer = directory.find("domain", NEW, now=now)
    claim = claim_at(S.APPROVED, now=now, customer=customer, reviewer=reviewer)
    assert [slot.code for slot in claim.slots.all()].count("psd") == 0


@pytest.mark.django_db(transaction=True)
def test_nobody_is_asked_inside_a_transaction(authority, find, monkeypatch):
    inside = []
    authority.says[NEW] = tenant()
    ask = answers.ask

    def watch(*about, **more):
        inside.append(connection.in_atomic_block)
        return ask(*about, **more)

    monkeypatch.setattr(answers, "ask", watch)
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        find()
    assert authority.asked == []
    assert find() == TENANT
    assert inside == [False]


@pytest.mark.parametrize(
    ("domain", "address", "foreign"),
    [
        ("contoso.example", "susie@contoso.example", False),
        ("contoso.example", "Susie@Mail.CONTOSO.example", False),
        ("contoso.example", "susie@www.contoso.example", False),
        ("contoso.example", "susie@notcontoso.example", True),
        ("contoso.example", "contoso.example@elsewhere.example", True),
        ("xn--mllerbru-6za7u.example", "susie@müllerbräu.example", False),
        ("xn--mllerbru-6za7u.example", "susie@post.xn--mllerbru-6za7u.example", False),
        ("strasse.example", "susie@straße.example", True),
    ],
)
def test_an_address_belongs_to_a_customer_in_every_spelling_of_its_domain(domain, address, foreign):
    customer = make_customer("domain")
    CustomerIdentity.objects.filter(pk=customer.pk).update(value=domain)
    customer.refresh_from_db()
    assert directory.is_foreign_address(customer, address) is foreign
