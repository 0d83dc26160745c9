"""The addresses of an engagement's eligible customers, below the engagement's own page at the desk."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path

from . import views

AT = "<int:engagement_id>/customers/"
NAME = "engagements_engagement_customers"


def desk_urls(guarded: Callable[[Any], Any]) -> list[URLPattern]:
    """Each address behind the desk's own guard."""
    return [
        path(AT, guarded(views.show), name=NAME),
        path(f"{AT}list.csv", guarded(views.download), name=f"{NAME}_download"),
        path(f"{AT}template.csv", guarded(views.template), name=f"{NAME}_template"),
        path(f"{AT}uploads/new/", guarded(views.upload), name=f"{NAME}_upload"),
        path(f"{AT}uploads/<int:upload>/", guarded(views.progress), name=f"{NAME}_progress"),
        path(f"{AT}uploads/<int:upload>/cancellation/", guarded(views.cancel), name=f"{NAME}_cancellation"),
        path(f"{AT}uploads/<int:upload>/bad-rows.csv", guarded(views.bad_rows), name=f"{NAME}_bad_rows"),
    ]
