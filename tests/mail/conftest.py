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
    """Answers every mail as it is told to, or hangs up at a word that it was told."""

    def __init__(self) -> None:
        self.says, self.received, self.recipients = "250 OK", [], []
        # What it says to a command instead of "250 OK", and those at which it hangs up, having heard them out.
        self.answers: dict[str, str] = {}
        self.hangs_up_at: set[str] = set()
        self.visits = 0
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())

    def to(self, server, command: str, otherwise: str) -> str:
        if command in self.hangs_up_at:
            server.transport.abort()
        return self.answers.get(command, otherwise)

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.visits += 1
        if "EHLO" in self.answers:
            return [self.answers["EHLO"]]
        session.host_name = hostname
        return responses

    async def handle_HELO(self, server, session, envelope, hostname):
        return self.answers.get("EHLO", "250 OK")

    async def handle_MAIL(self, server, session, envelope, address, options):
        said = self.to(server, "MAIL", "250 OK")
        if said.startswith("250"):
            envelope.mail_from = address
        return said

    async def handle_RCPT(self, server, session, envelope, address, options):
        said = self.answers.get(address) or self.to(server, "RCPT", "250 OK")
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server, session, envelope):
        if self.says.startswith("250"):
            self.received.append(envelope.content)
            self.recipients.append(envelope.rcpt_tos)
        return self.to(server, "DATA", self.says)

    async def handle_NOOP(self, server, session, envelope, arg):
        return self.to(server, "NOOP", "250 OK")

    async def handle_QUIT(self, server, session, envelope):
        return self.to(server, "QUIT", "221 Bye")


@pytest.fixture
def outside_the_demo(settings):
    settings.DEMO = False


@pytest.fixture
def server(settings, outside_the_demo):
    server = Server()
    server.controller.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.controller.port
    settings.EMAIL_TIMEOUT = 5
    yield server
    server.controller.stop()


@pytest.fixture
def message(now):
    outbox.post("claim_approved", to="priya@partner.example", now=now, about=3000001, **FACTS)
    return Message.objects.get()
