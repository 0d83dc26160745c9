"""What is confidential is read by those whom the table names, where it says, and by nobody else anywhere (A10)."""

import logging
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from django.http import HttpResponse
from openpyxl import Workbook

from claims.models import Claim, ClaimEvent, Comment
from claims.models.claim import ClaimQuerySet
from claims.states import Party
from incentives.models import User
from incentives.staff import RIGHTS
from mail.models import Message
from tests.breadth import one_of_each, some

from .confidential import REASON, STAFF_NAME, Planted, plant, told_in
from .knocking import knock
from .law import PEOPLE
from .listening import heard, heard_by_visitors, in_letters, kept, overheard, told
from .readers import CELLS, KEPT, Found, gathered, missing, surplus
from .scene import Scene

pytestmark = pytest.mark.django_db
READING = some(PEOPLE, first=one_of_each({who: CELLS[who].values() for who in PEOPLE}))


@pytest.fixture(scope="module")
def log() -> list[str]:
    return []


@pytest.fixture(scope="module")
def planted(scene: Scene, log: list[str]) -> Planted:
    with overheard(log):
        return plant(scene)


@pytest.fixture(scope="module")
def found(planted: Planted, log: list[str]) -> Found:
    with overheard(log):
        walks = [heard(planted, who) for who in READING]
        return gathered(*walks, heard_by_visitors(planted), in_letters(planted))


@pytest.mark.long
def test_nobody_reads_what_is_not_for_them(found):
    assert surplus(found) == []


@pytest.mark.long
def test_everybody_finds_what_is_for_them(found):
    assert missing(found, but=set(PEOPLE) - set(READING)) == []


def test_no_log_line_tells_a_secret(found, log):
    assert [line for line in log if told_in(line)] == []
    assert any("Not Found: /claims/" in line for line in log)


def test_each_secret_is_kept_in_its_own_tables_alone(planted):
    places = kept()

    assert {secret: places[secret] for secret in KEPT} == KEPT


def test_the_wizard_tells_of_a_limit_and_not_of_the_rival_who_reached_it(planted):
    """Whoever looks at a customer of a rival's learns that no further claim can be made, and no more (LIM-6)."""
    answer = knock(planted.scene.browser("user"), "GET", planted.scene.paths["claims:add_step"])

    assert "Limit reached: open claims for this customer" in answer.content.decode()
    assert told(answer) & {"r_claim", "r_customer", "r_company"} == set()


# What would go wrong if …: the net must report every one of them.
Break = Callable[[Claim, pytest.MonkeyPatch], object]


def in_a_public_comment(claim: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
    Comment.objects.create(claim=claim, party=Party.VENDOR, text=f"{REASON}!", at=claim.created_at)


def in_a_line_of_history(claim: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {"action": "decline_consent", "party": Party.CUSTOMER, "at": claim.created_at}
    ClaimEvent.objects.create(claim=claim, detail=REASON, **facts)


def comments_by_their_author(claim: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
    Comment.objects.filter(party=Party.VENDOR).update(party=Party.PARTNER)


def support_with_the_rights_of_a_reviewer(claim: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RIGHTS, "support", RIGHTS["reviewer"])


def surveys_open_in_every_status(claim: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Claim, "allowed", lambda *_: {"view", "read_surveys"})


def claims_visible_to_everybody(claim: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ClaimQuerySet, "visible_to", lambda claims, user: claims)


def staff_by_name_in_the_audit(claim: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(User, "is_staff", False)


# Who would read which secret at which door, and on which claim.
CONTROLS: dict[Break, tuple[str, str, str, str]] = {
    in_a_public_comment: ("user", "reason", "claims:detail", "reviewed"),
    in_a_line_of_history: ("admin", "reason", "claims:history", "declined"),
    comments_by_their_author: ("user", "name", "claims:detail", "reviewed"),
    support_with_the_rights_of_a_reviewer: ("support", "theirs", "admin:claims_claim_change", "reviewed"),
    surveys_open_in_every_status: ("reviewer", "early", "admin:claims_claim_change", "early"),
    claims_visible_to_everybody: ("user", "r_claim", "claims:detail", "rival's"),
    staff_by_name_in_the_audit: ("admin", "name", "incentives:audit", "reviewed"),
}


@pytest.mark.parametrize("break_it", CONTROLS, ids=lambda break_it: break_it.__name__)
def test_control_what_is_told_to_the_wrong_person_is_reported(planted, monkeypatch, break_it):
    who, secret, door, name = CONTROLS[break_it]
    looked_at = replace(planted, claims={name: planted.claims[name]})
    before = surplus(gathered(heard(looked_at, who, door)))
    break_it(planted.claims[name], monkeypatch)

    after = surplus(gathered(heard(looked_at, who, door)))

    assert before == []
    assert f"{who} reads {secret} at {door}" in after


def test_control_a_reader_who_finds_nothing_is_reported(planted, monkeypatch):
    door, looked_at = (
        "admin:claims_claim_change",
        replace(planted, claims={"declined": planted.claims["declined"]}),
    )
    before = missing(gathered(heard(looked_at, "reviewer", door)))
    monkeypatch.setitem(RIGHTS, "reviewer", RIGHTS["support"])

    after = missing(gathered(heard(looked_at, "reviewer", door)))

    assert set(after) - set(before) == {f"reviewer misses reason at {door}"}


def test_control_a_letter_that_tells_is_reported(planted):
    Message.objects.filter(kind="claim_rejected").update(subject=f"{REASON} and {STAFF_NAME}")

    assert set(surplus(gathered(in_letters(planted)))) == {
        f"{who} reads {secret} at letter:claim_rejected"
        for who in ("user", "stranger")
        for secret in ("reason", "name")
    }


def test_control_a_log_that_tells_is_reported(planted):
    lines: list[str] = []
    with overheard(lines):
        logging.getLogger("django.request").debug("The customer said %s", REASON)
        try:
            raise ValueError(REASON)
        except ValueError:
            logging.getLogger("claims").exception("It broke")

    assert [told_in(line) for line in lines] == [{"reason"}, set(), {"reason"}]


def test_control_without_its_level_the_template_engine_logs_what_a_page_is_made_of(planted):
    lines, engine = list[str](), logging.getLogger("django.template")
    kept_level = engine.level
    engine.setLevel(logging.DEBUG)
    with overheard(lines):
        list(
            heard(replace(planted, claims={"reviewed": planted.claims["reviewed"]}), "user", "claims:detail")
        )
    engine.setLevel(kept_level)

    assert any("claim" in told_in(line) for line in lines)


def test_control_a_workbook_that_tells_is_read(planted):
    book, packed = Workbook(), BytesIO()
    book.active.append(["Reason", REASON])
    book.save(packed)

    assert REASON.encode() not in packed.getvalue()
    assert told(HttpResponse(packed.getvalue())) == {"reason"}


def test_control_a_secret_in_another_table_is_reported(planted, monkeypatch):
    in_a_line_of_history(planted.claims["declined"], monkeypatch)

    assert kept()["reason"] == KEPT["reason"] | {"claims_claimevent"}
