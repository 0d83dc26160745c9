"""What a form does not offer cannot be set through it, whatever is sent along (A07)."""

from collections import Counter
from collections.abc import Collection
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from .filled_forms import FilledForm
from .knocking import knock, undone, writes_by_table
from .scene import Scene

pytestmark = pytest.mark.django_db
ROOMS = {"mail", "incentives", "engagements", "claims", "consent", "surveys", "reviews"}
# Different in every row that is ever written, whoever writes it.
OWN = {
    "nonce",
    "digest",
    "message_id",
    "dedupe_key",
    "file",
    "result",
    "search_vector",
    "form_key",
    "password",
}
# Sealed anew each time, with another salt.
OWN |= {"bank_sealed", "tax_sealed"}
# The number of another row, which is another one the next time.
OWN |= {"id", "subject_id"}

# Fields that a form knows, and its page does not always send.
KNOWN = {
    "open the wizard": {"engagement", "customer", "claim"},
    "add engagement": {"private_list"},
    "change engagement": {"private_list"},
}


def extras(scene: Scene) -> dict[str, Any]:
    """Every name that somebody might hope is copied from a form to a row, with a value worth hoping for."""
    foreign = scene.people["stranger"]
    place = foreign.location_roles.get().location
    return {
        **dict.fromkeys(("status", "state", "from_status", "to_status", "current_status"), "approved"),
        **dict.fromkeys(("role", "roles", "location_roles"), "incentive_admin"),
        **dict.fromkeys(("is_staff", "is_superuser", "is_active", "is_member", "private_list"), "on"),
        **dict.fromkeys(("bank_complete", "tax_complete", "complete", "eligible", "required"), "on"),
        **dict.fromkeys(
            ("by", "user", "owner", "created_by", "accepted_by", "uploaded_by", "person"), foreign.pk
        ),
        **dict.fromkeys(("location", "location_id"), place.pk),
        **dict.fromkeys(("partner", "partner_id"), place.partner_id),
        **dict.fromkeys(("amount_usd", "payable_usd", "rate", "rate_a", "limit", "limit_consents"), "999999"),
        **dict.fromkeys(("created_at", "updated_at", "expires_at", "consented_at", "at"), "2099-01-01"),
        **dict.fromkeys(("consent_days", "submit_days", "review_days", "dispute_days"), "999"),
        **dict.fromkeys(("id", "pk", "claim", "claim_id", "engagement", "customer", "slot"), "1"),
        "vendor_role": "owner",
        "email": "attacker@evil.example",
        "party": "vendor",
        "consent": "yes",
    }


def kept() -> list[type[models.Model]]:
    return [m for m in apps.get_models() if m._meta.app_label in ROOMS and m._meta.managed]


Numbers = dict[type[models.Model], set[Any]]


def numbers() -> Numbers:
    return {model: set(model.objects.values_list("pk", flat=True)) for model in kept()}


def rows(known: Numbers, models_asked: Collection[type[models.Model]]) -> Counter[tuple[str, ...]]:
    """Everything that the portal keeps there, without what differs from one writing to the next."""
    found: Counter[tuple[str, ...]] = Counter()
    for model in models_asked:
        fields = [field for field in model._meta.concrete_fields if compared(field)]
        for row in model.objects.values_list(*(field.attname for field in fields)):
            cells = (said(field, value, known) for field, value in zip(fields, row, strict=True))
            found[(model.__name__, *cells)] += 1
    return found


def compared(field: models.Field) -> bool:
    volatile = (models.UUIDField, models.DateTimeField, models.JSONField)
    return not (isinstance(field, volatile) or field.primary_key or field.name in OWN)


def said(field: models.Field, value: Any, known: dict[type[models.Model], set[Any]]) -> str:
    """A cell in words; a row that did not exist before has another number each time."""
    new = field.is_relation and value is not None and value not in known.get(field.related_model, set())
    return f"{field.name}={'new' if new else value}"


def outcome(form: FilledForm, fields: dict[str, Any], known: Numbers) -> tuple[int, Counter[tuple[str, ...]]]:
    """What a form answers, and which rows there are then that were not there before, or are no more."""
    for value in fields.values():
        if hasattr(value, "seek"):
            value.seek(0)
    with undone():
        written = writes_by_table()
        answer = knock(form.browser, "POST", form.path, fields)
        written = {table for table, count in writes_by_table().items() if count > written.get(table, 0)}
        touched = [model for model in kept() if model._meta.db_table in written]
        after = rows(known, touched)
    before = rows(known, touched)
    gone = {("gone", *row): count for row, count in (before - after).items()}
    return answer.status_code, (after - before) + Counter(gone)


def differing(scene: Scene, forms: dict[str, FilledForm]) -> dict[str, Any]:
    """The forms that do something else when more than their own fields is sent."""
    found, known = {}, numbers()
    for name, form in forms.items():
        fields = form.fields()
        more = {key: value for key, value in extras(scene).items() if key not in KNOWN.get(name, ())}
        plain, laden = outcome(form, fields, known), outcome(form, more | fields, known)
        if plain != laden:
            found[name] = (plain[0], laden[0], list(laden[1] - plain[1])[:3])
    return found


def test_nothing_but_a_forms_own_fields_is_taken(scene, forms, buttons):
    assert differing(scene, forms | buttons) == {}


@pytest.mark.urls("tests.doors.careless_urls")
def test_control_a_door_that_copies_whatever_comes_is_found(scene):
    claim = scene.claim_for("claims:comments")
    careless = FilledForm(scene.browser("user"), f"/claims/{claim.pk}/copied/", lambda: {"name": "A name"})

    assert set(differing(scene, {"careless": careless})) == {"careless"}
