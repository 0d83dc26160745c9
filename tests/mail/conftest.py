"""A letter in the outbox, and a real mail server that answers as it is told."""

import pytest
from aiosmtpd.controller import Controller

from dev.redis import free_port
from mail import outbox
from mail.models import Message

FACTS = {
    "claim_number": 3000001,
    "claim_name": "A claim",
    "engagement": "Enable Frontline Workshop",
    "partner": "FridayINC",
    "customer": "Contoso",
    "claim_url": "https://portal.example/claims/3000001/",
    "deadline": "",
    "payable_usd": "5,000.00",
}


class Server:
    """Answers every mail as it is told to."""

    def __init__(self) -> None:
        self.says, self.received, self.recipients = "250 OK", [], []
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_DATA(self, server, session, envelope):
        if self.says.startswith("250"):
            self.received.append(envelope.content)
            self.recipients.append(envelope.rcpt_tos)
        return self.says


@pytest.fixture
def outside_the_demo(settings):
    settings.DEMO = False


@pytest.fixture
def server(settings, outside_the_demo):
    server = Server()
    server.controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.controller.port
    settings.EMAIL_TIMEOUT = 5
    yield server
    server.controller.stop()


@pytest.fixture
def message(now):
    outbox.post("claim_approved", to="priya@partner.example", now=now, about=3000001, **FACTS)
    return Message.objects.get()
