"""Everything that differs between a laptop, a test run and production, read from the environment (see .env.example)."""

from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from cryptography.fernet import Fernet
from csp.constants import NONE, SELF
from environs import Env, validate
from pghistory import ContextJSONField, DeleteEvent, InsertEvent, UpdateEvent

from . import impatience
from .origins import check_origin, check_postbox, check_support

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.path("DATA_DIR", BASE_DIR / "var")

SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
# Seal bank and tax numbers: the first seals, each of them opens (docs/operations.md). Without one nothing starts.
PAYEE_KEYS: list[Fernet] = env.list("PAYEE_KEYS", subcast=Fernet, validate=validate.Length(min=1))
DEBUG = env.bool("DEBUG", False)
DEMO = env.bool("DEMO", False)

# The one address that mails and links are built from; never the Host header of a request.
PORTAL_URL = env.str("PORTAL_URL", "http://localhost:8000").rstrip("/")
HTTPS = PORTAL_URL.startswith("https://")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", [urlsplit(PORTAL_URL).hostname, "localhost", "127.0.0.1"])
CSRF_TRUSTED_ORIGINS = [PORTAL_URL]

PORTAL_NAME = env.str("PORTAL_NAME", "Partner Center")
VENDOR_NAME = env.str("VENDOR_NAME", "Microsoft")
# Where support is reached: an e-mail address or a page. Without it pages name support, and no way to it.
SUPPORT_ADDRESS = env.str("SUPPORT_ADDRESS", "", validate=check_support)

# --- the portal's apps, lowest floor last (README, "The rooms") ---
INSTALLED_APPS = [
    "reviews",
    "surveys",
    "consent",
    "claims",
    "engagements",
    "incentives",
    "mail",
    "incentives.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "django_htmx",
    "django_filters",
    "csp",
    "pgtrigger",
    "pghistory",
]

MIDDLEWARE = [
    # Before the redirect to HTTPS, which carries the policy too.
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "incentives.doorkeeping.KeptByNobodyMiddleware",
    "incentives.doorkeeping.PlainRequestMiddleware",
    "incentives.doorkeeping.WholeFormMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "incentives.urls"
WSGI_APPLICATION = "incentives.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "incentives.branding.portal",
            ],
            "builtins": ["incentives.templatetags.portal"],
        },
    }
]

