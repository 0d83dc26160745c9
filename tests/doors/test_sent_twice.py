"""Every form sent again does nothing again: double click, reload, Back, with htmx and without (R06)."""

import pytest
from django.apps import apps
from django.db.models import Model

from claims.models import Claim, ClaimEvent, ClaimSheet, Comment, Document, QueuedSend, SheetRow, Slot
from consent.models import ConsentAnswer
from engagements.models import Attainment, ListUpload, Material, MaterialVersion
from incentives.models import (
    AuditEntry,
    Draft,
    Enrolment,
    LedgerEntry,
    LocationRole,
    PartnerRole,
    PayeeProfile,
    ProgrammeTerms,
    ResetRequest,
    User,
)
from mail.models import Link, Message, ReminderWish
from surveys.models import Answer, Response
from tests.breadth import everybody

from .filled_forms import FilledForm
from .knocking import knock
from .scene import KINDS_OF_RECORDS

pytestmark = pytest.mark.django_db
# Every change of these is written down by the database itself.
TABLES = ("Engagement", "RateCard", "MarketList", "SolutionArea", "ActivityType", "PrivateListEntry")
TABLES += ("EvidenceSlot", "CannedComment", "Designation")
ROWS: tuple[type[Model], ...] = (
    Claim,
    ClaimEvent,
    Slot,
    Comment,
    Document,
    Link,
    Message,
    QueuedSend,
    ConsentAnswer,
    Response,
    Answer,
    LedgerEntry,
    Draft,
    AuditEntry,
    LocationRole,
    PartnerRole,
    ProgrammeTerms,
    ResetRequest,
    ReminderWish,
    *(apps.get_model("engagements", f"{model}Event") for model in TABLES),
    Attainment,
    Material,
    MaterialVersion,
    ListUpload,
    ClaimSheet,
    SheetRow,
)
# These only keep what was typed in a draft, which the same typing leaves as it is.
TYPED_INTO_A_DRAFT = {
    "associate customer",
    "associate engagement",
    "contact information",
    "consent contacts",
    "deal size",
}
CATALOGUE = [
    f"{deed} {kind.replace('_', ' ')}"
    for kind in KINDS_OF_RECORDS.values()
    for deed in (("add",) if kind == "private_list" else ("add", "change"))
]
FORMS = [
    "comment",
    "customer contact",
    "partner contact",
    "upload",
    "removal",
    "bank details",
    "tax details",
    "partner survey",
    "open the wizard",
    "send for consent",
    "queue a request",
    "consent behind its link",
    "customer_survey behind its link",
    "partner_survey behind its link",
    "list of customers",
    "cancel an upload",
    "sheet of claims",
    "create claims of a sheet",
    "cancel a sheet",
    "remove a sheet",
    "comment at the desk",
    "decision",
    "add attainment",
    "discontinue",
    "reinstate",
    "publish terms",
    "stop delivery",
    "try a mail again",
    "delivery material",
    "next version",
    "add customer",
    "send customer survey",
    "send partner survey",
    "take back",
    "submit",
    "cancel",
    "dispute",
    "enrol",
    "approve",
    "ask for action",
    "forgotten password",
    "change password",
    "reminders",
    "invite",
    "assign roles",
    "remove roles",
    "invitation behind its link",
    "password_reset behind its link",
    "sign out everywhere",
    "deactivate",
    "activate",
    "invite again",
    *CATALOGUE,
]
WAYS = {"plain": {}, "htmx": {"HX-Request": "true", "HX-Target": "claim"}}


def everything() -> dict[str, object]:
    """How many rows there are of all that a form can make, and how claims and enrolments stand."""
    counts: dict[str, object] = {model.__name__: model.objects.count() for model in ROWS}
    claims = Claim.objects.order_by("pk").values_list("pk", "status", "revision", "updated_at")
    documents = Document.objects.order_by("pk").values_list("pk", "removed_at")
    enrolments = Enrolment.objects.order_by("pk").values_list("pk", "status", "accepted_at")
    payees = PayeeProfile.objects.order_by("pk").values_list("pk", "bank_sealed", "tax_sealed")
    people = User.objects.order_by("pk").values_list(
        "pk", "is_active", "invited_at", "password", "session_epoch"
    )
    standing = {"claims": claims, "documents": documents, "enrolments": enrolments, "payees": payees}
    standing["people"] = people
    standing["mails"] = Message.objects.order_by("pk").values_list("pk", "state", "retried_at")
    sheets = ClaimSheet.objects.order_by("pk")
    standing["sheets"] = sheets.values_list("pk", "state", "confirmed_at", "finished_at")
    standing["uploads"] = ListUpload.objects.order_by("pk").values_list("pk", "state", "finished_at")
    return counts | {name: list(rows) for name, rows in standing.items()}


def send(form: FilledForm, fields: dict[str, object], way: str) -> int:
    for value in fields.values():
        if hasattr(value, "seek"):
            value.seek(0)
    return knock(form.browser, "POST", form.path, fields, headers=WAYS[way]).status_code


def test_every_form_is_tried(forms, buttons):
    assert {*forms, *buttons} == {*FORMS, *TYPED_INTO_A_DRAFT, "sign in"}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("way", everybody(WAYS, first={"htmx"}))
def test_the_same_form_sent_three_times_counts_once(forms, buttons, name, way):
    form = (forms | buttons)[name]
    fields, before = form.fields(), everything()

    first = send(form, fields, way)
    once = everything()
    again = [send(form, fields, way), send(form, fields, "plain")]

    assert first in {200, 302}
    assert once != before
    assert everything() == once
    assert max(again) < 500


@pytest.mark.parametrize(
    "name", ["comment", "upload", "list of customers", "comment at the desk", "next version"]
)
def test_a_form_that_is_opened_anew_counts_again(forms, name):
    form = forms[name]
    send(form, form.fields(), "plain")
    once = everything()

    send(form, form.fields(), "plain")

    assert everything() != once


def test_control_without_its_key_a_form_counts_every_time(forms):
    form = forms["comment"]
    fields = {"text": "Twice"}

    codes = [send(form, fields, "plain") for _time in range(2)]

    assert codes == [302, 302]
    assert Comment.objects.filter(text="Twice").count() == 2
