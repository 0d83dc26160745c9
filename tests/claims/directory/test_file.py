import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

import claims
from claims.directory import file as directory_file
from claims.models import CustomerIdentity, Organization

pytestmark = pytest.mark.django_db
DIRECTORY = Path(claims.__file__).parent / "data" / "directory.jsonl"
TENANT = "eab6cc85-ca3f-5f86-85c4-f6d168c32307"
CONTOSO = {
    "record": "organization",
    "code": "contoso",
    "name": "Contoso, Ltd.",
    "country": "US",
    "sector": "commercial",
    "segment": "Enterprise",
    "tpid": "8789005",
}
ADATUM = CONTOSO | {"code": "adatum", "name": "A. Datum", "tpid": "2933163"}


def identity(kind: str, value: str, organization: str = "contoso", **more: Any) -> dict[str, Any]:
    return {"record": "identity", "organization": organization, "kind": kind, "value": value, **more}


GOOD = [
    CONTOSO,
    identity("domain", "contoso.com", tenant=TENANT),
    identity("tenant", TENANT),
    identity("tpid", "8789005"),
]


@pytest.fixture
def load(tmp_path, capsys):
    def load(*lines: dict[str, Any] | str) -> list[str]:
        file = tmp_path / "directory.jsonl"
        file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
        call_command("import_directory", str(file))
        return capsys.readouterr().out.splitlines()

    return load


@pytest.fixture
def problems(load):
    """The problems that the import reports, after making sure that nothing was loaded."""

    def problems(*lines: dict[str, Any] | str) -> list[str]:
        before = stored()
        with pytest.raises(CommandError) as refusal:
            load(*lines)
        assert stored() == before
        return str(refusal.value).splitlines()[:-1]

    return problems


def stored() -> list[list[Any]]:
    return [list(model.objects.order_by("pk").values()) for model in (Organization, CustomerIdentity)]


@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_shipped_directory_loads_and_a_second_import_changes_nothing(load, capsys, monkeypatch, batch):
    monkeypatch.setattr(directory_file, "BATCH", batch)
    call_command("import_directory", str(DIRECTORY))
    loaded = stored()
    capsys.readouterr()

    call_command("import_directory", str(DIRECTORY))

    assert capsys.readouterr().out.splitlines() == [
        "organizations: 0 added, 0 changed, 58 unchanged",
        "customer IDs: 0 added, 0 changed, 335 unchanged",
        "tenants of domains: 0 added, 0 changed, 66 unchanged",
    ]
    assert stored() == loaded


def test_a_domain_may_stand_before_its_tenant(load):
    load(*GOOD)

    domain = CustomerIdentity.objects.get(kind="domain")
    assert (domain.value, domain.tenant.value, domain.organization.code) == ("contoso.com", TENANT, "contoso")


def test_a_domain_without_a_tenant_has_none_and_can_get_one_later(load):
    load(CONTOSO, identity("domain", "contoso.com", tenant=None), identity("tpid", "8789005"))
    assert CustomerIdentity.objects.get(kind="domain").tenant is None

    assert load(*GOOD)[-1] == "tenants of domains: 0 added, 1 changed, 0 unchanged"
    assert CustomerIdentity.objects.get(kind="domain").tenant.value == TENANT


def test_ids_are_stored_in_the_spelling_in_which_they_are_searched(load):
    load(*GOOD[:3], identity("domain", "MÜNCHEN.example.", tenant=None), identity("tpid", "0008789005"))

    values = set(CustomerIdentity.objects.values_list("value", flat=True))
    assert values == {"contoso.com", TENANT, "xn--mnchen-3ya.example", "8789005"}


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (CONTOSO, "This record stands on line 1 already. Keep one of them."),
        (ADATUM | {"tpid": "77"}, "“tpid”: no identity record of this organization has it."),
        (ADATUM | {"country": "USA"}, "“country”: must be the two-letter code of a country, like US."),
        (ADATUM | {"sector": "private"}, "“sector”: must be one of commercial, public."),
        (ADATUM | {"size": 3}, "Unknown field “size”."),
        (identity("tpid", "8789005"), "This record stands on line 4 already. Keep one of them."),
        (identity("tpid", "00008789005"), "This record stands on line 4 already. Keep one of them."),
        (identity("tpid", "12a"), "A TPID is a number of at most 12 digits. Enter the digits only."),
        (identity("phone", "1"), "“kind”: must be one of domain, tenant, tpid, opportunity, subscription."),
        (
            identity("tpid", "5", "nobody"),
            "The organization “nobody” is not known. Write its record before its IDs.",
        ),
        (
            identity("domain", "https://fabrikam.com", tenant=None),
            "Enter the domain only, without “https://”, for example contoso.com.",
        ),
        (
            identity("domain", "fabrikam.com"),
            "“tenant” belongs to a domain, and every domain has it (null: none is found).",
        ),
        (
            identity("tpid", "5", tenant=None),
            "“tenant” belongs to a domain, and every domain has it (null: none is found).",
        ),
        (
            identity("domain", "fabrikam.com", tenant="72f988bf-86f1-41af-91ab-2d7cd011db47"),
            "“tenant”: this organization has no such tenant ID.",
        ),
        ("{}", "“record” must be one of organization, identity."),
    ],
)
def test_a_bad_line_is_named_with_its_number_and_nothing_is_loaded(problems, bad, sentence):
    assert problems(*GOOD, bad) == [f"Line 5: {sentence}"]


def test_a_tenant_of_another_organization_is_refused(problems):
    other = [
        ADATUM,
        identity("tpid", "2933163", "adatum"),
        identity("domain", "adatum.com", "adatum", tenant=TENANT),
    ]

    assert problems(*GOOD, *other) == ["Line 7: “tenant”: this organization has no such tenant ID."]


def test_ids_of_an_organization_whose_record_is_wrong_are_not_blamed(problems):
    assert problems(CONTOSO | {"country": 1}, *GOOD[1:]) == [
        "Line 1: “country”: must be the two-letter code of a country, like US."
    ]
