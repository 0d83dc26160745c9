"""What people do again and again, by the forms of the running portal and without a browser: the deed, not the walk."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.text import slugify

from incentives.management.walk import sheet

from .calling import Caller, Form, Page
from .post import PostOffice
from .steps import Case


def engagement_code(partner: Caller, engagement: str) -> str:
    listed = partner.get(f"/engagements/?search={engagement.replace(' ', '+')}").text
    return re.findall(rf'href="/engagements/([^/"]+)/"[^>]*>\s*{re.escape(engagement)}\s*<', listed)[0]


def claim(partner: Caller, engagement: str, domain: str, name: str, *, city: str = "Las Vegas") -> Case:
    """Through the wizard's four steps; somebody at the customer is named whom only this claim writes to."""
    code, contact = engagement_code(partner, engagement), f"{slugify(name)}@{domain}"
    page = partner.post("/claims/add/", {"engagement": code})
    if "resumed" in page.address:
        page = partner.post(page.path, {"anew": "1"})
    place = re.findall(rf'<option value="(\d+)"[^>]*>[^<]*{city}', page.text)[0]
    page = send(partner, page, name=name, location=place, id_kind="domain", id_value=domain)
    page = send(partner, page, engagements=code)
    page = send(partner, page, customer_contact_name="Susie Jones", customer_contact_email=contact)
    page = partner.post(page.path, {})
    number = re.findall(r'href="/claims/(\d{7})/"', page.text)[0]
    return Case(number, engagement, contact)


def request_consent(partner: Caller, case: Case) -> Page:
    """The first request, through all its steps."""
    page = send(partner, partner.get(f"/claims/{case.number}/consent-request/"))
    page = send(partner, page, deal_size_usd="5000")
    return partner.post(page.path, {"privacy": "on"})


def asked_for_consent(post: PostOffice, case: Case) -> str:
    """The link in the newest letter that asks this claim's customer."""
    return post.letter(case.contact, f"Action required: Confirm participation in the {case.engagement}").link


def give_consent(customer: Caller, link: str) -> Page:
    return customer.post(customer.get(link).path, {"answer": "yes"})


def complete(partner: Caller, post: PostOffice, case: Case) -> None:
    """Everything the tracker asks for: a document in each slot, both surveys."""
    own = f"/claims/{case.number}"
    for slot in dict.fromkeys(re.findall(rf"{own}/slots/\d+/documents/", partner.get(f"{own}/").text)):
        file = SimpleUploadedFile("report.pdf", sheet("A report"), "application/pdf")
        done(partner.upload(slot, {"files": file, "form_key": str(uuid4())}))
    done(partner.post(f"{own}/surveys/customer/", {}))
    customer, subject = Caller(partner.portal), f"customer survey for the {case.engagement}"
    link = post.letter(case.contact, f"Action required: Complete {subject}").link
    send(customer, customer.get(link))
    send(partner, partner.get(f"{own}/survey/"))


def consented(partner: Caller, post: PostOffice, engagement: str, domain: str, name: str) -> Case:
    """A claim whose customer said yes."""
    case = claim(partner, engagement, domain, name)
    request_consent(partner, case)
    give_consent(Caller(partner.portal), asked_for_consent(post, case))
    return case


def submit(partner: Caller, case: Case) -> None:
    done(partner.post(f"/claims/{case.number}/submission/", {}))


def decide(reviewer: Caller, case: Case, action: str, comment: str = "") -> None:
    page = reviewer.get(f"/desk/claims/claim/{case.number}/change/")
    revision = re.findall(r'name="revision" value="(\d+)"', page.text)[0]
    typed = {"revision": revision, "comment": comment}
    done(reviewer.post(f"/desk/claims/claim/{case.number}/decision/{action}/", typed))


def dispute(partner: Caller, case: Case) -> None:
    done(partner.post(f"/claims/{case.number}/dispute/", {}))


def all_at_once(acts: Sequence[Callable[[], Page]]) -> list[Page]:
    """Everybody waits for the others and then acts."""
    barrier = Barrier(len(acts))

    def act(mine: Callable[[], Page]) -> Page:
        barrier.wait(timeout=60)
        return mine()

    with ThreadPoolExecutor(len(acts)) as people:
        return list(people.map(act, acts))


def send(caller: Caller, page: Page, **typed: str) -> Page:
    """Fill in the form that the page sends to itself; what is not typed stays as the page shows it."""
    return done(caller.post(page.path, form_of(page).fields | typed))


def done(answer: Page) -> Page:
    assert answer.status == 200, (answer.path, answer.status)
    return answer


def form_of(page: Page) -> Form:
    (form,) = [form for form in page.forms() if (form.method, form.action) == ("POST", page.path)]
    return form
