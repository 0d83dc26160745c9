from django.urls import path

from .views import eligibility, summary

app_name = "engagements"
urlpatterns = [
    path("<slug:engagement>/", summary.show, name="summary"),
    path("<slug:engagement>/eligibility/", eligibility.show, name="eligibility"),
]
