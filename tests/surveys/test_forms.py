import pytest

from engagements.models import Engagement
from surveys import defaults
from surveys.forms import SIGNATURE, SurveyForm
from surveys.models import Question, Questionnaire
from tests.factories import claim_at

from .conftest import default, field, filled

pytestmark = pytest.mark.django_db
NAMES = {"partner": "Friday & Co", "engagement": "Frontline Workshop"}


def form(audience: str, **changed) -> SurveyForm:
    return SurveyForm(filled(audience, **changed), questionnaire=default(audience), **NAMES)


@pytest.mark.parametrize("audience", ["customer", "partner"])
def test_every_default_questionnaire_ends_with_a_signature(audience):
    kinds = list(default(audience).questions.values_list("kind", flat=True))

    assert len(kinds) >= 5
    assert kinds.index("signature") == len(kinds) - 1
    assert form(audience).is_valid()


def test_names_of_the_claim_are_filled_into_questions():
    labels = [row.words for row in form("customer").rows()]

    assert "How satisfied are you with the work of Friday & Co?" in labels
    assert not any("{" in label for label in labels)


@pytest.mark.parametrize("audience", ["customer", "partner"])
@pytest.mark.parametrize("name", SIGNATURE)
def test_each_part_of_the_signature_is_required(audience, name):
    assert form(audience, **{name: " "}).errors == {name: ["The signature is not complete without this."]}


@pytest.mark.parametrize(
    ("audience", "kind", "typed"),
    [
        ("customer", "single", "none of these"),
        ("customer", "scale", "6"),
        ("customer", "scale", "0"),
        ("customer", "scale", ""),
        ("customer", "multiple", ["none of these"]),
        ("customer", "text", "x" * 2001),
        ("customer", "text", "a\0b"),
        ("partner", "number", "0"),
        ("partner", "number", "5001"),
        ("partner", "number", "9" * 5000),
        ("partner", "number", "1e309"),
        ("partner", "number", "NaN"),
        ("partner", "number", "1.5"),
        ("partner", "multiple", []),
    ],
)
def test_answer_outside_the_question_is_refused(audience, kind, typed):
    name = field(audience, kind)

    assert list(form(audience, **{name: typed}).errors) == [name]


def test_questions_left_empty_are_not_answered():
    sheet = form("customer", **{field("customer", "text"): "", field("customer", "multiple"): []})

    assert sheet.is_valid()
    assert [question.kind for question, _ in sheet.answers()] == ["single", "scale", "scale"]


def test_zero_is_an_answer():
    name = f"q{Question.objects.get(text__startswith='How likely').pk}"

    sheet = form("customer", **{name: "0"})

    assert sheet.is_valid()
    assert [value for question, value in sheet.answers() if f"q{question.pk}" == name] == [0]


def test_own_questionnaire_of_an_engagement_comes_before_the_default(now):
    claim = claim_at("consent_received", now=now)
    other = Engagement.objects.get()
    own = Questionnaire.objects.create(engagement=other, audience="customer", version=2)
    Questionnaire.objects.create(engagement=other, audience="customer", version=1, is_current=False)

    assert Questionnaire.objects.open_to(claim, "customer").first() == own
    assert Questionnaire.objects.open_to(claim, "partner").first() == default("partner")


def test_defaults_are_loaded_once_and_left_alone():
    default("customer").questions.update(text="Changed by the owner")

    defaults.load()

    assert Questionnaire.objects.count() == 2
    assert set(default("customer").questions.values_list("text", flat=True)) == {"Changed by the owner"}
