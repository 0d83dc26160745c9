"""Twenty clicks on Send at once, from tabs at two web processes: one mail leaves, the rest are told (R05)."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from time import monotonic, sleep

import psycopg
import pytest

from dev.environment import Site

from . import hurried
from .another_web import another_web
from .calling import Caller, Page
from .post import PATIENCE, PostOffice
from .steps import Case
from .test_consent import DAY, last_mail_was

ENGAGEMENT = "Threat Protection Envisioning Workshop"
TABS = 20


@pytest.fixture(scope="module")
def tabs(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Caller]]:
    """Two colleagues, each with half of their tabs at each of two web processes."""
    colleagues = [Caller(site.address) for _ in range(2)]
    for colleague, email in zip(
        colleagues, ("user@fridayinc.example", "admin@fridayinc.example"), strict=True
    ):
        colleague.sign_in(email)
    log = tmp_path_factory.mktemp("second") / "web.log"
    with another_web(site, log, PORTAL_URL="http://localhost:{port}") as second:
        addresses = (site.address, f"http://localhost:{second.port}")
        yield [Caller(addresses[n // 2 % 2], colleagues[n % 2].jar) for n in range(TABS)]


@pytest.fixture(scope="module")
def asked(tabs: list[Caller]) -> Case:
    """A claim whose customer was asked and has not answered."""
    case = hurried.claim(tabs[0], ENGAGEMENT, "relecloud.com", "Twenty tabs")
    hurried.request_consent(tabs[0], case)
    return case


@pytest.fixture(scope="module")
def consented(tabs: list[Caller], site: Site, post: PostOffice) -> Case:
    case = hurried.claim(tabs[0], ENGAGEMENT, "firstupconsultants.com", "Twenty surveys")
    hurried.request_consent(tabs[0], case)
    hurried.give_consent(Caller(site.address), hurried.asked_for_consent(post, case))
    return case


def resent_by_all(tabs: list[Caller], case: Case) -> list[Page]:
    """Each tab shows the review first, and then all press Send for consent."""
    address = f"/claims/{case.number}/consent-request/"
    return hurried.all_at_once([partial(tab.post, tab.get(address).path, {}) for tab in tabs])


def mails(site: Site, post: PostOffice, case: Case, kind: str) -> int:
    """How many of this kind the mail server got for the claim, once there is no more to send."""
    waiting = "SELECT count(*) FROM mail_message WHERE about = %s AND state IN ('queued', 'sending')"
    written = "SELECT message_id FROM mail_message WHERE about = %s AND kind = %s"
    deadline = monotonic() + PATIENCE
    with psycopg.connect(site.env["DATABASE_URL"], autocommit=True) as connection:
        while connection.execute(waiting, [case.number]).fetchone() != (0,):
            assert monotonic() < deadline, "The mails did not leave."
            sleep(0.1)
        ids = {row[0] for row in connection.execute(written, [case.number, kind])}
    return sum(letter.headers["Message-ID"] in ids for letter in post.letters)


def one_sent_and_the_rest_told(pages: list[Page], words: str) -> bool:
    told = [page for page in pages if page.status == 422 and words in page.text]
    return sorted(page.status for page in pages if page not in told) == [200] and len(told) == TABS - 1


def test_twenty_tabs_send_one_more_request(tabs, asked, site, post):
    before = mails(site, post, asked, "consent_request")
    last_mail_was(DAY, site, asked)

    pages = resent_by_all(tabs, asked)

    assert one_sent_and_the_rest_told(pages, "The next one can be sent from")
    assert mails(site, post, asked, "consent_request") == before + 1


@pytest.mark.parametrize("audience", ["customer", "partner"])
def test_twenty_tabs_send_one_survey(tabs, consented, site, post, audience):
    address = f"/claims/{consented.number}/surveys/{audience}/"

    pages = hurried.all_at_once([partial(tab.post, address, {}) for tab in tabs])

    assert one_sent_and_the_rest_told(pages, "It can be sent again from")
    assert mails(site, post, consented, f"{audience}_survey") == 1


def test_control_where_the_cap_does_not_hold_many_are_sent(tabs, asked, site):
    last_mail_was(DAY, site, asked)

    with cap_forgotten(site):
        pages = resent_by_all(tabs, asked)

    assert not one_sent_and_the_rest_told(pages, "The next one can be sent from")
    assert [page.status for page in pages].count(200) > 1


@contextmanager
def cap_forgotten(site: Site) -> Iterator[None]:
    """Whatever is written into the cap, it stays open: each of its updates finds its condition fulfilled."""
    begin = """CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN NEW.open_from := to_timestamp(0); RETURN NEW; END';
        CREATE TRIGGER forget BEFORE INSERT OR UPDATE ON mail_sendcap FOR EACH ROW EXECUTE FUNCTION forget()"""
    with psycopg.connect(site.env["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(begin)
        try:
            yield
        finally:
            connection.execute("DROP FUNCTION forget CASCADE")
