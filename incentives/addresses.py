from django.urls import path

from .views import (
    account,
    audit,
    enrolments,
    health,
    invitations,
    overview,
    passwords,
    payee,
    people,
    reminders,
    sign_in,
)

app_name = "incentives"
urlpatterns = [
    path("", overview.home, name="home"),
    path("incentives/", overview.show, name="overview"),
    path("incentives/programme/", enrolments.programme, name="programme"),
    path("incentives/enrolments/<int:location>/", enrolments.show, name="enrolment"),
    path("incentives/enrolments/<int:location>/acceptance/", enrolments.create, name="enrol"),
    path("incentives/payee/<int:location>/", payee.show, name="payee"),
    path("account/", account.show, name="account"),
    path("account/permissions/", account.permissions, name="permissions"),
    path("account/password/", account.password, name="password"),
    path("account/reminders/", account.reminders, name="reminders"),
    path("account/sign-out-everywhere/", account.sign_out_everywhere, name="sign_out_everywhere"),
    path("account/users/", people.index, name="users"),
    path("account/users/invitation/", people.invite, name="invite"),
    path("account/users/<int:person>/", people.show, name="person"),
    path("account/users/<int:person>/roles/", people.assign, name="assign"),
    path("account/users/<int:person>/roles/removal/", people.unassign, name="unassign"),
    path("account/users/<int:person>/deactivation/", people.deactivate, name="deactivate"),
    path("account/users/<int:person>/activation/", people.activate, name="activate"),
    path("account/users/<int:person>/invitation/", people.invite_again, name="invite_again"),
    path("account/audit/", audit.index, name="audit"),
    path("sign-in/", sign_in.show, name="sign_in"),
    path("sign-out/", sign_in.leave, name="sign_out"),
    path("password-reset/", passwords.ask, name="forgotten"),
    path("password-reset/sent/", passwords.sent, name="forgotten_sent"),
    path("healthz", health.alive, name="alive"),
    path("readyz", health.ready, name="ready"),
]
# A key may be followed by what a mail program added, slashes included: hence <path:key>.
door = [
    path("invitation/answer/<int:link>/", invitations.answer, name="invitation_answer"),
    path("invitation/<path:key>/", invitations.enter, name="invitation"),
    path("password-reset/answer/<int:link>/", passwords.answer, name="password_reset_answer"),
    path("reminders/<int:message>/again/<path:key>/", reminders.resume, name="reminders_again"),
    path("reminders/<int:message>/<path:key>/", reminders.stop, name="reminders"),
    path("password-reset/<path:key>/", passwords.enter, name="password_reset"),
]
