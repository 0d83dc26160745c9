"""The keys of one-time links, looked for where data rests, while mails wait and when they have left (L02, L07)."""

import os
import subprocess
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import redis

from dev import packages
from dev.environment import Site
from dev.postgres_binaries import choose
from mail.models.links import derive

from . import hurried
from .calling import Caller
from .conftest import said_by
from .post import PostOffice
from .steps import Case
from .test_link_pages import key_of
from .traces import Secrets, everything_in_redis, overheard

ENGAGEMENT = "Threat Protection Envisioning Workshop"
USER, RESET = "user@fridayinc.example", "Set a new password for Partner Center"


@dataclass(frozen=True)
class Searched:
    """The newest keys, those in the mails that came, and every place where somebody could look, at two moments."""

    keys: dict[str, str]
    mailed: set[str]
    while_queued: dict[str, str]
    afterwards: dict[str, str]


def places(site: Site, heard: list[str]) -> dict[str, str]:
    return {
        "dump": dump(site),
        "redis": everything_in_redis(site.env["REDIS_URL"]),
        "redis commands": "\n".join(heard),
        "log of the portal": said_by(site),
        "log of PostgreSQL": (Path(os.environ["DATA_DIR"]).parent / "postgres.log").read_text(
            errors="replace"
        ),
    }


def dump(site: Site) -> str:
    """What a backup holds."""
    program = choose(None).folder / "pg_dump"
    command = [program, "--dbname", site.env["DATABASE_URL"]]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def manage(site: Site, *command: str) -> None:
    subprocess.run(
        [packages.PYTHON, "manage.py", *command],
        cwd=packages.ROOT,
        env=site.env,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def keys(site: Site) -> dict[str, str]:
    """The key of the newest link of each purpose, as only who knows the portal's secret can derive it."""
    with psycopg.connect(site.env["DATABASE_URL"]) as connection:
        minted = connection.execute("SELECT purpose, nonce FROM mail_link ORDER BY id").fetchall()
    return {purpose: derive(site.env["SECRET_KEY"], nonce) for purpose, nonce in minted}


@pytest.fixture(scope="module")
def partner(site: Site) -> Caller:
    caller = Caller(site.address)
    caller.sign_in(USER)
    return caller


@pytest.fixture(scope="module")
def case(partner: Caller) -> Case:
    return hurried.claim(partner, ENGAGEMENT, "southridgevideo.com", "Asked in silence")


@pytest.fixture(scope="module")
def searched(site: Site, post: PostOffice, partner: Caller, case: Case) -> Searched:
    """A customer is asked for consent and somebody forgets a password while no mail may leave; then both leave."""
    with overheard(site.env["REDIS_URL"]) as heard:
        manage(site, "mail_queue", "--stop", "Somebody looks for keys.")
        try:
            hurried.request_consent(partner, case)
            visitor = Caller(site.address)
            hurried.send(visitor, visitor.get("/password-reset/"), email=USER)
            waiting = places(site, heard)
            came = [letter for letter in post.letters if letter.to == case.contact]
        finally:
            manage(site, "mail_queue", "--go")
        links = [hurried.asked_for_consent(post, case), post.letter(USER, RESET).link]
    assert came == []
    return Searched(keys(site), {key_of(link) for link in links}, waiting, places(site, heard))


def found_in(searched_places: dict[str, str], words: Secrets) -> set[str]:
    return {place for place, text in searched_places.items() if words.in_text(text)}


@pytest.mark.parametrize("moment", ["while_queued", "afterwards"])
def test_no_key_rests_anywhere(searched, moment):
    """Not in a backup, in Redis or what is sent to it (in Base64 neither), or in a log (L02, L07)."""
    assert found_in(getattr(searched, moment), Secrets(*searched.keys.values())) == set()


def test_the_keys_that_were_looked_for_are_those_of_the_mails(searched):
    assert {searched.keys["consent"], searched.keys["password_reset"]} == searched.mailed


def test_control_a_key_that_is_planted_in_each_place_is_found(searched, partner, case, site):
    key, client = searched.keys["consent"], redis.Redis.from_url(site.env["REDIS_URL"])
    partner.post(f"/claims/{case.number}/comments/", {"text": f"Is {key} yours?", "form_key": str(uuid4())})
    with site.log("portal").open("a") as log:
        log.write(f"GET /consent/{key}/\n")
    with psycopg.connect(site.env["DATABASE_URL"]) as connection, pytest.raises(psycopg.DataError):
        connection.execute(f"SELECT '{key}'::integer")
    with overheard(site.env["REDIS_URL"]) as heard:
        client.lpush("planted", b64encode(f'[["{key}"], {{}}]'.encode()))
    found = found_in(everywhere := places(site, heard), Secrets(key))
    client.delete("planted")

    assert found == set(everywhere)
