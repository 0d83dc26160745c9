"""Addresses as mail servers know them; a domain beyond ASCII is written as registries write it today."""

import idna


def on_the_wire(address: str) -> str:
    """The address to hand over; raises ValueError for one that no mail can reach.

    The standard library would write “straße” as “strasse”, which is another company's domain.
    """
    name, _at, domain = address.rpartition("@")
    if not name.isascii():
        raise ValueError("The part before the @ has letters that not every mail server takes.")
    return f"{name}@{domain if domain.isascii() else idna.encode(domain, uts46=True, transitional=False).decode()}"
