from django.urls import path

from .views import eligibility, materials, summary

app_name = "engagements"
urlpatterns = [
    path("<slug:engagement>/", summary.show, name="summary"),
    path("<slug:engagement>/eligibility/", eligibility.show, name="eligibility"),
    path("<slug:engagement>/materials/<int:version>/", materials.show, name="material"),
]
