"""The stepper both wizards share: steps in order, typed values kept in a draft, all checked at the end (WIZ-8)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise

from .models import Draft

LONGEST = 5000


def storable(values: list[str]) -> list[str]:
    """What a draft keeps of typed values: no endless text, and nothing with a NUL, which no form accepts."""
    return [value[:LONGEST] for value in values if "\0" not in value]


@dataclass(frozen=True)
class Step:
    """One page of a wizard; a step without a form only shows what was entered."""

    slug: str
    title: str | Promise
    form: Callable[..., forms.Form] | None = None


class Stepper:
    """One run through a wizard: knows steps, the draft, back and next, and nothing about what is being made."""

    def __init__(
        self, steps: Sequence[Step], draft: Draft, surroundings: Callable[["Stepper", Step], dict[str, Any]]
    ) -> None:
        self.steps, self.draft, self.surroundings = tuple(steps), draft, surroundings
        self._cleaned: dict[str, dict[str, Any] | None] = {}

    def step(self, slug: str) -> Step | None:
        return next((step for step in self.steps if step.slug == slug), None)

    def next(self, step: Step) -> Step:
        return self.steps[min(self.steps.index(step) + 1, len(self.steps) - 1)]

    def previous(self, step: Step) -> Step | None:
        position = self.steps.index(step)
        return self.steps[position - 1] if position else None

    def save(self, step: Step, typed: QueryDict, *, now: datetime) -> None:
        """Keep what was typed, right or wrong, so that nothing is lost."""
        self._cleaned.clear()
        names = self._new(step).fields if step.form else {}
        self.draft.answers[step.slug] = {
            name: storable(typed.getlist(name)) for name in names if name in typed
        }
        self.draft.updated_at = now
        self.draft.save(update_fields=["answers", "updated_at"])

    def form(self, step: Step, typed: QueryDict | None = None) -> forms.Form:
        """The form of a step: bound to what was just typed, or showing what was typed before."""
        if typed is not None:
            return self._new(step, typed)
        saved = self.draft.answers.get(step.slug)
        form = self._new(step)
        for name, values in (saved or {}).items():
            if name in form.fields:
                multiple = isinstance(
                    form.fields[name], forms.MultipleChoiceField | forms.ModelMultipleChoiceField
                )
                form.initial[name] = values if multiple else values[-1] if values else ""
        return form

    def _new(self, step: Step, typed: QueryDict | None = None) -> forms.Form:
        if step.form is None:
            raise LookupError(f"The step {step.slug} only shows what was entered: it has no form.")
        return step.form(typed, **self.surroundings(self, step))

    def cleaned(self, step: Step) -> dict[str, Any] | None:
        """The step's values, validated now; None when the step is not (or no longer) right."""
        if step.slug not in self._cleaned:
            self._cleaned[step.slug] = self._validate(step)
        return self._cleaned[step.slug]

    def values(self, step: Step) -> dict[str, Any]:
        """The values of a step that holds; raises LookupError for one that `first_open` would have gone back to."""
        held = self.cleaned(step)
        if held is None:
            raise LookupError(f"The step {step.slug} does not hold.")
        return held

    def _validate(self, step: Step) -> dict[str, Any] | None:
        saved = self.draft.answers.get(step.slug)
        if step.form is None or saved is None:
            return {} if step.form is None else None
        typed = QueryDict(mutable=True)
        for name, values in saved.items():
            typed.setlist(name, values)
        form = self._new(step, typed)
        return form.cleaned_data if form.is_valid() else None

    def first_open(self, before: Step | None = None) -> Step | None:
        """The first step (before the given one) whose values do not hold: where the person is sent."""
        stop = self.steps.index(before) if before else len(self.steps)
        return next((step for step in self.steps[:stop] if step.form and self.cleaned(step) is None), None)
