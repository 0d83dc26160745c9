"""Which addresses answer people who have not signed in: a short list, and nothing else (A01, I08)."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from .knocking import METHODS, knock, undone
from .routes import Route, routes
from .scene import Scene
from .test_who_gets_in import CARELESS, asks_to_sign_in

pytestmark = pytest.mark.django_db
PUBLIC = {
    "incentives:sign_in",
    "incentives:sign_out",
    "incentives:forgotten",
    "incentives:forgotten_sent",
    "incentives:alive",
    "incentives:ready",
    "door:consent",
    "door:consent_process",
    "door:consent_answer",
    "door:consent_thanks",
    "door:customer_survey",
    "door:partner_survey",
    "door:survey_answer",
    "door:survey_thanks",
    "door:invitation",
    "door:invitation_answer",
    "door:password_reset",
    "door:password_reset_answer",
    "door:reminders",
    "door:reminders_again",
}
OF_THE_DEMO = {"mail:inbox", "mail:read"}


def open_doors(scene: Scene, found: list[Route]) -> set[str]:
    """Every door that does not send somebody without a sign-in to the sign-in page, whatever the method."""
    nobody = scene.browser("nobody")
    return {route.name for route in found for method in METHODS if answers(nobody, method, scene.path(route))}


def answers(nobody, method: str, path: str) -> bool:
    with undone():
        return not asks_to_sign_in(knock(nobody, method, path))


def test_the_public_addresses_are_these_and_no_others(scene):
    assert open_doors(scene, routes()) == PUBLIC | (OF_THE_DEMO if settings.DEMO else set())


@pytest.mark.urls(CARELESS)
def test_control_a_door_that_somebody_left_open_is_found(scene):
    assert "unasked" in open_doors(scene, routes())


def test_an_address_that_does_not_exist_says_so_to_everybody(scene):
    paths = [
        "/nothing/",
        "/.env",
        "/.git/config",
        "/admin/",
        "/media/",
        "/static/",
        "/claims.bak",
        "/server-status",
    ]
    nobody = scene.browser("nobody")
    assert {path: knock(nobody, "GET", path).status_code for path in paths} == dict.fromkeys(paths, 404)


def test_static_files_are_public_and_nothing_beside_them(scene):
    nobody = scene.browser("nobody")
    assert knock(nobody, "GET", "/static/css/app.css").status_code == 200
    for path in (
        "/static/../manage.py",
        "/static/css/../../manage.py",
        "/static//etc/passwd",
        "/static/css/",
    ):
        assert knock(nobody, "GET", path).status_code == 404


@cache
def production(demo: str) -> dict:
    """What a process says of itself that was started as in production, or as in the demo."""
    own = {
        "DEMO": demo,
        "DEBUG": "0",
        "PORTAL_URL": "https://portal.example",
        "ALLOWED_HOSTS": "portal.example",
    }
    env = {**os.environ, **own, "DJANGO_SETTINGS_MODULE": "incentives.settings"}
    command = [sys.executable, "-W", "ignore", "-m", "tests.doors.in_production"]
    done = subprocess.run(
        command, env=env, cwd=Path(settings.BASE_DIR), capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_the_demo_mailbox_exists_in_the_demo_only():
    assert set(production("0")["doors"]) & OF_THE_DEMO == set()
    assert set(production("1")["doors"]) - set(production("0")["doors"]) == OF_THE_DEMO


def test_production_insists_on_https():
    headers = production("0")["secure"]
    assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains; preload"
    assert production("0")["plain"] == [301, "https://portal.example/claims/"]
