"""The survey behind a link in English, French and Japanese, its own questions included (BEY-5, SUR-2, SUR-4)."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from surveys import defaults, forms
from surveys.forms import SurveyForm
from surveys.models import Answer, Question, Questionnaire, Response
from tests.browsers import Browser
from tests.catalogs import TRANSLATED, catalog, english, missing, written_in_code, written_in_templates

from ..conftest import default, field, filled, key_of, open_link, sent

pytestmark = pytest.mark.django_db
TEMPLATES = (
    "base_public.html",
    "mail/closed.html",
    "parts/_errors.html",
    "parts/_support.html",
    "surveys/_question.html",
    "surveys/_sheet.html",
    "surveys/_title.html",
    "surveys/again.html",
    "surveys/answer.html",
    "surveys/thanks.html",
)
SENTENCES = {*written_in_templates(*TEMPLATES), *written_in_code(forms, defaults)}
HEADING = {"en": "Customer survey: ", "fr": "Questionnaire client\xa0: ", "ja": "お客様アンケート: "}


def reader(language: str) -> Client:
    return Browser(headers={"Accept-Language": language})


@pytest.mark.parametrize("language", HEADING)
def test_the_survey_speaks_as_the_browser_wishes(consented, now, language):
    visitor = reader(language)

    page = visitor.get(open_link(visitor, sent(consented, "customer", now=now)))

    assert f"<h1>{HEADING[language]}{consented.engagement.name}" in unescape(page.content.decode())
    assert f'<html lang="{language}">' in page.content.decode()
    assert page["Content-Language"] == language
    assert {"Accept-Language", "Cookie"} <= set(page["Vary"].split(", "))
    assert "no-store" in page["Cache-Control"]


@pytest.mark.parametrize("audience", ["customer", "partner"])
@pytest.mark.parametrize("language", TRANSLATED)
def test_no_page_of_a_survey_says_anything_in_english(consented, now, language, audience):
    visitor = reader(language)
    old = sent(consented, audience, now=now - timedelta(hours=24))
    address = open_link(visitor, sent(consented, audience, now=now))
    pages = [
        visitor.get(address),
        visitor.post(address, {}),
        visitor.get(f"/survey/{audience}/{key_of(old)}/"),
    ]
    pages += [visitor.get(f"/survey/{audience}/{key}/") for key in ("0" * 32, "0" * 31, "0" * 33)]
    pages.append(visitor.post(address, filled(audience), follow=True))
    pages.append(visitor.get(address))
    pages.append(reader(language).get(address))

    again = 200 if audience == "partner" else 410
    assert [page.status_code for page in pages] == [200, 422, 410, 404, 404, 404, 200, again, 404]
    assert [english(page, SENTENCES) for page in pages] == [[] for page in pages]


def test_control_the_same_pages_in_english_say_plenty_of_it(consented, now):
    visitor = reader("en")
    assert len(english(visitor.get(open_link(visitor, sent(consented, "customer", now=now))), SENTENCES)) > 12


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_that_is_written_is_in_the_catalog(language):
    assert len(SENTENCES) > 80
    assert missing(SENTENCES, language) == set()


@pytest.mark.parametrize("language", TRANSLATED)
def test_translated_questions_name_whom_the_written_ones_name(language):
    asked = {entry.msgid: entry.msgstr for entry in catalog(language) if "{" in entry.msgid}

    assert len(asked) == 6
    assert {msgid: names(said) for msgid, said in asked.items()} == {msgid: names(msgid) for msgid in asked}


def names(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


def test_what_was_chosen_on_the_page_leaves_the_rest_of_its_address_as_it_was(consented, now):
    visitor = reader("fr")
    address = open_link(visitor, sent(consented, "partner", now=now))
    visitor.post(address, filled("partner"))

    anew = visitor.get(f"{address}?resubmit=yes")
    chosen = visitor.get(f"{address}?resubmit=yes&language=ja")

    assert 'href="?resubmit=yes&amp;language=ja"' in anew.content.decode()
    assert "電子署名" in chosen.content.decode()
    assert "アンケートに回答しますか" in visitor.get(address).content.decode()


def test_answers_are_kept_as_the_owner_wrote_them_with_the_language_that_they_were_read_in(consented, now):
    visitor = reader("fr")

    visitor.post(open_link(visitor, sent(consented, "customer", now=now)), filled("customer"))

    assert Response.objects.get().language == "fr"
    assert Answer.objects.get(question__kind="single").value == "Yes, completely"


def test_questions_that_nobody_translated_are_marked_as_the_language_they_are_in(consented, now):
    own = Questionnaire.objects.create(engagement=consented.engagement, audience="customer", version=2)
    Question.objects.create(
        questionnaire=own,
        position=1,
        kind="single",
        text="Is {partner} <kind>?",
        options={"choices": ["Yes", "On <Mondays>"]},
    )
    Question.objects.create(questionnaire=own, position=2, kind="text", text="What should have gone better?")
    visitor = reader("fr")

    page = visitor.post(open_link(visitor, sent(consented, "customer", now=now)), {}).content.decode()

    asked = f'<span lang="en">Is {consented.location.name} &lt;kind&gt;?</span>'
    assert page.count(asked) == 2  # the question, and the list of what is to be mended
    assert '<span lang="en">On &lt;Mondays&gt;</span>' in page
    assert "<span>Oui</span>" in page
    assert "Qu’est-ce qui aurait dû mieux se passer" in page
    assert page.count(' lang="en"') == 4  # those, and the way to English


def test_control_where_english_is_read_nothing_is_marked(consented, now):
    default("customer").questions.filter(position=1).update(text="Is it done?")
    visitor = reader("en")

    page = visitor.get(open_link(visitor, sent(consented, "customer", now=now))).content.decode()

    assert ". Is it done?" in page
    assert "<span lang=" not in page


def test_a_question_left_out_is_asked_for_in_the_readers_language():
    sheet = filled("customer", **{field("customer", "scale"): ""})

    with translation.override("ja"):
        form = SurveyForm(
            sheet, questionnaire=default("customer"), partner="Friday & Co", engagement="Workshop"
        )
        assert list(form.errors.values()) == [["この質問に回答してください。"]]


def test_partners_who_are_signed_in_answer_in_english(signed_in, consented):
    partner = signed_in(consented.created_by)
    partner.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"

    partner.post(f"/claims/{consented.pk}/survey/", filled("partner"), headers={"Accept-Language": "ja"})

    assert Response.objects.get().language == "en"
