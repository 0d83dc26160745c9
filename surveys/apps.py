from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SurveysConfig(AppConfig):
    name = "surveys"
    verbose_name = "Surveys"

    def ready(self) -> None:
        from . import defaults  # app ready: the questions' words wait for the languages

        post_migrate.connect(defaults.load, sender=self, dispatch_uid="default questionnaires")
