import logging

import pytest

from mail.redaction import NoLinkKeys

KEY = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("message", "args"),
    [
        (f"Gone: /consent/{KEY}/", ()),
        ("Not Found: %s", (f"/survey/customer/{KEY}/",)),
        ("Forbidden (%s): %s", ("CSRF", f"/consent/{KEY.upper()}/")),
    ],
)
def test_no_log_line_holds_a_key(message, args):
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, message, args, None)
    assert NoLinkKeys().filter(record)
    assert KEY not in record.getMessage().lower()
    assert "[link]" in record.getMessage()


def test_other_lines_stay_as_they_are():
    record = logging.LogRecord("portal", logging.INFO, "", 0, "Claim %s expired", (3000001,), None)
    assert NoLinkKeys().filter(record)
    assert record.getMessage() == "Claim 3000001 expired"
