from django.urls import path

from .views import door as door_views
from .views import requests

app_name = "consent"
urlpatterns = [
    path("<int:claim>/consent-request/", requests.start, name="start"),
    path("<int:claim>/consent-request/sent/", requests.sent, name="sent"),
    path("<int:claim>/consent-request/<slug:step>/", requests.step, name="request"),
]
# A key may be followed by what a mail program added, slashes included: hence <path:key>.
door = [
    path("consent/process/", door_views.process, name="consent_process"),
    path("consent/answer/<int:link>/", door_views.answer, name="consent_answer"),
    path("consent/answer/<int:link>/thanks/", door_views.thanks, name="consent_thanks"),
    path("consent/<path:key>/", door_views.enter, name="consent"),
]
