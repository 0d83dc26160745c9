"""Every address of the portal. Public are only sign-in, the one-time links, health and static files."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

import claims.engagement_urls
import consent.urls
import engagements.urls
import surveys.urls
from incentives import addresses

urlpatterns = [
    path("", include("incentives.addresses")),
    path(
        "engagements/",
        include((claims.engagement_urls.urlpatterns + engagements.urls.urlpatterns, "engagements")),
    ),
    path("claims/", include("consent.urls")),
    path("claims/", include("surveys.urls")),
    path("claims/", include("claims.urls")),
    path("", include((consent.urls.door + surveys.urls.door + addresses.door, "door"))),
    path("desk/", admin.site.urls),
]
if settings.DEMO:
    urlpatterns.append(path("demo/mailbox/", include("mail.urls")))

handler400 = "incentives.views.errors.bad_request"
handler403 = "incentives.views.errors.forbidden"
handler404 = "incentives.views.errors.not_found"
handler500 = "incentives.views.errors.broken"
