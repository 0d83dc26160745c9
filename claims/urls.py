from django.urls import path

from .views import (
    add,
    cancellations,
    columns,
    comments,
    contacts,
    detail,
    disputes,
    documents,
    lists,
    poe_templates,
    saved_views,
    submissions,
)

app_name = "claims"
urlpatterns = [
    path("", lists.show, name="list"),
    path("columns/", columns.edit, name="columns"),
    path("views/", saved_views.index, name="views"),
    path("views/new/", saved_views.create, name="save_view"),
    path("views/<int:view>/", saved_views.edit, name="view"),
    path("views/<int:view>/removal/", saved_views.remove, name="view_removal"),
    path("add/", add.create, name="add"),
    path("add/<uuid:draft>/<slug:step>/", add.step, name="add_step"),
    path("<int:claim>/", detail.show, name="detail"),
    path("<int:claim>/history/", detail.history, name="history"),
    path("<int:claim>/submission/", submissions.create, name="submission"),
    path("<int:claim>/cancellation/", cancellations.edit, name="cancellation"),
    path("<int:claim>/dispute/", disputes.edit, name="dispute"),
    path("<int:claim>/contacts/<slug:side>/", contacts.edit, name="contacts"),
    path("<int:claim>/comments/", comments.create, name="comments"),
    path("<int:claim>/slots/<int:slot>/documents/", documents.create, name="upload"),
    path("<int:claim>/documents/removal/", documents.remove, name="removal"),
    path("<int:claim>/documents/<int:document>/", documents.show, name="document"),
    path("<int:claim>/templates/<int:version>/", poe_templates.show, name="template"),
]
