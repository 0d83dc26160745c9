"""The customer's pages in English, French and Japanese: by the browser's wish, or as chosen on the page (BEY-5)."""

import re
from gettext import GNUTranslations
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from consent.forms import AnswerForm
from consent.models import ConsentAnswer
from mail.models import Link
from tests.browsers import Browser
from tests.catalogs import TRANSLATED, catalog, english, missing, written_in_code, written_in_templates
from tests.factories import make_claim

from ..conftest import ask, open_link

pytestmark = pytest.mark.django_db
QUESTION = {
    "en": "Do you give your consent to work with partner",
    "fr": "Donnez-vous votre consentement pour travailler avec le partenaire",
    "ja": "を実施することに同意しますか",
}
# A browser's wish, and what it gets.
WISHES = {
    "fr-CA,fr;q=0.9,en;q=0.8": "fr",
    "ja": "ja",
    "de-AT,ja;q=0.4": "ja",
    "de": "en",
    "en-GB": "en",
    "": "en",
    "x" * 5000: "en",
    "fr\x00": "en",
}
TEMPLATES = (
    "base_public.html",
    "consent/answer.html",
    "consent/process.html",
    "consent/thanks.html",
    "mail/closed.html",
    "mail/reminders.html",
    "parts/_errors.html",
)
SENTENCES = {*written_in_templates(*TEMPLATES), *written_in_code(AnswerForm, ConsentAnswer)}


@pytest.fixture
def link(now) -> Link:
    return ask(make_claim(now=now), now=now)


def reader(language: str) -> Client:
    return Browser(headers={"Accept-Language": language})


@pytest.mark.parametrize(("wish", "gets"), WISHES.items(), ids=lambda it: it[:12].replace("\x00", "NUL"))
def test_the_form_speaks_as_the_browser_wishes(link, wish, gets):
    visitor = reader(wish)

    page = visitor.get(open_link(visitor, link))

    assert QUESTION[gets] in unescape(page.content.decode())
    assert f'<html lang="{gets}">' in page.content.decode()
    assert (page["Content-Language"], "Accept-Language" in page["Vary"]) == (gets, True)


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_page_of_a_consent_says_anything_in_english(link, language, now):
    visitor = reader(language)
    address = open_link(visitor, link)
    pages = [visitor.get(address)]
    pages += [
        visitor.post(address, answer)
        for answer in ({}, {"answer": "no"}, {"answer": "no", "decline_reason": "other"}, {"answer": "x"})
    ]
    assert [page.status_code for page in pages] == [200, 422, 422, 422, 422]
    pages.append(visitor.post(address, {"answer": "yes"}, follow=True))
    pages.append(visitor.get(address))
    pages += [visitor.get(f"/consent/{key}/") for key in ("0" * 32, "0" * 31, "0" * 33)]
    pages += [visitor.get(f"/consent/{address}/") for address in ("answer/1", "process")]

    assert [english(page, SENTENCES) for page in pages] == [[] for page in pages]


def test_control_the_same_pages_in_english_say_plenty_of_it(link):
    visitor = reader("en")
    assert len(english(visitor.get(open_link(visitor, link)), SENTENCES)) > 8


def test_what_is_chosen_on_the_page_holds_for_the_next_pages(link):
    visitor = reader("fr")
    address = open_link(visitor, link)

    chosen = visitor.get(f"{address}?language=ja")

    assert 'lang="ja" aria-current="true"' in chosen.content.decode()
    assert QUESTION["ja"] in unescape(visitor.get(address).content.decode())
    assert "はい" in visitor.post(address, {}).content.decode()
    cookie = chosen.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


@pytest.mark.parametrize("wish", ["xx", "fr/../../etc", "<script>", "FR" * 400])
def test_a_language_that_nobody_offers_is_passed_over(link, wish):
    visitor = reader("fr")

    page = visitor.get(open_link(visitor, link), {"language": wish})

    assert QUESTION["fr"] in unescape(page.content.decode())
    assert settings.LANGUAGE_COOKIE_NAME not in page.cookies


def test_the_answer_is_kept_with_the_question_as_it_was_read(link):
    visitor = reader("fr")
    address = open_link(visitor, link)

    visitor.post(address, {"answer": "yes"})

    assert ConsentAnswer.objects.get().text_shown.startswith(QUESTION["fr"])


def test_partners_read_english_whatever_their_browser_wishes(signed_in, partner_user):
    page = signed_in(partner_user).get("/claims/", headers={"Accept-Language": "fr"})
    assert '<html lang="en"' in page.content.decode()


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_that_is_written_is_in_the_catalog(language):
    assert len(SENTENCES) > 50
    assert missing(SENTENCES, language) == set()


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_translated_with_the_names_that_it_holds(language):
    for entry in catalog(language):
        for said in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            assert said, entry.msgid
            assert names(said) <= names(entry.msgid_plural or entry.msgid), entry.msgid
        assert language == "fr" or names(entry.msgstr) == names(entry.msgid) or entry.msgid_plural


def test_no_line_of_french_begins_with_a_mark():
    said = [text for entry in catalog("fr") for text in (entry.msgstr, *entry.msgstr_plural.values())]

    assert [text for text in said if re.search(r" [:;?!»]|« ", text)] == []


def names(text: str) -> set[str]:
    return {part.partition(")")[0] for part in text.split("%(")[1:]}


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_the_portal_reads_was_made_from_what_is_written(language):
    written = catalog(language)
    with (Path(written.fpath).with_suffix(".mo")).open("rb") as file:
        made = GNUTranslations(file)
    for entry in written:
        if entry.msgid_plural:
            found = {n: made.ngettext(entry.msgid, entry.msgid_plural, n) for n in (1, 5)}
            assert set(found.values()) == set(entry.msgstr_plural.values())
        elif entry.msgctxt:
            assert made.pgettext(entry.msgctxt, entry.msgid) == entry.msgstr
        else:
            assert made.gettext(entry.msgid) == entry.msgstr
