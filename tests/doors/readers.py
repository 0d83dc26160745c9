"""Who may read what is confidential, and where, as tables; and what was heard otherwise (A10)."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from fnmatch import fnmatch
from itertools import chain

from .law import rows

# Who reads which secrets at which place; gathered: the places by who and secret.
Reading = tuple[str, str, set[str]]
Found = dict[tuple[str, str], set[str]]

# fmt: off
# Who reads which secret, and at which kind of place; a dot: nowhere. The last three come by a link: the customers of
# both partners, and our own contact.
READERS = """
reader         reason choice theirs ours   early asked  name mail claim customer company r_claim r_customer r_company
nobody         .      .      .      .      .     .      .    .    .     .        .       .       .          .
gone           .      .      .      .      .     .      .    .    .     .        .       .       .          .
user           .      .      .      .      .     .      .    .    claim contact  company .       .          .
admin          .      .      .      .      .     .      .    .    claim contact  company .       .          .
neighbour      .      .      .      .      .     .      .    .    .     .        company .       .          .
stranger       .      .      .      .      .     .      .    .    .     .        .       claim   contact    company
strange_admin  .      .      .      .      .     .      .    .    .     .        .       claim   contact    company
roleless       .      .      .      .      .     .      .    .    .     .        company .       .          .
reviewer       review review review review .     review desk .    desk  desk     desk    desk    desk       desk
lead           review review review review .     review desk .    desk  desk     desk    desk    desk       desk
owner          .      .      .      .      .     .      self self .     queue    payee   .       queue      payee
support        .      .      .      .      .     .      desk .    desk  desk     desk    desk    desk       desk
auditor        review review review review .     review desk .    desk  desk     desk    desk    desk       desk
customer       .      form   .      .      .     survey .    .    .     letter   link    .       .          .
their_customer .      form   .      .      .     .      .    .    .     .        .       .       letter     link
contact        .      .      .      .      .     .      .    .    .     .        .       .       .          .
"""
ON_CLAIMS = ("claims:*", "consent:*", "surveys:*", "engagements:*", "letter:*")
# Each kind of place: where its reader must find the secret, and where else it may stand for them.
PLACES: dict[str, tuple[set[str], tuple[str, ...]]] = {
    ".":       (set(), ()),
    "review":  ({"admin:claims_claim_change"}, ("admin:claims_claim_consent",)),
    "desk":    ({"admin:claims_claim_change"}, ("admin:*",)),
    "payee":   ({"admin:incentives_payeeprofile_changelist"}, ("admin:*",)),
    "queue":   ({"admin:mail_message_changelist"}, ("admin:mail_*",)),
    "self":    ({"incentives:account", "admin:index"}, ("incentives:*", "admin:*")),
    "claim":   ({"claims:detail", "claims:history", "claims:list", "claims:document"}, ON_CLAIMS),
    "contact": ({"claims:detail"}, ("claims:*", "consent:*", "surveys:*")),
    "company": ({"incentives:account"}, ("incentives:*", *ON_CLAIMS)),
    "form":    ({"door:consent_answer"}, ()),
    "survey":  ({"door:survey_answer"}, ()),
    "letter":  ({"letter:consent_request"}, ("letter:*",)),
    "link":    ({"door:consent_answer", "letter:consent_request"}, ("door:*", "letter:*")),
}
# In which tables a secret is kept; sessions that are open count as one more.
KEPT = {
    "reason": {"consent_consentanswer"},
    "choice": {"consent_consentanswer"},
    "theirs": {"surveys_answer", "surveys_response"},
    "ours": {"surveys_answer", "surveys_response"},
    "early": {"surveys_answer", "surveys_response"},
    "asked": {"surveys_question"},
    "name": {"incentives_user"},
    "mail": {"incentives_user"},
    "customer": {"claims_claim", "mail_link", "mail_message"},
    "r_customer": {"claims_claim", "mail_link", "mail_message"},
}
# fmt: on
CELLS = {row.pop("reader"): row for row in rows(READERS)}


def gathered(*readings: Iterable[Reading]) -> Found:
    found: Found = defaultdict(set)
    for who, place, secrets in chain(*readings):
        for secret in secrets:
            found[who, secret].add(place)
    return found


def surplus(found: Found) -> list[str]:
    """Who reads something where the table does not say so."""
    trouble = []
    for (who, secret), places in found.items():
        must, may = PLACES[CELLS[who][secret]]
        wrong = {at for at in places - must if not any(fnmatch(at, pattern) for pattern in may)}
        trouble += [f"{who} reads {secret} at {at}" for at in sorted(wrong)]
    return trouble


def missing(found: Found, *, but: Collection[str] = ()) -> list[str]:
    """Who of those that looked does not find what they read by the table: then the net saw and proves nothing."""
    return [
        f"{who} misses {secret} at {at}"
        for who, row in CELLS.items()
        if who not in but
        for secret, place in row.items()
        for at in sorted(PLACES[place][0] - found.get((who, secret), set()))
    ]
