"""What proves a customer's answer: what was asked, in which words, by which link; what came back, from where (L18)."""

from typing import Any

from .models import ConsentAnswer


def evidence(given: ConsentAnswer) -> dict[str, Any]:
    """Every fact that is kept of an answer, with the names that it is about; instants in UTC."""
    claim, link = given.claim, given.link
    return {
        "claim": claim.pk,
        "engagement": claim.engagement.name,
        "partner": claim.location.name,
        "partner_number": claim.location.partner_number,
        "customer": claim.customer.organization.name,
        "customer_id": claim.customer.value,
        "contact": claim.customer_contact_name,
        "answer": given.answer,
        "decline_reason": given.decline_reason,
        "decline_text": given.decline_text,
        "answered_at": given.at,
        "text_version": given.text_version,
        "text_shown": given.text_shown,
        "link": link.pk,
        "link_sent_to": link.address,
        "link_made_at": link.created_at,
        "ip_address": given.place,
        "browser": given.browser,
    }
