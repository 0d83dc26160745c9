"""Forms as no page sends them: refused with a clear code, never an error of ours, and nothing kept (I02, I03)."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.breadth import everybody, some

from .filled_forms import FilledForm
from .knocking import knock, undone, writes
from .scene import Scene

pytestmark = pytest.mark.django_db
REFUSED = {400, 404, 409, 413, 422}
TOKEN = "a" * 32
URLENCODED = "application/x-www-form-urlencoded"
# One of each kind: before signing in, of a partner, with a file, of a wizard, behind a link, at the desk.
SOME = ("sign in", "comment", "upload", "contact information", "decision", "bank details")
SOME += ("consent behind its link",)
# What a wizard's draft keeps is what was typed, right or wrong (WIZ-8).
DRAFTS = ("django_session", "incentives_draft")


def send(form: FilledForm, fields: dict[str, Any] | None = None, **more: Any) -> tuple[HttpResponse, int]:
    """Send a form; the answer, and how many rows were written."""
    before = writes(besides=DRAFTS)
    with undone():
        answer = knock(form.browser, "POST", form.path, fields, **more)
        return answer, writes(besides=DRAFTS) - before


def accepted(
    forms: dict[str, FilledForm], bad: Callable[[FilledForm], Iterator[tuple[str, dict[str, Any]]]]
) -> str:
    """Every form that took what it must refuse, with what it answered."""
    trouble = []
    for name, form in forms.items():
        for what, fields in bad(form):
            answer, wrote = send(form, fields)
            if answer.status_code not in REFUSED or wrote:
                trouble.append(f"{name}, {what}: {answer.status_code}, {wrote} rows written")
    return "\n".join(trouble)


def texts(form: FilledForm) -> list[str]:
    """The fields that hold a text: a ticked box says yes whatever its value, and where to go next is only a wish."""
    typed = {name for name, value in form.fields().items() if isinstance(value, str) and value != "on"}
    return sorted(typed - {"privacy", "next", "confirmed"})


def test_every_form_is_right_as_it_stands(forms):
    """Else the tests below would also pass with forms that are refused for another reason."""
    codes = {name: send(form, form.fields())[0].status_code for name, form in forms.items()}
    assert codes == dict.fromkeys(forms, 302)


@pytest.mark.parametrize("instead", everybody(["an empty", "an array of"], first={"an empty"}))
def test_what_is_empty_or_missing_is_asked_for(distinct_forms, instead):
    """What comes as an array is missing too: nothing here reads it."""

    def bad(form):
        for left_out in set(form.fields()) - form.optional:
            rest = {key: value for key, value in form.fields().items() if key != left_out}
            array = {f"{left_out}[]": "x", f"{left_out}[0]": "x"}
            yield f"{instead} {left_out}", rest | ({left_out: ""} if instead == "an empty" else array)

    assert accepted(distinct_forms, bad) == ""


def test_a_nul_is_refused_in_every_field(distinct_forms):
    def bad(form):
        for name in texts(form):
            yield f"a NUL in {name}", form.fields() | {name: f"{form.fields()[name]}\0"}

    assert accepted(distinct_forms, bad) == ""


# The text of the program terms may be long; what is too long for it, its own tests know.
MAY_BE_LONG = {"publish terms": {"text"}}


def test_ten_thousand_characters_are_refused_in_every_field(distinct_forms):
    long = {id(distinct_forms[name]): fields for name, fields in MAY_BE_LONG.items()}

    def bad(form):
        for name in set(texts(form)) - long.get(id(form), set()):
            yield f"a long {name}", form.fields() | {name: "9ﷺ\n\t" * 2500}

    assert accepted(distinct_forms, bad) == ""


NUMBERS = ["99999999999999999999", "9" * 5000, "-1", "0", "1.0", "NaN", "٣", "None"]


@pytest.mark.parametrize("number", everybody(NUMBERS, first=NUMBERS[:3]))
def test_numbers_that_name_nothing_are_refused_in_forms_too(forms, number):
    names = {"location", "documents", "revision", "engagements", "area", "locations", "incentive"}
    chosen = {
        name: form for name, form in forms.items() if names & set(form.fields()) and "contact" not in name
    }

    def bad(form):
        for name in names & set(form.fields()):
            yield f"{name}={number[:30]}", form.fields() | {name: number}

    assert set(chosen) == {
        "associate customer",
        "removal",
        "decision",
        "associate engagement",
        "open the wizard",
        "invite",
        "assign roles",
        "remove roles",
        "bank details",
        "tax details",
        "publish terms",
        "add attainment",
        "add private list",
    }
    assert accepted(chosen, bad) == ""


DAYS = {"effective_on", "in_force_from", "held_from", "expires_on", "opens_on", "closes_on", "from", "to"}
ASKED_FOR_DAYS = {
    *("tax details", "add attainment", "publish terms", "delivery material", "next version"),
    *(f"{deed} {what}" for deed in ("add", "change") for what in ("engagement", "rate card")),
}
NO_DAYS = [
    *("2027-02-29", "2026-02-30", "0000-01-01", "10000-01-01", "-2027-01-01", "-1", "1e9", "9" * 5000),
    *("2027-03-28 02:30:00", "2027-03-28T02:30", "2026-12-31T23:59:60Z", "23:59:60", "tomorrow"),
]
FAR_DAYS = ["0001-01-01", "1900-01-01", "2028-02-29", "2038-01-19", "2038-01-20", "9999-12-31"]


def with_days(forms: dict[str, FilledForm]) -> dict[str, FilledForm]:
    return {name: form for name, form in forms.items() if DAYS & set(form.fields())}


@pytest.mark.parametrize("day", everybody(NO_DAYS, first=[NO_DAYS[0], NO_DAYS[-1]]))
def test_what_is_no_day_is_refused_in_every_form(forms, day):
    def bad(form):
        for name in DAYS & set(form.fields()):
            yield f"{name}={day[:30]}", form.fields() | {name: day}

    chosen = with_days(forms)
    assert set(chosen) == ASKED_FOR_DAYS
    assert accepted(chosen, bad) == ""


@pytest.mark.parametrize("day", everybody(FAR_DAYS, first=["2028-02-29", "9999-12-31"]))
def test_the_first_and_the_last_days_there_are_follow_the_rules_of_others(forms, day):
    """Taken or refused, and the page that shows it works: also a leap day, and days that a computer may not know."""
    for form in with_days(forms).values():
        for name in DAYS & set(form.fields()):
            with undone():
                answer = knock(form.browser, "POST", form.path, form.fields() | {name: day})
                assert answer.status_code in {302, 422}, (form.path, name)
                if answer.status_code == 302:
                    assert form.browser.get(answer.headers["Location"]).status_code == 200, (form.path, name)


@pytest.mark.parametrize(
    "amount", ["0", "-5", "1e309", "NaN", "1,000", "12.50", "５０００", "9" * 16, " ", "Infinity"]
)
def test_the_deal_size_is_whole_dollars_in_digits(forms, amount):
    answer, wrote = send(forms["deal size"], {"deal_size_usd": amount})
    assert (answer.status_code, wrote) == (422, 0)


@pytest.mark.long
def test_of_a_field_that_is_sent_twice_the_last_counts(forms):
    """As everywhere in Django: never both, and never an error. Of choices, every one is checked."""
    trouble = []
    for name in some(forms, first=SOME):
        form = forms[name]
        once = {
            key: value for key, value in form.fields().items() if not isinstance(value, SimpleUploadedFile)
        }
        single = [key for key, value in once.items() if not isinstance(value, list) and key != "engagements"]
        twice = urlencode([*dict.fromkeys(single, "nonsense").items(), *once.items()], doseq=True)
        alone = urlencode(once, doseq=True)
        sent = [send(form, raw=raw.encode(), content_type=URLENCODED) for raw in (twice, alone)]
        if sent[0][0].status_code != sent[1][0].status_code or sent[0][1] != sent[1][1]:
            trouble.append(f"{name}: {sent}")

    assert "\n".join(trouble) == ""


def test_of_choices_that_are_sent_twice_every_one_is_checked(forms):
    for name, field in (("removal", "documents"), ("associate engagement", "engagements")):
        form = forms[name]
        answer, wrote = send(form, {field: [form.fields()[field], "nonsense"]})
        assert (answer.status_code, wrote) == (422, 0), name


# Invalid UTF-8, a lone surrogate, an overlong slash, half a character, half a percent sign.
BROKEN_TEXT = "%ff%fe%ED%A0%80%c0%af%e2%82%"


@pytest.mark.long
def test_broken_text_never_breaks_the_portal(distinct_forms):
    trouble = []
    for name in some(distinct_forms, first=SOME):
        form = distinct_forms[name]
        files = {key for key, value in form.fields().items() if isinstance(value, SimpleUploadedFile)}
        for field in texts(form):
            rest = {key: value for key, value in form.fields().items() if key not in {field, *files}}
            raw = f"{urlencode(rest, doseq=True)}&{field}={BROKEN_TEXT}&{BROKEN_TEXT}=x".encode()
            answer, _ = send(form, raw=raw, content_type=URLENCODED)
            if answer.status_code not in REFUSED | {302}:
                trouble.append(f"{name} {field}: {answer.status_code}")

    assert "\n".join(trouble) == ""


def strictly(scene: Scene, forms: dict[str, FilledForm]) -> Iterator[tuple[str, FilledForm]]:
    """The forms in browsers whose token is asked for, as it is outside of tests: one of each kind, or all of them."""
    for name in some(forms, first=SOME):
        form = forms[name]
        twin = scene.browser("nobody", strict=True)
        twin.cookies = deepcopy(form.browser.cookies)
        twin.cookies[settings.CSRF_COOKIE_NAME] = TOKEN
        yield name, replace(form, browser=twin)


MEGABYTE = 1024 * 1024
UNREADABLE = {
    "3,000 fields": lambda form: (urlencode([(f"f{n}", n) for n in range(3000)]).encode(), URLENCODED),
    "one field 3,000 times": lambda form: (b"text=x&" * 3000, URLENCODED),
    "3 MB of text": lambda form: (b"text=" + b"x" * (3 * MEGABYTE), URLENCODED),
    "3 MB in a part": lambda form: (
        encode_multipart(BOUNDARY, {"text": "x" * (3 * MEGABYTE)}),
        MULTIPART_CONTENT,
    ),
    "3,000 parts": lambda form: (
        encode_multipart(BOUNDARY, {f"f{n}": n for n in range(3000)}),
        MULTIPART_CONTENT,
    ),
    "30 files": lambda form: (
        encode_multipart(BOUNDARY, {f"f{n}": a_file() for n in range(30)}),
        MULTIPART_CONTENT,
    ),
    "parts without a boundary": lambda form: (b"text=Hello", "multipart/form-data"),
    "a boundary of nothing": lambda form: (b"text=Hello", "multipart/form-data; boundary="),
    "a boundary with a NUL": lambda form: (b"text=Hello", "multipart/form-data; boundary=\0"),
}


def a_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("a.pdf", b"%PDF-")


@pytest.mark.long
@pytest.mark.parametrize("what", everybody(UNREADABLE, first={"3,000 fields", "3 MB in a part", "30 files"}))
def test_a_form_that_cannot_be_read_is_a_bad_request(scene, forms, what):
    trouble = []
    for name, form in strictly(scene, forms):
        raw, content_type = UNREADABLE[what](form)
        answer, wrote = send(form, raw=raw, content_type=content_type, headers={"X-CSRFToken": TOKEN})
        if answer.status_code not in {400, 413} or wrote:
            trouble.append(f"{name}: {answer.status_code}, {wrote} rows written")

    assert "\n".join(trouble) == ""


def test_control_without_the_limit_thousands_of_fields_are_read(forms, settings):
    form = forms["comment"]
    raw = urlencode([("text", "Hello"), *((f"f{n}", n) for n in range(3000))]).encode()
    refused, _ = send(form, raw=raw, content_type=URLENCODED)
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = None
    taken, wrote = send(form, raw=raw, content_type=URLENCODED)

    assert (refused.status_code, taken.status_code) == (400, 302)
    assert wrote > 0


INCOMPLETE = {
    "cut off": lambda whole: (whole[: len(whole) // 2], MULTIPART_CONTENT),
    "cut off just before its end": lambda whole: (whole[:-4], MULTIPART_CONTENT),
    "cut off at its beginning": lambda whole: (whole[10:], MULTIPART_CONTENT),
    "with another boundary": lambda whole: (whole, "multipart/form-data; boundary=another"),
    "as JSON": lambda whole: (b'{"text": "Hello", "answer": "yes"}', "application/json"),
    "as XML": lambda whole: (b"<text>Hello</text>", "text/xml"),
    "as bytes": lambda whole: (whole, "application/octet-stream"),
    "as nothing": lambda whole: (whole, ""),
    "in another alphabet": lambda whole: (b"text=Hello", f"{URLENCODED}; charset=utf-7"),
    "empty": lambda whole: (b"", URLENCODED),
}


@pytest.mark.long
def test_what_came_before_a_connection_broke_is_not_taken_for_the_form(scene, forms):
    """The server hands over a shorter body than was announced; of a comment, the end would be missing."""
    trouble = []
    for name, form in strictly(scene, forms):
        fields = {
            key: value for key, value in form.fields().items() if not isinstance(value, SimpleUploadedFile)
        }
        raw = urlencode(fields | {"csrfmiddlewaretoken": TOKEN}, doseq=True).encode()
        broken = {"CONTENT_LENGTH": str(len(raw) + 100), "wsgi.input": BytesIO(raw)}
        answer, wrote = send(form, raw=raw, content_type=URLENCODED, **broken)
        if answer.status_code != 400 or wrote:
            trouble.append(f"{name}: {answer.status_code}, {wrote} rows written")

    assert "\n".join(trouble) == ""


@pytest.mark.long
@pytest.mark.parametrize("what", everybody(INCOMPLETE, first={"cut off", "as JSON", "empty"}))
def test_a_form_that_is_not_sent_as_a_form_is_refused(scene, forms, what):
    trouble = []
    for name, form in strictly(scene, forms):
        raw, content_type = INCOMPLETE[what](encode_multipart(BOUNDARY, form.fields()))
        answer, wrote = send(form, raw=raw, content_type=content_type, headers={"X-CSRFToken": TOKEN})
        if answer.status_code not in REFUSED or wrote:
            trouble.append(f"{name}: {answer.status_code}, {wrote} rows written")

    assert "\n".join(trouble) == ""
