"""Prints what a production process says of itself: its addresses, and the headers of a page behind HTTPS."""

import json

import django

django.setup()

from django.test import Client  # noqa: E402 (app ready: settings come from the environment of this process)

from tests.doors.routes import routes  # noqa: E402

answer = Client().get("/healthz", secure=True, headers={"Host": "portal.example"})
plain = Client().get("/claims/", headers={"Host": "portal.example"})
print(
    json.dumps(
        {
            "doors": sorted(route.name for route in routes()),
            "secure": dict(answer.headers),
            "plain": [plain.status_code, plain.headers["Location"]],
        }
    )
)
