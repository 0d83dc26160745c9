"""The first step of the wizard over HTTP: each kind of ID right and wrong, and what it says while nobody answers."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from claims.models import Claim, CustomerIdentity, DomainAnswer
from engagements.models import IdKind
from tests.claims.views.test_wizard import Wizard
from tests.factories import make_customer

from .authority import TENANT, failing, tenant

pytestmark = pytest.mark.django_db
NEW = "newcomer.example"
ONLY = "Enter the domain only, without {}, for example contoso.com."
NO_NAME = "This is not a domain name. Enter one"
GUIDS = "Enter an ID of 32 digits and letters a to f in five groups"
GUID = "72f988bf-86f1-41af-91ab-2d7cd011db47"


@pytest.fixture
def wizard(partner_user, engagement, signed_in):
    engagement.id_types = [kind.value for kind in IdKind]
    engagement.save()
    return Wizard(signed_in(partner_user), engagement)


@pytest.fixture
def enter(wizard, location):
    """Send the first step with this ID."""

    def enter(kind, value, **headers):
        typed = {"name": "Frontline", "location": location.pk, "id_kind": kind, "id_value": value}
        return wizard.client.post(wizard.step("customer"), typed, **headers)

    return enter


def said(answer):
    return unescape(answer.content.decode())


RIGHT = [
    ("domain", "contoso.example", "contoso.example"),
    ("domain", "  CONTOSO.Example. ", "contoso.example"),
    ("domain", "müllerbräu.example", "xn--mllerbru-6za7u.example"),
    ("domain", "xn--mllerbru-6za7u.example", "xn--mllerbru-6za7u.example"),
    ("domain", "a.b-c.co.example", "a.b-c.co.example"),
    ("tenant", GUID, GUID),
    ("tenant", f"{{{GUID.upper()}}}", GUID),
    ("subscription", GUID.upper(), GUID),
    ("tpid", "8789005", "8789005"),
    ("tpid", " 0008789005 ", "8789005"),
    ("opportunity", "7-abc123xyz", "7-ABC123XYZ"),
]


@pytest.mark.parametrize(("kind", "typed", "stored"), RIGHT)
def test_an_id_is_known_in_every_spelling_of_it(enter, wizard, authority, kind, typed, stored):
    customer = make_customer()
    if kind == "domain":
        authority.says[stored] = tenant(customer.value)
    else:
        CustomerIdentity.objects.create(organization=customer.organization, kind=kind, value=stored)
    assert enter(kind, typed).status_code == 302
    assert authority.asked == ([stored] if kind == "domain" else [])
    assert wizard.client.get(wizard.step("engagement")).status_code == 200


WRONG = [
    ("domain", "https://contoso.example", ONLY.format("“https://”")),
    ("domain", "HTTP://contoso.example/", ONLY.format("“https://”")),
    ("domain", "www.contoso.example", ONLY.format("“www.”")),
    ("domain", "susie@contoso.example", ONLY.format("the part before “@”")),
    ("domain", "contoso.example/about", ONLY.format("a path, port or spaces")),
    ("domain", "contoso.example?x=1", ONLY.format("a path, port or spaces")),
    ("domain", "contoso.example:443", ONLY.format("a path, port or spaces")),
    ("domain", "contoso example", ONLY.format("a path, port or spaces")),
    ("domain", "contoso.example\\..", ONLY.format("a path, port or spaces")),
    ("domain", "contoso", NO_NAME),
    ("domain", "contoso..example", NO_NAME),
    ("domain", "-contoso.example", NO_NAME),
    ("domain", "con_toso.example", NO_NAME),
    ("domain", "contoso%2f.example", NO_NAME),
    ("domain", "127.0.0.1", NO_NAME),
    ("domain", "..", NO_NAME),
    ("domain", "x" * 64 + ".example", NO_NAME),
    ("domain", "\u200d.example", NO_NAME),
    ("tenant", "contoso.example", GUIDS),
    ("tenant", GUID[:-1], GUIDS),
    ("tenant", GUID.replace("-", ""), GUIDS),
    ("tenant", GUID.replace("7", "g"), GUIDS),
    ("subscription", "12345", GUIDS),
    ("tpid", "87 89005", "A TPID is a number of at most 12 digits. Enter the digits only."),
    ("tpid", "8789005a", "A TPID is a number of at most 12 digits. Enter the digits only."),
    ("tpid", "٨٧٨٩٠٠٥", "A TPID is a number of at most 12 digits. Enter the digits only."),
    ("tpid", "1" * 13, "A TPID is a number of at most 12 digits. Enter the digits only."),
    ("opportunity", "7-abc_123", "An Opportunity ID has 6 to 20 letters, digits and hyphens."),
    ("opportunity", "7-ab", "An Opportunity ID has 6 to 20 letters, digits and hyphens."),
]


@pytest.mark.parametrize(("kind", "typed", "message"), WRONG)
def test_a_wrong_id_is_refused_with_what_to_change_and_nobody_is_asked(
    enter, authority, kind, typed, message
):
    answer = enter(kind, typed)
    assert answer.status_code == 422
    assert message in said(answer)
    assert f'value="{typed}"' in said(answer)
    assert authority.asked == []


def test_a_domain_without_a_tenant_asks_for_another_id(enter, authority):
    answer = enter("domain", NEW)
    assert answer.status_code == 422
    assert "No tenant was found for this domain. Enter the customer's tenant ID or TPID instead." in said(
        answer
    )
    assert authority.asked == [NEW]


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        (["domain", "tenant"], ", or choose another customer ID type: Tenant ID."),
        (["domain", "tenant", "tpid"], ", or choose another customer ID type: Tenant ID or TPID."),
        (["domain"], "."),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"HTTP_HX_REQUEST": "true"}])
def test_while_the_directory_is_down_the_wizard_says_so_and_offers_what_else_there_is(
    enter, wizard, engagement, authority, location, kinds, words, headers
):
    engagement.id_types = kinds
    engagement.save()
    authority.says[NEW] = failing(503)
    answer = enter("domain", NEW, **headers)
    page = said(answer)
    assert answer.status_code == 422
    assert f"The customer directory cannot be asked right now. Try again in a minute{words}" in page
    assert 'value="Frontline"' in page
    assert f'value="{NEW}"' in page
    assert f'<option value="{location.pk}" selected>' in page
    assert [kind for kind in IdKind if f'<option value="{kind}"' in page] == [k for k in IdKind if k in kinds]
    assert '<option value="domain" selected>' in page


def test_while_the_directory_is_down_other_ids_and_known_domains_go_on(enter, authority):
    customer = make_customer("domain")
    tpid = customer.organization.identities.get(kind="tpid")
    authority.says[customer.value] = failing(503)
    known = [("domain", customer.value), ("tenant", customer.tenant.value), ("tpid", tpid.value)]
    assert [enter(*one).status_code for one in known] == [302] * 3


@pytest.mark.django_db(transaction=True)
def test_a_customer_that_nobody_knew_is_claimed_and_shown(
    enter, wizard, authority, engagement, reviewer, signed_in
):
    authority.says[NEW] = tenant()
    assert enter("domain", NEW).status_code == 302
    contacts = {
        "customer_contact_name": "Susie Jones",
        "customer_contact_email": f"susie@{NEW}",
        "partner_contact_name": "Priya Kaur",
        "partner_contact_email": "priya@partner.example",
    }
    for slug, typed in (("engagement", {"engagements": [engagement.code]}), ("contacts", contacts)):
        assert wizard.send(slug, **typed).status_code == 302
    assert TENANT in said(wizard.client.get(wizard.step("review")))
    # Too old by now, so that the last step asks once more: before its transaction, which would refuse to hold it open.
    DomainAnswer.objects.update(answered_at=DomainAnswer.objects.get().answered_at - timedelta(days=2))
    assert "Customer successfully claimed" in said(wizard.send("review"))
    assert authority.asked == [NEW, NEW]

    claim = Claim.objects.get()
    assert (claim.customer.value, claim.counts_as.value) == (NEW, TENANT)
    assert NEW in said(wizard.client.get(reverse("claims:detail", args=[claim.pk])))
    desk = said(signed_in(reviewer).get(reverse("admin:claims_claim_change", args=[claim.pk])))
    assert desk.count("<dd>Not known") == 2
    assert "Make sure that it is not public sector: no disclosure was asked for." in desk
