"""Sealing: account and tax numbers are stored encrypted, under keys that only the environment holds (ROLE-5).

No page opens a seal. It is opened to see whether the same details are saved again, to seal anew under a newer key,
and by whoever pays out.
"""

import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.views.decorators.debug import sensitive_variables


class Unreadable(Exception):
    """No key of the environment opens this seal, or it was made for something else."""


@sensitive_variables()
def seal(numbers: dict[str, str], *, of: str) -> str:
    """Encrypt under the first key; `of` says whose numbers these are, so that nobody can pass them off as another's."""
    text = json.dumps({"of": of, "numbers": numbers}, separators=(",", ":"))
    return keys().encrypt(text.encode()).decode()


@sensitive_variables()
def unseal(sealed: str, *, of: str) -> dict[str, str]:
    """The numbers as they were typed; raises Unreadable."""
    try:
        content = json.loads(keys().decrypt(sealed))
    except InvalidToken as error:
        raise Unreadable from error
    if content["of"] != of:
        raise Unreadable
    return content["numbers"]


def seal_anew(sealed: str) -> str:
    """The same under the first key; raises Unreadable."""
    try:
        return keys().rotate(sealed).decode()
    except InvalidToken as error:
        raise Unreadable from error


def is_newest(sealed: str) -> bool:
    """Whether the first key opens this seal, so that it needs none of the others."""
    try:
        newest().decrypt(sealed)
    except InvalidToken:
        return False
    return True


def is_readable(sealed: str) -> bool:
    """Whether any key of the environment opens this seal."""
    try:
        keys().decrypt(sealed)
    except InvalidToken:
        return False
    return True


def keys() -> MultiFernet:
    return MultiFernet(settings.PAYEE_KEYS)


def newest() -> Fernet:
    return settings.PAYEE_KEYS[0]
