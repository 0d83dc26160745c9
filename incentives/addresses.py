from django.urls import path

from .views import enrolments, health, overview, payee, sign_in

app_name = "incentives"
urlpatterns = [
    path("", overview.home, name="home"),
    path("incentives/", overview.show, name="overview"),
    path("incentives/programme/", enrolments.programme, name="programme"),
    path("incentives/enrolments/<int:location>/", enrolments.show, name="enrolment"),
    path("incentives/enrolments/<int:location>/acceptance/", enrolments.create, name="enrol"),
    path("incentives/payee/<int:location>/", payee.show, name="payee"),
    path("sign-in/", sign_in.show, name="sign_in"),
    path("sign-out/", sign_in.leave, name="sign_out"),
    path("healthz", health.alive, name="alive"),
    path("readyz", health.ready, name="ready"),
]
