import uuid
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from claims.models import Document
from claims.states import Status as S
from incentives.management.walk import sheet
from tests.factories import claim_at

pytestmark = pytest.mark.django_db
EICAR = r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture
def claim(now, location, partner_user):
    return claim_at(S.CONSENT_RECEIVED, now=now, location=location, by=partner_user)


@pytest.fixture
def client(partner_user, signed_in):
    return signed_in(partner_user)


def upload(client, claim, *files, key=None):
    slot = claim.slots.first()
    address = reverse("claims:upload", args=[claim.pk, slot.pk])
    return client.post(address, {"files": files, "form_key": key or uuid.uuid4()})


def pdf(name="invoice.pdf", content=None):
    return SimpleUploadedFile(name, content if content is not None else sheet("Invoice"), "application/pdf")


def stored(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "media").rglob("*") if path.is_file()]


def test_a_file_is_stored_under_a_name_of_ours_and_handed_out_under_its_own(client, claim, tmp_path):
    assert upload(client, claim, pdf("Rechnung für Zürich.pdf")).status_code == 302
    (document,) = claim.documents.all()
    (file,) = stored(tmp_path)
    assert "Rechnung" not in str(file)
    answer = client.get(reverse("claims:document", args=[claim.pk, document.pk]))
    assert b"".join(answer.streaming_content) == sheet("Invoice")
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''Rechnung")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("file", "status"),
    [
        (pdf("invoice.exe"), 422),
        (pdf("invoice.pdf", b"MZ this is a program"), 422),
        (pdf("invoice.docx"), 422),
        (pdf("invoice.pdf", b""), 422),
        (pdf("eicar.pdf", sheet(EICAR)), 422),
    ],
    ids=["kind", "content", "cross-typed", "empty", "malware"],
)
def test_a_bad_file_is_refused_with_a_reason_and_leaves_nothing(client, claim, tmp_path, file, status):
    answer = upload(client, claim, file)
    assert answer.status_code == status
    assert file.name in answer.content.decode()
    assert (Document.objects.count(), stored(tmp_path)) == (0, [])


def test_one_bad_file_among_good_ones_stores_none(client, claim, tmp_path):
    assert upload(client, claim, pdf(), pdf("bad.exe")).status_code == 422
    assert (Document.objects.count(), stored(tmp_path)) == (0, [])


def test_a_file_over_the_limit_is_too_large(client, claim, settings, tmp_path):
    settings.UPLOAD_MAX_BYTES = len(sheet("Invoice"))
    assert upload(client, claim, pdf()).status_code == 302
    settings.UPLOAD_MAX_BYTES -= 1
    assert upload(client, claim, pdf()).status_code == 413
    assert len(stored(tmp_path)) == 1


def test_an_upload_form_sent_twice_stores_its_file_once(client, claim, tmp_path):
    key = uuid.uuid4()
    assert [upload(client, claim, pdf(), key=key).status_code for _ in range(2)] == [302, 302]
    assert (Document.objects.count(), len(stored(tmp_path))) == (1, 1)


def test_no_file_at_all_asks_for_one(client, claim):
    answer = upload(client, claim)
    assert answer.status_code == 422
    assert "at least one file" in answer.content.decode()


def test_a_slot_of_another_claim_does_not_exist(client, claim, now, location, partner_user):
    other = claim_at(S.CONSENT_RECEIVED, now=now, location=location, by=partner_user)
    address = reverse("claims:upload", args=[claim.pk, other.slots.first().pk])
    assert client.post(address, {"files": [pdf()]}).status_code == 404


def test_a_document_of_another_claim_is_not_handed_out(client, claim, now):
    theirs = claim_at(S.SUBMITTED, now=now).documents.first()
    assert client.get(reverse("claims:document", args=[claim.pk, theirs.pk])).status_code == 404


def test_removed_files_are_gone_for_the_partner(client, claim):
    upload(client, claim, pdf())
    document = claim.documents.get()
    client.post(reverse("claims:removal", args=[claim.pk]), {"documents": [document.pk]})
    assert not claim.documents.current().exists()
    assert client.get(reverse("claims:document", args=[claim.pk, document.pk])).status_code == 404
    assert [event.action for event in claim.events.all()[:2]] == ["remove_document", "add_document"]


def test_removing_nothing_or_foreign_files_changes_nothing(client, claim, now):
    theirs = claim_at(S.SUBMITTED, now=now).documents.first()
    address = reverse("claims:removal", args=[claim.pk])
    assert client.post(address).status_code == 422
    assert client.post(address, {"documents": [theirs.pk]}).status_code == 422
    theirs.refresh_from_db()
    assert theirs.removed_at is None
