from django.urls import URLPattern

app_name = "consent"
urlpatterns: list[URLPattern] = []
door: list[URLPattern] = []
