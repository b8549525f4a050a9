"""Django's settings, all from the environment.

Two modes: `embedded` (the default) runs everything in one process against the simulator on loopback;
`production` has no defaults for secrets and addresses and turns every transport protection on.
.env.example documents each variable; a `.env` file beside manage.py is read if there is one.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF

from relmail.environment import AWS_NAME, CURRENCY, HOST, QUEUE, REGION, TOPIC, BadSetting, Environment, sqlite_url

BASE_DIR = Path(__file__).resolve().parent.parent
if not os.environ.get("RELMAIL_IGNORE_DOTENV"):
    environ.Env.read_env(BASE_DIR / ".env")
env = Environment(os.environ)

MODE = env.choice("RELMAIL_MODE", "embedded", ("embedded", "production"))
PRODUCTION = MODE == "production"


def _required(name: str) -> str:
    """The value of a variable that production cannot do without."""
    value = env.text(name)
    if PRODUCTION and not value:
        raise BadSetting(f"{name} must be set when RELMAIL_MODE is production.")
    return value


# --- addresses -----------------------------------------------------------------------------------------------------
PORT = env.whole("PORT", 8025, minimum=1, maximum=65535)
SIMULATOR_PORT = env.whole("SIMULATOR_PORT", 8026, minimum=1, maximum=65535)
_SIMULATOR = "" if PRODUCTION else f"http://127.0.0.1:{SIMULATOR_PORT}"
_required("PUBLIC_URL")
PUBLIC_URL = env.address("PUBLIC_URL", "" if PRODUCTION else f"http://127.0.0.1:{PORT}")
if PRODUCTION and not PUBLIC_URL.startswith("https://"):
    raise BadSetting("PUBLIC_URL must start with https:// in production: RFC 8058 asks for it in List-Unsubscribe.")
_required("ALLOWED_HOSTS")
ALLOWED_HOSTS = env.texts(
    "ALLOWED_HOSTS",
    () if PRODUCTION else ("127.0.0.1", "localhost", "[::1]"),
    like=HOST,
    wanted="names of hosts without scheme and port",
)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PRODUCTION else []


# --- secrets -------------------------------------------------------------------------------------------------------
def _embedded_secret() -> str:
    """A key of this installation alone, kept beside its database so that links stay valid after a restart."""
    path = BASE_DIR / "var" / "secret_key"
    path.parent.mkdir(exist_ok=True)
    try:
        with path.open("x") as file:
            file.write(hashlib.sha256(os.urandom(64)).hexdigest())
        path.chmod(0o600)
    except FileExistsError:
        pass
    return path.read_text()


SECRET_KEY = _required("SECRET_KEY") or _embedded_secret()
if len(SECRET_KEY) < 50:
    raise BadSetting("SECRET_KEY must have at least 50 characters.")
SECRET_KEY_FALLBACKS = env.texts("SECRET_KEY_FALLBACKS")  # older keys: unsubscribe links in sent mail stay valid

DEBUG = env.flag("DEBUG", False)
if PRODUCTION and DEBUG:
    raise BadSetting("DEBUG must be false when RELMAIL_MODE is production.")

# --- applications --------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "relmail.apps.RelmailConfig",
    "releases.apps.ReleasesConfig",
    "templates.apps.TemplatesConfig",
    "campaigns.apps.CampaignsConfig",
    "analytics.apps.AnalyticsConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "django_celery_beat",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "relmail.middleware.without_nul",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "relmail.urls"
WSGI_APPLICATION = "relmail.wsgi.application"

_loaders: list[Any] = [
    "template_partials.loader.Loader",
    (
        "django.template.loaders.cached.Loader",
        ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"],
    ),
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates" / "html"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "relmail.context.desk",
            ],
            "loaders": [("template_partials.loader.Loader", _loaders[1:])],
            "builtins": ["template_partials.templatetags.partials"],
        },
    },
]

# --- database ------------------------------------------------------------------------------------------------------
_database = env.database("DATABASE_URL", sqlite_url(BASE_DIR / "var" / "relmail.sqlite3"))
if _database["ENGINE"].endswith("sqlite3"):
    try:
        Path(str(_database["NAME"])).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(f"DATABASE_URL: the folder of the file cannot be made: {error.strerror}.") from error
    _database["OPTIONS"] = {
        # IMMEDIATE takes the write lock when a transaction starts: two writers wait instead of failing half-way.
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=134217728;",
    }
    # Tests run their threads and processes against a file, as production does; the process id keeps two runs apart.
    _database["TEST"] = {"NAME": str(BASE_DIR / "var" / f"test-{os.getpid()}.sqlite3")}
else:
    _database.setdefault("CONN_MAX_AGE", 60)
    _database["CONN_HEALTH_CHECKS"] = True
    _database["TEST"] = {"NAME": f"test_relmail_{os.getpid()}"}
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Celery: wake-ups only; the database says what is due -----------------------------------------------------------
CELERY_BROKER_URL = env.broker("CELERY_BROKER_URL", "memory://localhost//")
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {}
if CELERY_BROKER_URL.startswith("memory"):
    # kombu's memory transport looks once a second unless it is told otherwise.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"polling_interval": 0.05}
elif CELERY_BROKER_URL.startswith("redis"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
elif CELERY_BROKER_URL.startswith("sqs"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "region": env.text("AWS_REGION", "" if PRODUCTION else "eu-central-1"),
        # Longer than the longest task, or SQS hands it to a second worker: harmless, but of no use.
        "visibility_timeout": 600,
        # A long poll has to end before kombu's own time-out of a request, which is 20 seconds.
        "wait_time_seconds": 10,
        # A host in the URL is an endpoint of its own, such as one in a VPC; plain HTTP on this machine alone.
        "is_secure": urlsplit(CELERY_BROKER_URL).hostname not in ("127.0.0.1", "::1", "localhost"),
    }
    # SQS knows no fan-out: remote control would make one more queue for each worker that ever lived.
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
    CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TASK_DEFAULT_QUEUE = env.word(
    "CELERY_QUEUE", "relmail", like=QUEUE, wanted="at most 80 letters, digits, -, _ and ."
)
# Wake-ups are worthless once the next tick has come, so they leave the queue by themselves: however many a busy fleet
# leaves there, ticks, webhooks and events wait for a free worker only, never behind wake-ups of an earlier tick.
WAKE_UP_EXPIRES = 10

# --- Jira ----------------------------------------------------------------------------------------------------------
JIRA_URL = env.address("JIRA_URL", f"{_SIMULATOR}/jira" if _SIMULATOR else "")
JIRA_USER = env.text("JIRA_USER", "" if PRODUCTION else "relmail@demo.example")
JIRA_TOKEN = env.text("JIRA_TOKEN", "" if PRODUCTION else "simulated-jira-token")
JIRA_WEBHOOK_SECRET = env.text("JIRA_WEBHOOK_SECRET", "" if PRODUCTION else "simulated-webhook-secret")
# Of requests that Jira cannot sign: Jira Automation and events through EventBridge send it in X-Relmail-Secret.
JIRA_AUTOMATION_SECRET = env.text("JIRA_AUTOMATION_SECRET")
JIRA_TIMEOUT = env.number("JIRA_TIMEOUT", 20, minimum=1, maximum=120)

# --- OpenAI; without a key the extractive drafter writes ------------------------------------------------------------
OPENAI_API_KEY = env.text("OPENAI_API_KEY", "" if PRODUCTION else "simulated-openai-key")
OPENAI_BASE_URL = env.address("OPENAI_BASE_URL", f"{_SIMULATOR}/openai/v1" if _SIMULATOR else "")
OPENAI_MODEL = env.text("OPENAI_MODEL", "gpt-5.5" if PRODUCTION else "simulated-model")
OPENAI_TRANSPORT = env.choice("OPENAI_TRANSPORT", "auto" if PRODUCTION else "responses", ("auto", "responses", "chat"))
OPENAI_TIMEOUT = env.number("OPENAI_TIMEOUT", 60, minimum=1, maximum=600)
# What a million tokens of a model cost; a model that is not here costs an unknown sum. The simulator's is made up.
OPENAI_PRICES = env.prices("OPENAI_PRICES", {} if PRODUCTION else {"simulated-model": (1.0, 8.0)})
# What those prices and so every cost is in.
OPENAI_CURRENCY = env.word("OPENAI_CURRENCY", "USD", like=CURRENCY, wanted="a currency such as USD or EUR")
# Spent in a month (UTC) the model is asked no more; 0 sets no limit. In the currency of the prices.
OPENAI_MONTHLY_BUDGET = env.number("OPENAI_MONTHLY_BUDGET", 0, minimum=0, maximum=1_000_000)

# --- Amazon --------------------------------------------------------------------------------------------------------
AWS_REGION = env.word(
    "AWS_REGION", "" if PRODUCTION else "eu-central-1", like=REGION, wanted="a region such as eu-central-1"
)
AWS_ACCESS_KEY_ID = env.text("AWS_ACCESS_KEY_ID", "" if PRODUCTION else "AKIASIMULATED0000000")
AWS_SECRET_ACCESS_KEY = env.text("AWS_SECRET_ACCESS_KEY", "" if PRODUCTION else "simulated-secret-access-key")
AWS_SES_ENDPOINT_URL = env.address("AWS_SES_ENDPOINT_URL", f"{_SIMULATOR}/aws" if _SIMULATOR else "")
AWS_SNS_ENDPOINT_URL = env.address("AWS_SNS_ENDPOINT_URL", f"{_SIMULATOR}/aws" if _SIMULATOR else "")
_aws_name = "at most 64 letters, digits, - and _"
SES_CONFIGURATION_SET = env.word(
    "SES_CONFIGURATION_SET", "" if PRODUCTION else "relmail", like=AWS_NAME, wanted=_aws_name
)
SES_TENANT = env.word("SES_TENANT", like=AWS_NAME, wanted=_aws_name)
_topic = f"arn:aws:sns:{AWS_REGION}:000000000000:relmail"  # in the region that the shell may name: SNS checks it
SNS_TOPIC_ARNS = env.texts(
    "SNS_TOPIC_ARNS",
    () if PRODUCTION else (_topic,),
    like=TOPIC,
    wanted="ARNs such as arn:aws:sns:REGION:ACCOUNT:TOPIC",
)
# "" means: Amazon's own certificate hosts only. Anything else is one more exact prefix that is trusted.
SNS_CERTIFICATE_URL_PREFIX = env.text("SNS_CERTIFICATE_URL_PREFIX", f"{_SIMULATOR}/aws/" if _SIMULATOR else "")
if PRODUCTION and SNS_CERTIFICATE_URL_PREFIX and not SNS_CERTIFICATE_URL_PREFIX.startswith("https://"):
    raise BadSetting("SNS_CERTIFICATE_URL_PREFIX must start with https:// in production.")

# django-ses reads these names; one AWS configuration for everything.
USE_SES_V2 = True
AWS_SES_REGION_NAME = AWS_REGION
AWS_SES_ACCESS_KEY_ID = AWS_ACCESS_KEY_ID or None
AWS_SES_SECRET_ACCESS_KEY = AWS_SECRET_ACCESS_KEY or None
AWS_SES_CONFIGURATION_SET = SES_CONFIGURATION_SET or None
AWS_SNS_EVENT_TRUSTED_TOPIC_ARNS = SNS_TOPIC_ARNS
EMAIL_BACKEND = "campaigns.delivery.ses.SESBackend"
DEFAULT_FROM_EMAIL = env.sender("DEFAULT_FROM_EMAIL", "" if PRODUCTION else "relmail@harbor.example")

# --- sending -------------------------------------------------------------------------------------------------------
SEND_BATCH_SIZE = env.whole("SEND_BATCH_SIZE", 50, minimum=1, maximum=50)  # SES takes at most 50 a bulk call
SEND_CALLS_IN_FLIGHT = env.whole("SEND_CALLS_IN_FLIGHT", 16, minimum=1, maximum=64)
SEND_RATE_PER_SECOND = env.number("SEND_RATE_PER_SECOND", 0, minimum=0, maximum=100_000)  # 0: what GetAccount says
# At most so many e-mails to one contact in so many days, over all products; 0 sets no cap.
FREQUENCY_CAP_EMAILS = env.whole("FREQUENCY_CAP_EMAILS", 0, minimum=0, maximum=1_000)
FREQUENCY_CAP_DAYS = env.whole("FREQUENCY_CAP_DAYS", 7, minimum=1, maximum=365)
SEND_TASKS = env.whole("SEND_TASKS", 4, minimum=1, maximum=256)
SEND_MODE = env.choice("SEND_MODE", "auto", ("auto", "bulk", "single"))
# Shares of the messages that ended within the window; one that is reached pauses the e-mail. 100 switches it off.
SEND_FAILURE_PERCENT = env.number("SEND_FAILURE_PERCENT", 20, minimum=1, maximum=100)
SEND_UNKNOWN_PERCENT = env.number("SEND_UNKNOWN_PERCENT", 20, minimum=1, maximum=100)
SEND_FAILURE_LEAST = env.whole("SEND_FAILURE_LEAST", 100, minimum=1, maximum=1_000_000)
SEND_FAILURE_MINUTES = env.number("SEND_FAILURE_MINUTES", 10, minimum=1, maximum=1_440)
# A token in SES tells this database from its copies. A simulator on this machine forgets it with every start.
SEND_FENCE_NAME = env.word("SEND_FENCE_NAME", "relmail-fence", like=AWS_NAME, wanted=_aws_name)
_on_this_machine = urlsplit(AWS_SES_ENDPOINT_URL).hostname in ("127.0.0.1", "::1", "localhost")
SEND_FENCE_SECONDS = env.number("SEND_FENCE_SECONDS", 0 if _on_this_machine else 30, minimum=0, maximum=600)

# --- people, languages, time ---------------------------------------------------------------------------------------
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
LANGUAGE_CODE = "en-gb"
USE_I18N = False
USE_TZ = True
FORMAT_MODULE_PATH = ["relmail.formats"]
TIME_ZONE = env.time_zone("TIME_ZONE", "UTC")

# --- static files --------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "var" / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
WHITENOISE_USE_FINDERS = not PRODUCTION
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# --- protections ---------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "relmail.views.csrf_failed"
SESSION_COOKIE_AGE = 60 * 60 * 12
# A person may have the links of a mail tried: public addresses alone, and what these networks hold.
LINK_CHECK_NETWORKS = env.networks("LINK_CHECK_NETWORKS")
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_PROXY", False) else None
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# --- logs: one line each, never a body, an address list or a secret -------------------------------------------------
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {
        "refused": {"()": "relmail.request_lines.RefusedInOneLine"},
        "tokens": {"()": "relmail.request_lines.WithoutTokens"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["tokens"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {name: {"level": LOG_LEVEL} for name in ("relmail", "releases", "templates", "campaigns", "analytics")}
    # Whoever tries relmail on a terminal should see what went wrong there, not each page that said no.
    | ({} if PRODUCTION else {"django.request": {"filters": ["refused"]}}),
}
