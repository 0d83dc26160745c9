"""The test client as a browser: quick to open, and content to share what all browsers share."""

from typing import Any, ClassVar

from django.http import HttpResponse
from django.test import Client
from django.test.client import ClientHandler


class Browser(Client):
    """Shares the loaded middleware with the others: to load it takes longer than most requests."""

    handlers: ClassVar[dict[bool, ClientHandler]] = {}

    def __init__(self, enforce_csrf_checks: bool = False, **more: Any) -> None:
        super().__init__(enforce_csrf_checks, **more)
        self.handler = self.handlers.setdefault(enforce_csrf_checks, self.handler)


class PlainBrowser(Browser):
    """Keeps of an answer what a browser keeps, and not what every template was told, which takes long to copy."""

    def request(self, **request: Any) -> HttpResponse:
        answer = self.handler(self._base_environ(**request))
        self.cookies.update(answer.cookies)
        return answer
