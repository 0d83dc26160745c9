"""The portal's own questions, asked wherever an engagement has none of its own (SUR-1).

In texts, {partner} and {engagement} stand for the names of the claim at hand.
"""

from typing import Any

from django.apps import apps as installed_apps
from django.utils.translation import gettext_noop as _

# A question: kind, text, options, required. The last one is always the signature.
QUESTIONS: dict[str, list[tuple[str, str, dict[str, Any], bool]]] = {
    "customer": [
        (
            "single",
            _("Was the {engagement} carried out as agreed?"),
            {"choices": [_("Yes, completely"), _("For the most part"), _("No")]},
            True,
        ),
        (
            "scale",
            _("How satisfied are you with the work of {partner}?"),
            {"from": 1, "to": 5, "low": _("Not at all"), "high": _("Very")},
            True,
        ),
        (
            "scale",
            _("How likely are you to recommend {partner} to others?"),
            {"from": 0, "to": 10, "low": _("Not likely"), "high": _("Very likely")},
            True,
        ),
        (
            "multiple",
            _("What did your organization gain from it?"),
            {
                "choices": [
                    _("A plan for the next steps"),
                    _("Knowledge of the product"),
                    _("A decision to use it"),
                    _("Nothing so far"),
                ]
            },
            False,
        ),
        ("text", _("What should have gone better?"), {}, False),
        (
            "signature",
            _(
                "By signing electronically, the customer confirms that {partner} has delivered the {engagement}."
            ),
            {},
            True,
        ),
    ],
    "partner": [
        (
            "number",
            _("How many hours did your people spend on the {engagement}?"),
            {"min": 1, "max": 5000},
            True,
        ),
        (
            "multiple",
            _("Who took part on the customer's side?"),
            {"choices": [_("Management"), _("IT"), _("Security"), _("Business departments"), _("End users")]},
            True,
        ),
        (
            "single",
            _("What does the customer intend to do next?"),
            {
                "choices": [
                    _("Buy or extend licences"),
                    _("Start a pilot"),
                    _("Start a roll-out"),
                    _("Nothing for now"),
                ]
            },
            True,
        ),
        (
            "scale",
            _("How useful was the delivery material?"),
            {"from": 1, "to": 5, "low": _("Not at all"), "high": _("Very")},
            True,
        ),
        ("text", _("What should the programme improve?"), {}, False),
        (
            "signature",
            _("By signing electronically, the partner confirms to have delivered the {engagement}."),
            {},
            True,
        ),
    ],
}


def load(apps: Any = installed_apps, **_: Any) -> None:
    """Make sure that each audience has a current default questionnaire; changes none that is there.

    Runs after every migration, so a database whose tables were emptied has its questions back.
    """
    try:
        questionnaires, questions = (
            apps.get_model("surveys", "Questionnaire"),
            apps.get_model("surveys", "Question"),
        )
    except LookupError:
        return
    for audience, asked in QUESTIONS.items():
        made, is_new = questionnaires.objects.get_or_create(
            engagement=None, audience=audience, is_current=True
        )
        if is_new:
            questions.objects.bulk_create(
                questions(
                    questionnaire=made,
                    position=position,
                    kind=kind,
                    text=text,
                    options=options,
                    required=required,
                )
                for position, (kind, text, options, required) in enumerate(asked, 1)
            )
