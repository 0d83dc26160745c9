"""The guide's own tables, transcribed once (seed_tables.json), in the portal's words."""

import json
from pathlib import Path

from claims.states import Party
from claims.states import Status as S

TABLES = json.loads((Path(__file__).parent / "seed_tables.json").read_text())

STATUSES = {
    "Customer claimed": [S.CUSTOMER_CLAIMED],
    "Awaiting customer consent": [S.AWAITING_CONSENT],
    "Customer consent received": [S.CONSENT_RECEIVED],
    "Submitted, Under review": [S.SUBMITTED, S.UNDER_REVIEW],
    "Partner action required": [S.ACTION_REQUIRED],
    "Rejected": [S.REJECTED],
    "Disputed": [S.DISPUTED],
    "Approved, Cancelled, Consent rejected, Expired (any), Rejected final": [
        S.APPROVED,
        S.CANCELLED,
        S.CONSENT_DECLINED,
        S.CONSENT_EXPIRED,
        S.NOT_SUBMITTED_EXPIRED,
        S.POST_SUBMISSION_EXPIRED,
        S.DISPUTE_EXPIRED,
        S.REJECTED_FINAL,
    ],
}
ACTIONS = {
    "View": "view",
    "Comment": "comment",
    "Edit contacts": "edit_contacts",
    "Request consent": "request_consent",
    "Consent response": "answer_consent",
    "Send survey emails": "send_surveys",
    "Complete partner survey": "answer_partner_survey",
    "Complete customer survey": "answer_customer_survey",
    "Add or delete files": "change_files",
    "Download files": "download_files",
    "View survey responses": "read_surveys",
}
CHANGE_STATUS = "Change claim status"
PARTIES = {"Partner": Party.PARTNER, "Microsoft": Party.VENDOR, "Customer": Party.CUSTOMER}
ACTIVITY_TYPES = {
    "Assessments": ["assessment"],
    "Standard timeline": ["standard"],
    "XS, Small Projects": ["xs-project", "small-project"],
    "Medium Projects": ["medium-project"],
    "Large, XL, XXL Projects": ["large-project", "xl-project", "xxl-project"],
}


def cells() -> list[tuple[str, S, set[Party]]]:
    """Every cell of the guide's table of allowed actions, spread over the sixteen statuses."""
    return [
        (column, status, {PARTIES[name] for name in names})
        for label, row in TABLES["allowed_actions"].items()
        for column, names in row.items()
        for status in STATUSES[label]
    ]
