import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "incentives.settings")
os.environ.setdefault("DATABASE_PATIENCE", "8")
application = get_wsgi_application()
