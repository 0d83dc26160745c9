"""The pages of one kind of catalogue record: read by staff, edited by the programme owner, never deleted (ROLE-6)."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from incentives.desk import DeskPage, desk_answer
from incentives.effects import Effect
from incentives.pages import page_of
from incentives.requests import SignedInRequest
from mail import clock

from .. import changes
from ..changes import Deed
from ..effects import rehearse
from ..export import line, values_of
from ..models import Engagement
from ..recordfile import FileRefused
from .differences import differences, facts
from .forms import FORMS
from .history import history
from .record_form import RecordForm, Values, part_of

NEWEST = 5
RIGHT = "engagements.change_catalogue"
FORM = ("GET", "HEAD", "POST")


class CataloguePage(DeskPage):
    """A list; a form for the programme owner, with a question before saving; record and history for all staff."""

    kind = ""
    one: str | Promise = ""
    change_list_template = "engagements/desk/list.html"

    def get_urls(self) -> list[URLPattern]:
        """Only these doors: what stands in the catalogue is closed, never deleted."""
        view, name = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("", view(self.changelist_view), name=f"{name}_changelist"),
            path("add/", view(self.add_page), name=f"{name}_add"),
            path("<str:object_id>/change/", view(self.change_page), name=f"{name}_change"),
            path("<str:object_id>/history/", view(self.history_page), name=f"{name}_history"),
        ]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(RIGHT)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(RIGHT)

    def told(self, engagements: list[Engagement], changed: set[str]) -> Iterable[Effect]:
        """What rooms above know of engagements that a change touches."""
        return ()

    def start(self, request: HttpRequest) -> dict[str, Any]:
        """What the form for a new record begins with."""
        return {}

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        add = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_add")
        extra = {"add": add if self.has_add_permission(request) else "", "one": self.one}
        return super().changelist_view(request, extra | (extra_context or {}))

    def add_page(self, request: SignedInRequest) -> HttpResponse:
        return new(request, self)

    def change_page(self, request: SignedInRequest, object_id: str) -> HttpResponse:
        return show(request, self, object_id)

    def history_page(self, request: SignedInRequest, object_id: str) -> HttpResponse:
        return past(request, self, object_id)

    def find(self, object_id: str) -> Any:
        try:
            return self.model._default_manager.get(pk=unquote(object_id))
        except (self.model.DoesNotExist, ValueError) as error:
            raise Http404 from error

    def address_of(self, row: Any, what: str = "change") -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{what}", args=[quote(row.pk)])

    def related(self, row: Any) -> list[tuple[Any, str]]:
        """Other lists about this row: their words and addresses."""
        return []

    def render(
        self, request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        facts = {"list": self, "one": self.one} | context
        return desk_answer(request, f"engagements/desk/{template}.html", facts, status=status)


@never_cache
@require_http_methods(FORM)
def new(request: SignedInRequest, page: CataloguePage) -> HttpResponse:
    if not page.has_add_permission(request):
        raise PermissionDenied
    if request.method == "POST":
        return judged(request, page, None)
    form = FORMS[page.kind]()
    form.initial |= page.start(request)
    return filled(request, page, None, form)


@never_cache
@require_http_methods(FORM)
def show(request: SignedInRequest, page: CataloguePage, object_id: str) -> HttpResponse:
    if not page.has_view_permission(request):
        raise PermissionDenied
    may = page.has_change_permission(request)
    if request.method == "POST" and not may:
        raise PermissionDenied
    if request.method == "POST":
        return judged(request, page, object_id)
    row = page.find(object_id)
    form = FORMS[page.kind](stored=values_of(page.kind, row))
    return filled(request, page, row, form) if may else read(request, page, row, form)


@never_cache
@require_safe
def past(request: SignedInRequest, page: CataloguePage, object_id: str) -> HttpResponse:
    if not page.has_view_permission(request):
        raise PermissionDenied
    row = page.find(object_id)
    found = page_of(history(page.kind, row), request.GET.get("page"))
    context = {
        "row": row,
        "page": found,
        "query": request.GET,
        "title": _("History of %(row)s") % {"row": row},
    }
    return page.render(request, "history", context | {"address": page.address_of(row)})


@transaction.atomic
def judged(request: SignedInRequest, page: CataloguePage, object_id: str | None) -> HttpResponse:
    """What comes of a sent form. Nobody else changes the catalogue until the answer is made."""
    changes.alone()
    row = page.find(object_id) if object_id is not None else None
    form = FORMS[page.kind](request.POST, stored=values_of(page.kind, row) if row else None)
    if not form.is_valid():
        return filled(request, page, row, form, status=422)
    if "edit" in request.POST:
        return filled(request, page, row, form)
    before = form.before()
    if before and line(page.kind, before) == line(page.kind, form.values):
        return unchanged(request, page, row)
    if before and row is None and page.kind != "private_list":
        form.complain(
            next(iter(form.fields)), _("This stands in the catalogue already. Open it to change it.")
        )
        return filled(request, page, row, form, status=422)
    if stale(request, page, row, before):
        return overtaken(request, page, row, form)
    return save(request, page, form) if "confirmed" in request.POST else ask(request, page, row, form, before)


def unchanged(request: SignedInRequest, page: CataloguePage, row: Any) -> HttpResponse:
    """Also the answer to a confirmed form that is sent twice: what it asks for is there."""
    if "confirmed" in request.POST:
        messages.success(request, _("The change is saved."))
    else:
        messages.info(request, _("Nothing is different, so nothing was saved."))
    return redirect(page.address_of(row) if row else page.address)


def version(kind: str, values: Values | None) -> str:
    """Tells one state of a record from another; what a form was filled in upon."""
    return sha256(line(kind, values).encode()).hexdigest()[:16] if values else "new"


def stale(request: SignedInRequest, page: CataloguePage, row: Any, before: Values | None) -> bool:
    """Whether the record is another one than the page showed; what is new is compared from the question on."""
    seen = request.POST.get("seen", "")
    asked_before = row is not None or "confirmed" in request.POST
    return asked_before and seen != version(page.kind, before)


def overtaken(request: SignedInRequest, page: CataloguePage, row: Any, form: RecordForm) -> HttpResponse:
    words = _(
        "Somebody else changed this meanwhile, so nothing was saved. Your entries are below. "
        "Review your change again: it is compared with what stands there now."
    )
    messages.error(request, words)
    return filled(request, page, row, form, status=409)


def save(request: SignedInRequest, page: CataloguePage, form: RecordForm) -> HttpResponse:
    changes.apply(form.change, by=request.user, deed=Deed.DESK, now=clock.now())
    messages.success(request, _("The change is saved."))
    return redirect(saved_at(page, form))


def saved_at(page: CataloguePage, form: RecordForm) -> str:
    """Where the saved record is shown."""
    if page.kind == "private_list":
        return f"{page.address}?engagement={form.values['engagement']}"
    keys = {name: form.values[name] for name in ("code",) if name in form.values}
    if "engagement" in form.values:
        keys["engagement__code"] = form.values["engagement"]
    if page.kind == "rate_card":
        keys["starts_on"] = form.values["from"]
    return page.address_of(page.model._default_manager.get(**keys))


def ask(
    request: SignedInRequest, page: CataloguePage, row: Any, form: RecordForm, before: Values | None
) -> HttpResponse:
    """The question before saving: old and new, field by field, and what the change touches."""
    found = differences(before, form.values, form)
    changed = names_of(before, form)
    try:
        rehearsal = rehearse(
            form.change,
            by=request.user,
            told=lambda touched: page.told(touched, changed),
            now=clock.now(),
        )
    except FileRefused as refusal:
        form.complain_of(refusal.problems)
        return filled(request, page, row, form, status=422)
    context = {
        "row": row,
        "title": _("What would this change affect?"),
        "differences": found,
        "effects": rehearsal.effects,
        "typed": typed(request, form),
        "seen": version(page.kind, before),
    }
    return page.render(request, "question", context)


def names_of(before: Values | None, form: RecordForm) -> set[str]:
    """The fields of the form whose values differ."""
    return {name for name in form.fields if before and part_of(before, name) != part_of(form.values, name)}


def typed(request: HttpRequest, form: RecordForm) -> list[tuple[str, str]]:
    """What was typed into this form's own fields, to be carried along."""
    return [(name, value) for name in form.fields for value in request.POST.getlist(name)]


def filled(
    request: SignedInRequest, page: CataloguePage, row: Any, form: RecordForm, status: int = 200
) -> HttpResponse:
    title = str(row) if row else page.one
    before = form.stored
    context: dict[str, Any] = {
        "row": row,
        "form": form,
        "title": title,
        "seen": version(page.kind, before),
        "related": page.related(row) if row else [],
        "now": clock.now(),
    }
    if row:
        context |= {"events": history(page.kind, row)[:NEWEST], "past": page.address_of(row, "history")}
    return page.render(request, "form", context, status)


def read(request: SignedInRequest, page: CataloguePage, row: Any, form: RecordForm) -> HttpResponse:
    """The record for those who read only."""
    context = {
        "row": row,
        "title": str(row),
        "cards": facts(values_of(page.kind, row), form),
        "related": page.related(row),
        "events": history(page.kind, row)[:NEWEST],
        "past": page.address_of(row, "history"),
    }
    return page.render(request, "record", context)
