from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class IncentivesConfig(AppConfig):
    name = "incentives"
    verbose_name = "Partners and people"
    default = True

    def ready(self) -> None:
        from . import celery  # noqa: F401  (app ready: tasks find the configured broker in every process)


class DeskConfig(admin_apps.AdminConfig):
    default_site = "incentives.desk.Desk"
    default = False