# --- data ---
DATABASES = {"default": dj_database_url.config(default="postgresql:///portal")}
DATABASES["default"]["CONN_MAX_AGE"] = 0
# What was cut off while nobody used it is noticed before a request stands on it.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"].setdefault("OPTIONS", {}).update(
    {
        # A request never waits long for a database that does not answer.
        "pool": env.int("DATABASE_POOL", 12)
        and {
            "min_size": 1,
            "max_size": env.int("DATABASE_POOL", 12),
            "timeout": 8,
            # Whoever asks after that begins a new attempt, instead of waiting for one that was put off for a minute.
            "reconnect_timeout": 4,
            "connection_class": impatience.ImpatientConnection,
        },
        "connect_timeout": 5,
        "tcp_user_timeout": 8000,
        "options": "-c statement_timeout=30000 -c lock_timeout=8000 -c timezone=UTC",
    }
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.str("REDIS_URL", "")
CACHES = {
    "default": {
        "BACKEND": f"django.core.cache.backends.{'redis.RedisCache' if REDIS_URL else 'locmem.LocMemCache'}",
        "LOCATION": REDIS_URL or "portal",
        **({"OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}} if REDIS_URL else {}),
    }
}

# --- the catalogue's history: each event keeps who changed what and on which occasion, and is never rewritten ---
PGHISTORY_DEFAULT_TRACKERS = (InsertEvent(), UpdateEvent(), DeleteEvent())
PGHISTORY_APPEND_ONLY = True
PGHISTORY_CONTEXT_FIELD = ContextJSONField()

# --- people ---
AUTH_USER_MODEL = "incentives.User"
AUTHENTICATION_BACKENDS = ["incentives.staff.PortalBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "full_name"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "incentives:sign_in"
LOGIN_REDIRECT_URL = "incentives:overview"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "incentives.views.errors.csrf_failure"

# --- what every answer carries ---
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
# «no-referrer» would make Chromium send «Origin: null» and fail every CSRF check (reliability.md section 2).
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
# Else the Host header of a plain request would be asked where to, and a foreign one refused without any header below.
SECURE_SSL_HOST = urlsplit(PORTAL_URL).netloc
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 63072000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", False) else None

# --- files ---
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_FINDERS = [
    "incentives.stylesheets.StylesheetFinder",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": MEDIA_ROOT, "base_url": None, "file_permissions_mode": 0o600},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_MB", 25) * 1024 * 1024
UPLOAD_MAX_FILES = 20
# A list of a million customers has some 50 MB; it is read in the background, a piece at a time (ENG-8).
LIST_UPLOAD_MAX_BYTES = env.int("LIST_UPLOAD_MAX_MB", 200) * 1024 * 1024
MALWARE_SCANNER = env.str("MALWARE_SCANNER", "demo")
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = UPLOAD_MAX_FILES

# --- words ---
LANGUAGE_CODE = "en"
# Partners and staff read English for now; customers choose on their own pages (mail/languages.py).
LANGUAGES = [("en", "English"), ("fr", "Français"), ("ja", "日本語")]
LANGUAGE_COOKIE_NAME = "__Host-language" if HTTPS else "language"
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True

# --- mail: without EMAIL_URL every message is kept and can be read in the demo mailbox ---
EMAIL_URL = env.str("EMAIL_URL", "")
_smtp = env.dj_email_url("EMAIL_URL", "smtp://localhost:25")
EMAIL_HOST, EMAIL_PORT = _smtp["EMAIL_HOST"], _smtp["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _smtp["EMAIL_HOST_USER"], _smtp["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _smtp["EMAIL_USE_TLS"], _smtp["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 30
# Mails to one domain in a minute, those of its first minute at once; 0 sets no limit.
MAILS_PER_MINUTE_AND_DOMAIN = env.int("MAILS_PER_MINUTE_AND_DOMAIN", 1800)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "microsoft-noreply@microsoft.example")

# The mailbox in which mails that come back arrive; without one nobody is told that they did.
BOUNCES_URL = env.str("BOUNCES_URL", "", validate=check_postbox)

# --- background work: what runs when, each a sweep over the database that may run late, twice or beside itself ---
CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost"
CELERY_BROKER_TRANSPORT = "" if REDIS_URL else "mail.file_queue:Transport"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"socket_timeout": 1, "socket_connect_timeout": 1, "visibility_timeout": 120}
    # A page asks once, and a sweep does what the queue did not hear of; a worker waits until the queue is back.
    | ({"max_retries": 0} if impatience.PATIENCE else {})
    if REDIS_URL
    else {
        "data_folder_in": str(DATA_DIR / "broker"),
        "data_folder_out": str(DATA_DIR / "broker"),
        "control_folder": str(DATA_DIR / "broker-control"),
        "polling_interval": 0.1,
    }
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "incentives.clockwork:Timetable"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "expire claims whose deadline has passed": {"task": "claims.tasks.expire_claims", "schedule": 300.0},
    "remind people of deadlines that come near": {"task": "claims.tasks.send_reminders", "schedule": 900.0},
    "remind people once a day who chose it so": {"task": "claims.tasks.send_digests", "schedule": 900.0},
    "send requests for consent that were queued": {"task": "consent.tasks.release_queued", "schedule": 60.0},
    "send surveys that were queued": {"task": "surveys.tasks.release_queued", "schedule": 60.0},
    "forget answers about domains that hold no more": {
        "task": "claims.tasks.forget_answers",
        "schedule": 3600.0,
    },
    "deliver mail that is due or was left behind": {"task": "mail.tasks.deliver_due", "schedule": 30.0},
    "read which mails came back": {"task": "mail.tasks.read_bounces", "schedule": 180.0},
    "validate enrollments and invite locations": {
        "task": "incentives.tasks.validate_enrolments",
        "schedule": 300.0,
    },
    "send links to people who forgot their password": {
        "task": "incentives.tasks.answer_reset_requests",
        "schedule": 30.0,
    },
    "read customer lists that wait or were left behind": {
        "task": "engagements.tasks.tend_list_uploads",
        "schedule": 30.0,
    },
    "remove files of customer lists that a crash left behind": {
        "task": "engagements.tasks.remove_left_over_lists",
        "schedule": 3600.0,
    },
    "make exports that wait or were left behind": {"task": "claims.tasks.tend_exports", "schedule": 30.0},
    "take back files of exports whose time is over": {
        "task": "claims.tasks.clear_exports",
        "schedule": 900.0,
    },
    "go on with sheets of claims that wait or were left behind": {
        "task": "claims.tasks.tend_sheets",
        "schedule": 30.0,
    },
    "forget sheets of claims whose time is over": {"task": "claims.tasks.clear_sheets", "schedule": 3600.0},
    "evaluate eligibility, once a day": {"task": "engagements.tasks.evaluate_eligibility", "schedule": 300.0},
    "show that the clockwork is alive": {"task": "incentives.tasks.tick", "schedule": 20.0},
}
# Days before a deadline on which partner contact, creator and (for consent) the customer are reminded (DL-5).
REMINDER_DAYS = env.list("REMINDER_DAYS", [14, 7, 3, 1], subcast=int)
# From which hour on, in UTC, the one mail of a day leaves to people who chose it instead of single reminders.
REMINDER_DIGEST_HOUR = env.int("REMINDER_DIGEST_HOUR", 6, validate=validate.Range(min=0, max=23))

# --- claims ---
# How long the file of a long export is kept for the person who asked for it (CLM-2).
EXPORT_HOURS = env.int("EXPORT_HOURS", 24)
# A sheet from which claims are created is read while its person waits (BEY-4).
CLAIM_SHEET_MAX_BYTES = env.int("CLAIM_SHEET_MAX_MB", 5) * 1024 * 1024

# --- engagements ---
# What keeps the verdicts on a location right when its standing changes (incentives/standing.py).
STANDING_CHANGED = "engagements.verdicts.judge_locations"
# From how many days before its end on an engagement is told under Attention required (ENG-3).
CLOSING_DAYS = env.int("CLOSING_DAYS", 30)

# --- claims ---
# Who is asked for the tenant of a domain, by OpenID discovery; without one the database alone answers (WIZ-3).
DIRECTORY_AUTHORITY = env.str("DIRECTORY_AUTHORITY", "", validate=check_origin)
# Seconds that one question may take in all: a request waits no longer.
DIRECTORY_TIMEOUT = env.float("DIRECTORY_TIMEOUT", 4.0, validate=validate.Range(min=0.1, max=20))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no_link_keys": {"()": "mail.redaction.NoLinkKeys"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "filters": ["no_link_keys"], "formatter": "line"}
    },
    "root": {"handlers": ["stderr"], "level": "INFO" if not DEMO else "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO" if not DEMO else "WARNING"},
        # Below INFO they write out all that a page was made of, and every value that a query carries (A10).
        "django.template": {"level": "INFO"},
        "django.db.backends": {"level": "INFO"},
    },
}
