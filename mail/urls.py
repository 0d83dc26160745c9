from django.urls import path

from . import mailbox

app_name = "mail"
urlpatterns = [
    path("", mailbox.inbox, name="inbox"),
    path("<int:pk>/", mailbox.read, name="read"),
]
