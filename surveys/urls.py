from django.urls import path

from mail.models import Link

from .views import door as door_views
from .views import invitations, partner

app_name = "surveys"
urlpatterns = [
    path("<int:claim>/surveys/<slug:audience>/", invitations.create, name="send"),
    path("<int:claim>/survey/", partner.answer, name="answer"),
]
CUSTOMER, PARTNER = Link.Purpose.CUSTOMER_SURVEY, Link.Purpose.PARTNER_SURVEY
# A key may be followed by what a mail program added, slashes included: hence <path:key>.
door = [
    path("survey/answer/<int:link>/", door_views.answer, name="survey_answer"),
    path("survey/answer/<int:link>/thanks/", door_views.thanks, name="survey_thanks"),
    path("survey/customer/<path:key>/", door_views.enter, {"purpose": CUSTOMER.value}, name=CUSTOMER.value),
    path("survey/partner/<path:key>/", door_views.enter, {"purpose": PARTNER.value}, name=PARTNER.value),
]
