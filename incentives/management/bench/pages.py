"""Asking the portal for pages as its web server does, and taking the time until the last byte is there."""

import time
from collections.abc import Sequence
from io import BytesIO
from statistics import median

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incentives.models import User


class Browser:
    """Somebody who is signed in, in front of the WSGI application itself: no network, nothing of a test client."""

    def __init__(self, user: User) -> None:
        self.application = get_wsgi_application()
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        self.cookie = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"

    def get(self, address: str) -> bytes:
        """The body of a page; raises LookupError for any answer but 200, which would be no page to measure."""
        path, _question, query = address.partition("?")
        answered: list[str] = []
        body = self.application(
            {
                "REQUEST_METHOD": "GET",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "SERVER_NAME": "localhost",
                "SERVER_PORT": "8000",
                "HTTP_HOST": "localhost:8000",
                "HTTP_COOKIE": self.cookie,
                "wsgi.input": BytesIO(),
                "wsgi.url_scheme": "http",
            },
            lambda status, headers, error=None: answered.append(status),  # type: ignore[arg-type]
        )
        try:
            page = b"".join(body)
        finally:
            body.close()
        if not answered[0].startswith("200"):
            raise LookupError(f"{address}: {answered[0]}")
        return page

    def queries(self, address: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            self.get(address)
        return len(seen)


def milliseconds(asked: Sequence[tuple[Browser, str]], *, times: int = 60) -> list[float]:
    """The median time of each page, warm; they take turns, so that whatever else the machine does hits all alike."""
    taken: list[list[float]] = [[] for _ in asked]
    for turn in range(times + 5):
        for (browser, address), list_of in zip(asked, taken, strict=True):
            started = time.perf_counter()
            browser.get(address)
            if turn >= 5:
                list_of.append((time.perf_counter() - started) * 1000)
    return [median(each) for each in taken]
