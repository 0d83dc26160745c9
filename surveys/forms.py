"""A form made from a questionnaire: a field per question, and three for the electronic signature."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from django import forms
from django.conf import settings
from django.forms import BoundField
from django.utils.html import format_html
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from incentives.forms import FormKey

from .models import Question, Questionnaire
from .responses import Signature

Kind = Question.Kind
SIGNATURE = tuple(part.name for part in fields(Signature))


def single(question: Question) -> forms.Field:
    return forms.ChoiceField(choices=choices(question), widget=forms.RadioSelect)


def multiple(question: Question) -> forms.Field:
    return forms.MultipleChoiceField(choices=choices(question), widget=forms.CheckboxSelectMultiple)


def scale(question: Question) -> forms.Field:
    steps = range(question.options["from"], question.options["to"] + 1)
    return forms.TypedChoiceField(
        choices=[(str(step), str(step)) for step in steps],
        widget=forms.RadioSelect,
        coerce=int,
        empty_value=None,
    )


def number(question: Question) -> forms.Field:
    return forms.IntegerField(min_value=question.options.get("min"), max_value=question.options.get("max"))


def text(question: Question) -> forms.Field:
    return forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


def choices(question: Question) -> list[tuple[str, str]]:
    return [(words, said(words)) for words in question.options["choices"]]


def said(written: str, **names: str) -> str:
    """The owner's words in the reader's language; what nobody translated is marked as the language that it is in."""
    words = gettext(written)
    for place, name in names.items():
        words = words.replace(f"{{{place}}}", name)
    if gettext(written) != written or get_language() == settings.LANGUAGE_CODE:
        return words
    return format_html('<span lang="{}">{}</span>', settings.LANGUAGE_CODE, words)


FIELDS: dict[str, Callable[[Question], forms.Field]] = {
    Kind.SINGLE: single,
    Kind.MULTIPLE: multiple,
    Kind.SCALE: scale,
    Kind.NUMBER: number,
    Kind.TEXT: text,
}


@dataclass(frozen=True)
class Row:
    """One question as the page shows it: its field, or the three fields of the signature."""

    number: int
    question: Question
    words: str
    fields: list[BoundField]
    low: str
    high: str


class SurveyForm(forms.Form):
    """The questions of one questionnaire about one partner's engagement."""

    form_key = FormKey()

    def __init__(
        self, *args: Any, questionnaire: Questionnaire, partner: str, engagement: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.questionnaire, self.names = questionnaire, {"partner": partner, "engagement": engagement}
        self.questions = list(questionnaire.questions.all())
        for question in self.questions:
            if question.kind == Kind.SIGNATURE:
                self.fields |= signature()
            else:
                self.fields[name_of(question)] = self.field(question)

    def field(self, question: Question) -> forms.Field:
        field = FIELDS[question.kind](question)
        field.label, field.required = said(question.text, **self.names), question.required
        field.widget.is_required = question.required
        field.error_messages["required"] = _("Please answer this question.")
        return field

    def rows(self) -> list[Row]:
        return [self.row(number, question) for number, question in enumerate(self.questions, 1)]

    def row(self, number: int, question: Question) -> Row:
        names = SIGNATURE if question.kind == Kind.SIGNATURE else (name_of(question),)
        low, high = (question.options.get(end, "") for end in ("low", "high"))
        return Row(
            number=number,
            question=question,
            words=said(question.text, **self.names),
            fields=[self[name] for name in names],
            low=low and said(low),
            high=high and said(high),
        )

    def kept(self) -> dict[str, Any]:
        """Everything a response keeps of the form, as `record` takes it."""
        return {
            "questionnaire": self.questionnaire,
            "answers": self.answers(),
            "signed": self.signed(),
            "form_key": self.cleaned_data["form_key"],
            "language": get_language(),
        }

    def signed(self) -> Signature:
        return Signature(**{name: self.cleaned_data[name] for name in SIGNATURE})

    def answers(self) -> list[tuple[Question, Any]]:
        """What was answered, without the questions that were left empty."""
        given = [(question, self.cleaned_data.get(name_of(question))) for question in self.questions]
        return [(question, value) for question, value in given if value not in (None, "", [])]


def name_of(question: Question) -> str:
    return f"q{question.pk}"


def signature() -> dict[str, forms.Field]:
    labels = {"full_name": _("Full name"), "company": _("Company name"), "title": _("Job title")}
    missing = {"required": _("The signature is not complete without this.")}
    return {
        name: forms.CharField(label=label, max_length=150, error_messages=missing)
        for name, label in labels.items()
    }
