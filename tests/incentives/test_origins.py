"""Which addresses of other servers the settings may name; a wrong one keeps every process from starting."""

import os
import subprocess
import sys

import pytest

from incentives.origins import why_no_origin, why_no_postbox

HTTPS = "It must begin with https://; plain http:// is for 127.0.0.1, ::1 and localhost."
BARE = "Write scheme, host and port only, in lower case: no user, no path, no slash at the end."
PLAIN = "It must begin with imaps://; plain imap:// is for 127.0.0.1, ::1 and localhost."
POSTBOX = "Write imaps://user:password@mail.example/INBOX, or maildir:///var/mail/bounces."
NO_SERVER = "It names no server. Write one like https://login.example."
NO_ADDRESS = "It is not an address. Write one like https://login.example."


@pytest.mark.parametrize(
    "origin",
    [
        "https://login.example",
        "https://login.example:8443",
        "https://xn--mller-kva.example",
        "http://127.0.0.1:8080",
        "http://127.9.9.9",
        "http://[::1]:8080",
        "http://localhost",
    ],
)
def test_https_and_this_machine_are_right(origin):
    assert why_no_origin(origin) == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("http://login.example", HTTPS),
        ("http://10.0.0.1", HTTPS),
        ("http://localhost.example", HTTPS),
        ("ftp://login.example", HTTPS),
        ("//login.example", BARE),
        ("https://login.example/", BARE),
        ("https://login.example/common", BARE),
        ("https://login.example?x", BARE),
        ("https://login.example#x", BARE),
        ("https://user:word@login.example", BARE),
        ("https://login.example:", BARE),
        ("https://Login.example", BARE),
        ("HTTPS://login.example", BARE),
        ("https://login.example\n", BARE),
        ("login.example", NO_SERVER),
        ("https://", NO_SERVER),
        ("https://müller.example", NO_SERVER),
        ("https://a b", NO_SERVER),
        ("https://login.example:99999", NO_ADDRESS),
        ("https://login.example:x", NO_ADDRESS),
        ("https://[::1", NO_ADDRESS),
    ],
)
def test_everything_else_is_told_what_is_wrong(text, reason):
    assert why_no_origin(text) == reason


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("DIRECTORY_AUTHORITY", "http://login.example", HTTPS),
        ("BOUNCES_URL", "imap://user:secret-word@imap.example/INBOX", PLAIN),
        ("DIRECTORY_TIMEOUT", "60", "Must be greater than or equal to 0.1 and less than or equal to 20."),
        ("DIRECTORY_TIMEOUT", "nan", "not permitted"),
    ],
)
def test_a_wrong_setting_keeps_the_portal_from_starting(setting, value, message):
    started = subprocess.run(
        [sys.executable, "-c", "import incentives.settings"],
        env=os.environ | {setting: value},
        capture_output=True,
        text=True,
    )
    assert started.returncode == 1
    last = started.stderr.splitlines()[-1]
    assert f'Environment variable "{setting}" invalid' in last
    assert message in last
    assert "secret-word" not in started.stderr


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("imaps://a%40b:c@imap.example:993/INBOX", ""),
        ("imaps://a:b@imap.example", ""),
        ("imap://a:b@127.0.0.1:1143/INBOX", ""),
        ("maildir:///var/mail/bounces", ""),
        ("maildir://var/mail", "Write a maildir with three slashes: maildir:///var/mail/bounces."),
        ("imap://a:b@imap.example/INBOX", PLAIN),
        ("pop3://a:b@imap.example", POSTBOX),
        ("imaps:///INBOX", POSTBOX),
        ("imap.example", POSTBOX),
        (
            "imaps://a:b@imap.example:x/",
            "It is not an address. Write one like imaps://user:password@mail.example/INBOX.",
        ),
    ],
)
def test_a_mailbox_is_named_by_its_address(text, reason):
    assert why_no_postbox(text) == reason
