"""The pages below /engagements/ that show claims; incentives.urls puts them before those of the engagements app."""

from django.urls import path

from .views import attention, customers, engagements

urlpatterns = [
    path("", engagements.show, name="list"),
    path("attention/", attention.show, name="attention"),
    path("<slug:engagement>/customers/", customers.show, name="customers"),
]
