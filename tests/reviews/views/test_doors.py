"""Who gets through which door of the desk (ROLE-6, ACT-3)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from claims.states import Status
from engagements.models import Engagement
from incentives.models import Enrolment, User
from mail.models import Message
from tests.factories import (
    EngagementFactory,
    StaffFactory,
    TermsFactory,
    UserFactory,
    claim_at,
    give_role,
    make_version,
)

pytestmark = pytest.mark.django_db

ROLES = ("reviewer", "lead", "owner", "support", "auditor")

# fmt: off
DOORS = """
                            reviewer  lead  owner  support  auditor
index                       200       200   200    200      200
claims_claim_changelist     200       200   403    200      200
claims_claim_change         200       200   403    200      200
claims_claim_consent        200       200   403    403      200
claims_claim_document       200       200   403    200      200
claims_claim_template       200       200   403    200      200
claims_claim_comments       302       302   403    403      403
claims_claim_decision       302       302   403    403      403
engagements_engagement_changelist  403  200  200   200      200
engagements_engagement_change      403  200  200   200      200
engagements_material_changelist    200  200  200   200      200
engagements_material_shelf         200  200  200   200      200
engagements_material_change        200  200  200   200      200
engagements_material_download      200  200  200   200      200
engagements_material_add           403  403  200   403      403
engagements_material_versions      403  403  422   403      403
engagements_ratecard_changelist    403  200  200   200      200
engagements_ratecard_change        403  200  200   200      200
incentives_payeeprofile_changelist 403  403  200   200      200
incentives_payeeprofile_change     403  403  200   200      200
incentives_enrolment_changelist    403  200  200   200      200
incentives_enrolment_change        403  200  200   200      200
incentives_enrolment_discontinuation 403 403 200   403      403
incentives_enrolment_reinstatement 403  403  409   403      403
incentives_programmeterms_changelist 403 200 200   200      200
incentives_programmeterms_change   403  200  200   200      200
incentives_programmeterms_add      403  403  200   403      403
mail_message_changelist            403  200  200   200      200
mail_message_change                403  200  200   200      200
mail_message_retry                 403  403  409   409      403
mail_message_stop                  403  403  200   200      403
mail_message_resumption            403  403  409   409      403
"""
# fmt: on
TABLE = {
    (line.split()[0], role): int(code)
    for line in DOORS.strip().splitlines()[1:]
    for role, code in zip(ROLES, line.split()[1:], strict=True)
}
NAMES = tuple(dict.fromkeys(name for name, _role in TABLE))


ACTS = {
    "claims_claim_comments",
    "claims_claim_decision",
    "engagements_material_versions",
    "incentives_enrolment_reinstatement",
    "mail_message_retry",
    "mail_message_resumption",
}


@pytest.fixture
def knock(now):
    """Try a door of the desk with a request that a page of ours could send."""
    workshop = EngagementFactory()
    version = make_version(workshop, now=now - timedelta(days=30))
    claim = claim_at(Status.UNDER_REVIEW, now=now, engagement=workshop)
    engagement = Engagement.objects.get(pk=claim.engagement_id)
    args = {
        "claims_claim_change": [claim.pk],
        "claims_claim_consent": [claim.pk],
        "claims_claim_document": [claim.pk, claim.documents.first().pk],
        "claims_claim_template": [claim.pk, version.pk],
        "claims_claim_comments": [claim.pk],
        "claims_claim_decision": [claim.pk, "approve"],
        "engagements_engagement_change": [engagement.pk],
        "incentives_payeeprofile_change": [claim.location.payee.pk],
        "incentives_enrolment_change": [claim.location.enrolment.pk],
        "incentives_enrolment_discontinuation": [claim.location.enrolment.pk],
        "incentives_enrolment_reinstatement": [claim.location.enrolment.pk],
        "incentives_programmeterms_change": [TermsFactory().pk],
        "mail_message_change": [Message.objects.latest("pk").pk],
        "mail_message_retry": [Message.objects.latest("pk").pk],
        "engagements_material_shelf": [engagement.code],
        "engagements_material_change": [version.material_id],
        "engagements_material_download": [version.pk],
        "engagements_material_add": [engagement.code],
        "engagements_material_versions": [version.material_id],
        "engagements_ratecard_change": [engagement.rate_cards.first().pk],
    }
    claim.refresh_from_db()

    def request(client, name):
        address = reverse(f"admin:{name}", args=args.get(name, []))
        if name in ACTS:
            return client.post(address, {"text": "A question", "revision": claim.revision})
        return client.get(address)

    request.claim = claim
    return request


@pytest.mark.parametrize("role", ROLES)
def test_each_role_reaches_what_its_rights_say(signed_in, knock, role):
    client = signed_in(StaffFactory(vendor_role=role))
    assert {(name, role): knock(client, name).status_code for name in NAMES} == {
        (name, role): TABLE[name, role] for name in NAMES
    }


def test_for_people_of_partners_the_desk_does_not_exist(signed_in, knock):
    claim = knock.claim
    colleague = give_role(UserFactory(partner=claim.location.partner), claim.location)
    for client in map(signed_in, (claim.created_by, colleague, UserFactory())):
        assert {name: knock(client, name).status_code for name in NAMES} == dict.fromkeys(NAMES, 404)


def test_a_stranger_is_asked_to_sign_in(client, knock):
    answers = [knock(client, name) for name in NAMES]
    assert {response.status_code for response in answers} == {302}
    assert {response.url.partition("?")[0] for response in answers} == {reverse("incentives:sign_in")}


@pytest.mark.parametrize(
    "path", ["", "login/", "nothing/", "claims/claim/add/", "claims/claim/1/delete/", "claims/"]
)
def test_a_stranger_learns_nothing_from_any_address(db, client, path):
    response = client.get(f"/desk/{path}")
    assert (response.status_code, response.url) == (302, f"{reverse('incentives:sign_in')}?next=/desk/{path}")


def test_someone_who_left_is_nobody(signed_in, knock):
    gone = StaffFactory()
    client = signed_in(gone)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert {knock(client, name).status_code for name in NAMES} == {302}


@pytest.mark.parametrize("role", ROLES)
def test_the_admins_own_doors_to_a_claim_do_not_exist(signed_in, knock, role):
    client = signed_in(StaffFactory(vendor_role=role))
    claim = f"claims/claim/{knock.claim.pk}"
    paths = ("claims/claim/add/", f"{claim}/", f"{claim}/delete/", f"{claim}/history/", "incentives/user/")
    assert {path: client.get(f"/desk/{path}").status_code for path in paths} == dict.fromkeys(paths, 404)


@pytest.mark.parametrize("role", ROLES)
def test_the_catalogue_is_edited_by_the_owner_and_deleted_by_nobody(signed_in, knock, role):
    client = signed_in(StaffFactory(vendor_role=role))
    engagement = Engagement.objects.get()
    rows = {"engagement": engagement.pk, "ratecard": engagement.rate_cards.get().pk}
    for model, pk in rows.items():
        for address in (
            reverse(f"admin:engagements_{model}_change", args=[pk]),
            reverse(f"admin:engagements_{model}_add"),
        ):
            code = client.post(address, {"name": "Mine", "post": "yes", "confirmed": "yes"}).status_code
            assert code == (422 if role == "owner" else 403)
        assert client.post(f"/desk/engagements/{model}/{pk}/delete/", {"post": "yes"}).status_code == 404
    assert not Engagement.objects.exclude(name=engagement.name).exists()


def test_the_bar_offers_only_what_the_role_may_see(signed_in, db):
    def offered(role):
        response = signed_in(StaffFactory(vendor_role=role)).get(reverse("admin:index"))
        return [str(page.name) for _group, pages in response.context["groups"] for page in pages]

    material = "Templates and material"
    catalogue = ["Activity types", "Canned comments", "Engagements", "Market lists", "Private lists"]
    catalogue += [
        "Attainments",
        "Designations",
        "Eligibility updates",
        "Rate cards",
        "Solution areas",
        material,
    ]
    programme = [*catalogue, "Enrollments", "Mail", "Program terms"]
    assert {role: sorted(offered(role)) for role in ROLES} == {
        "reviewer": ["Review queue", material],
        "lead": sorted([*programme, "Review queue"]),
        "owner": sorted([*programme, "Payee profiles"]),
        "support": sorted([*programme, "Payee profiles", "Review queue"]),
        "auditor": sorted([*programme, "Audit", "Payee profiles", "Review queue"]),
    }


def test_the_first_page_counts_what_waits(signed_in, desk, now, dispute):
    claim_at(Status.SUBMITTED, now=now)
    claim_at(Status.APPROVED, now=now)
    dispute()

    def figures(client):
        return {str(f.label): f.value for f in client.get(reverse("admin:index")).context["figures"]}

    assert figures(desk) == {"Review queue": "2", "Disputes": "1", "Pressing": "1", "Oldest": "2 days"}
    assert figures(signed_in(StaffFactory(vendor_role="owner"))) == {
        "Engagements": str(Engagement.objects.count()),
        "Payee profiles": "0",
        "Eligibility evaluated": "–",
        "Enrolled locations": str(Enrolment.objects.filter(status="enrolled").count()),
        "Program terms": "–",
        "Failed mails": "0",
    }
