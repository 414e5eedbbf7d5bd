"""Settings, all from the environment; what is not set gets a default that works on one machine.

Production is `GRIDWHISTLE_ENV=production`: it refuses to start with a generated secret, with DEBUG,
or without the hosts it serves (see `grid_backend.checks`).
"""

from pathlib import Path

import environ

from grid_backend import pages
from grid_backend.secrets import first_run_secret

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(str(BASE_DIR / ".env"))

VAR_DIR = Path(env("GRIDWHISTLE_VAR", default=str(BASE_DIR / "var")))
PRODUCTION = env("GRIDWHISTLE_ENV", default="development") == "production"
DEBUG = env.bool("DEBUG", default=False)

SECRET_KEY = env("SECRET_KEY", default=None) or first_run_secret(VAR_DIR, "secret_key")
SECRET_KEY_GENERATED = not env("SECRET_KEY", default=None)
# Newest first: the first key encrypts, every key decrypts.
FIELD_KEYS = env.list("FIELD_KEYS", default=[]) or [first_run_secret(VAR_DIR, "field_key", fernet=True)]
FIELD_KEYS_GENERATED = not env.list("FIELD_KEYS", default=[])

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["*"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "grid_backend.apps.GridAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "knox",
    "guardian",
    "treebeard",
    "axes",
    "auditlog",
    "django_prometheus",
    "channels",
    "core",
    "accounts",
    "grids",
    "notifications",
    "reports",
    "volunteers",
    "households",
    "field",
    "public",
    "privacy",
    "grid_backend.apps.GridBackendConfig",
]

MIDDLEWARE = [
    "core.middleware.RequestLogMiddleware",
    "grid_backend.health.HealthMiddleware",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "core.middleware.NoNulMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "core.middleware.IdleSessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "auditlog.middleware.AuditlogMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "grid_backend.urls"
WSGI_APPLICATION = "grid_backend.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "grid_backend" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'gridwhistle.sqlite3'}")}
DATABASES["default"].setdefault("OPTIONS", {})
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE takes the write lock at BEGIN, so a writer waits instead of failing half-way;
    # FULL makes a committed report survive a power cut.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Compiling a query just in time takes longer than any query of ours.
    DATABASES["default"]["OPTIONS"].setdefault("options", "-c jit=off")
DATABASES["default"]["CONN_MAX_AGE"] = None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("REDIS_URL", default="")
if REDIS_URL:
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            # The layer waits five seconds for a message, so the connection must wait longer than the client's default
            # of five. Hubs re-join every few seconds; the short expiry forgets those of processes that were killed.
            "CONFIG": {
                "hosts": [{"address": REDIS_URL, "socket_connect_timeout": 1, "socket_timeout": 10}],
                "group_expiry": 300,
                "capacity": 1000,
            },
        }
    }
    CACHES = {"default": {"BACKEND": "core.caches.FailSoftRedisCache", "LOCATION": REDIS_URL}}
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    # Room for the counts of many addresses; the default forgets them after 300.
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "OPTIONS": {"MAX_ENTRIES": 50_000},
        }
    }

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ANONYMOUS_USER_NAME = None
GUARDIAN_RAISE_403 = True
LOGIN_URL = "/admin/login/"

AXES_FAILURE_LIMIT = env.int("LOGIN_FAILURE_LIMIT", default=5)
AXES_COOLOFF_TIME = env.float("LOGIN_COOLOFF_HOURS", default=0.25)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
# Every failure is kept for the auditors until the end of retention; axes would thin them out by itself.
AXES_ENABLE_ACCESS_FAILURE_LOG = True
AXES_ACCESS_FAILURE_LOG_PER_USER_LIMIT = 10**9
# Whose holders log in with a second factor: role codes, for instance system_admin,security_admin,auditor.
SECOND_FACTOR_ROLES = frozenset(env.list("SECOND_FACTOR_ROLES", default=[]))
AXES_SENSITIVE_PARAMETERS = ["code"]
AXES_LOCKOUT_CALLABLE = "core.lockout.locked_out"
# How many proxies stand in front; their forwarded address is trusted only then.
PROXY_COUNT = env.int("PROXY_COUNT", default=0)
AXES_IPWARE_PROXY_COUNT = PROXY_COUNT

SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", default=1800)
# Counted anew by every write, and the idle time is written once a minute.
SESSION_COOKIE_AGE = SESSION_IDLE_SECONDS + 60
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "grid_backend" / "locale"]
FORMAT_MODULE_PATH = ["grid_backend.formats"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
# Finders serve what collectstatic has not gathered, so a development run needs no extra step.
WHITENOISE_USE_FINDERS = not PRODUCTION
# What script/build-frontend makes, from the root of the address on: /field/ and /console/.
FRONTEND_ROOT = BASE_DIR / "frontend" / "dist"
WHITENOISE_ROOT = FRONTEND_ROOT if FRONTEND_ROOT.is_dir() else None
WHITENOISE_INDEX_FILE = True
WHITENOISE_MIMETYPES = {".webmanifest": "application/manifest+json"}
WHITENOISE_IMMUTABLE_FILE_TEST = pages.IMMUTABLE
WHITENOISE_ADD_HEADERS_FUNCTION = pages.add_headers
MEDIA_ROOT = Path(env("MEDIA_ROOT", default=str(VAR_DIR / "media")))
# Photos are never served from a public folder; X-Accel-Redirect hands the bytes to the proxy when set.
PHOTO_ACCEL_PREFIX = env("PHOTO_ACCEL_PREFIX", default="")
DATA_UPLOAD_MAX_MEMORY_SIZE = 11 * 1024 * 1024
# What `manage.py serve` takes of one request, workbooks for import included.
REQUEST_MAX_BYTES = env.int("REQUEST_MAX_BYTES", default=32 * 1024 * 1024)
# Whoever bears it may read /metrics from another machine; without it only this machine may.
METRICS_TOKEN = env("METRICS_TOKEN", default="")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.DeviceTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["core.renderers.ORJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.parsers.ORJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "core.pagination.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": ["core.filters.StrictFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "core.schema.ProblemAutoSchema",
    "EXCEPTION_HANDLER": "core.problems.problem_response",
    "DEFAULT_THROTTLE_RATES": {"login": env("LOGIN_RATE", default="30/min")},
    "NUM_PROXIES": PROXY_COUNT,
    "PAGE_SIZE": 25,
    "DEFAULT_VERSION": "v1",
}
REST_KNOX = {
    "TOKEN_MODEL": "accounts.Device",
    "SECURE_HASH_ALGORITHM": "hashlib.sha512",
    "TOKEN_TTL": None,
    "AUTH_HEADER_PREFIX": "Token",
}
KNOX_TOKEN_MODEL = "accounts.Device"
# knox's migrations make the table that `accounts.Device` stands in for; unused, it would also stop PostgreSQL from
# emptying the users' table in tests.
MIGRATION_MODULES = {"knox": None}
SPECTACULAR_SETTINGS = {
    "TITLE": "Grid Whistle 网格哨",
    "DESCRIPTION": "Reports, whistles, report-in and the notices that carry them. Errors are RFC 9457 problem details.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "Urgency": "reports.models.vocabulary.Urgency",
        "Source": "reports.models.vocabulary.Source",
        "StandardSource": "reports.models.vocabulary.StandardSource",
        "ReportStatus": "reports.models.vocabulary.ReportStatus",
        "AssignmentStatus": "reports.models.vocabulary.AssignmentStatus",
        "AssignmentRole": "reports.models.vocabulary.AssignmentRole",
        "WhistleStatus": "reports.models.vocabulary.WhistleStatus",
        "WhistleKind": "reports.models.vocabulary.WhistleKind",
        "WhistleLevel": "reports.models.vocabulary.WhistleLevel",
        "PhotoKind": "reports.models.vocabulary.PhotoKind",
        "ClockKind": "reports.models.vocabulary.ClockKind",
        "SupervisionKind": "reports.models.vocabulary.SupervisionKind",
        "FieldCheckStatus": "reports.models.vocabulary.FieldCheckStatus",
        "OrderStatus": "reports.models.vocabulary.OrderStatus",
        "CardColour": "reports.models.vocabulary.CardColour",
        "CardTrigger": "reports.models.vocabulary.CardTrigger",
        "RequestKind": "reports.models.vocabulary.RequestKind",
        "RequestStatus": "reports.models.vocabulary.RequestStatus",
        "AreaLevel": "grids.models.areas.Area.Level",
        "AreaKind": "grids.models.areas.Area.Kind",
        "ImportState": "households.models.imports.ImportState",
        "ItemKind": "reports.models.catalogue.CatalogueItem.Kind",
        "Role": "accounts.roles.Role",
        "CreditedFor": "volunteers.models.vocabulary.CREDITED",
        "CreditPer": "volunteers.models.vocabulary.CreditPer",
        "ServiceKind": "volunteers.models.vocabulary.ServiceKind",
        "RegistrationStatus": "volunteers.models.vocabulary.RegistrationStatus",
        "TeamCallStatus": "volunteers.models.vocabulary.TeamCallStatus",
        "AttendanceStatus": "volunteers.models.vocabulary.AttendanceStatus",
        "ServiceRecordStatus": "volunteers.models.vocabulary.RecordStatus",
        "Occupancy": "households.models.vocabulary.Occupancy",
        "HouseholdKind": "households.models.vocabulary.HouseholdKind",
        "DocumentType": "households.models.vocabulary.DocumentType",
        "Sex": "households.models.vocabulary.Sex",
        "Relation": "households.models.vocabulary.Relation",
        "Standing": "households.models.vocabulary.Standing",
        "HouseholdStep": "households.models.vocabulary.EventKind",
        "ColourStatus": "households.models.vocabulary.ColourStatus",
        "VisitResult": "households.models.vocabulary.VisitResult",
        "SuggestionKind": "households.models.colours.SuggestionRule.Kind",
        "AuditKind": "privacy.audit.AuditKind",
        "DutyRole": "grids.models.duty.DutyRole",
        "FilteredList": "reports.models.saved_filters.SavedFilter.Of",
        "AnnouncementState": "reports.api.announcements.STATES",
        "CalledRole": "reports.api.input.CALLED_ROLES",
        "LimitUnit": "reports.limits.Unit",
        "RateUnit": "reports.api.figures_io.RATE_UNITS",
    },
}

UNFOLD = {
    "SITE_TITLE": "网格哨",
    "SITE_HEADER": "网格哨",
    "SITE_SUBHEADER": "Grid Whistle",
    "SITE_SYMBOL": "campaign",
    "SHOW_LANGUAGES": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "ACCOUNT": {"navigation": "grid_backend.second_factor.account_links"},
    "SIDEBAR": {"show_search": False, "navigation": "grid_backend.admin_site.navigation"},
    "COLORS": {
        "primary": {
            "50": "#eff6ff",
            "100": "#dbeafe",
            "200": "#bfdbfe",
            "300": "#93c5fd",
            "400": "#60a5fa",
            "500": "#3b82f6",
            "600": "#1d4ed8",
            "700": "#1e40af",
            "800": "#1e3a8a",
            "900": "#172554",
            "950": "#0f1a3d",
        }
    },
}

LOG_LEVEL = env("LOG_LEVEL", default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "core.logs.formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {"axes": {"level": "WARNING"}, "django.request": {"level": "ERROR"}, "auditlog": {"level": "WARNING"}},
}

# What the domain leaves to the city. Metres, seconds.
GRIDWHISTLE = {
    # Calls in vain until a report is closed as not reached; how often it is done again before an order is opened.
    "CALLBACK_TRIES": env.int("CALLBACK_TRIES", default=3),
    "CALLBACK_REDOS": env.int("CALLBACK_REDOS", default=1),
    "MESSAGE_CHARACTERS": env.int("MESSAGE_CHARACTERS", default=500),
    "SMS_GATEWAY_URL": env("SMS_GATEWAY_URL", default=""),
    "SMS_GATEWAY_TOKEN": env("SMS_GATEWAY_TOKEN", default=""),
    "SMS_SIGN": env("SMS_SIGN", default=""),
    "SMS_TIMEOUT_SECONDS": env.float("SMS_TIMEOUT_SECONDS", default=10.0),
    # With it the gateway signs what it later says of a message; without it no such word is taken.
    "SMS_RECEIPT_SECRET": env("SMS_RECEIPT_SECRET", default=""),
    # Which class sends by each channel: GRIDWHISTLE_GATEWAYS=sms=package.module.Class
    "GATEWAYS": {
        "sms": "notifications.gateways.HttpSmsGateway"
        if env("SMS_GATEWAY_URL", default="")
        else "notifications.gateways.ConsoleGateway"
    }
    | env.dict("GRIDWHISTLE_GATEWAYS", default={}),
    "NEARBY_METRES": env.float("NEARBY_METRES", default=50.0),
    "NEARBY_HOURS": env.float("NEARBY_HOURS", default=24.0),
    "REPEAT_DAYS": env.float("REPEAT_DAYS", default=30.0),
    # What makes two reports look alike, in parts of their sum: GRIDWHISTLE_DUPLICATE_WEIGHTS=item=4,text=3,…
    "DUPLICATE_WEIGHTS": {"item": 4.0, "text": 3.0, "distance": 2.0, "time": 1.0}
    | {name: float(weight) for name, weight in env.dict("GRIDWHISTLE_DUPLICATE_WEIGHTS", default={}).items()},
    "LAST_POSITION_HOURS": env.float("LAST_POSITION_HOURS", default=12.0),
    "CHOSEN_GRID_METRES": env.float("CHOSEN_GRID_METRES", default=1000.0),
    # From console.tianditu.gov.cn, for the map on the phone; empty: boundaries on a blank ground.
    "TIANDITU_KEY": env("TIANDITU_KEY", default=""),
    "FAR_FROM_REPORT_METRES": env.float("FAR_FROM_REPORT_METRES", default=500.0),
    # Outside working hours a pool and a unit ring whoever is on the duty roster: "also" besides everyone, "only"
    # instead of everyone (as long as one of those on duty could do it), "off" not at all.
    "DUTY_ROSTER": env.str("DUTY_ROSTER", default="also", choices=("also", "only", "off")),
    "DUTY_MAX_HOURS": env.float("DUTY_MAX_HOURS", default=72.0),
    # Nudges 催办 within an hour on one report: of one person, of all together.
    "URGES_PER_PERSON": env.int("URGES_PER_PERSON", default=1),
    "URGES_PER_REPORT": env.int("URGES_PER_REPORT", default=3),
    "REOPEN_DAYS": env.int("REOPEN_DAYS", default=30),
    # How far back a service may be entered by hand, how long a call to a team may run, rows of a ranking.
    "SERVICE_BACK_DAYS": env.int("SERVICE_BACK_DAYS", default=90),
    "TEAM_CALL_DAYS": env.int("TEAM_CALL_DAYS", default=30),
    "RANKING_ROWS": env.int("RANKING_ROWS", default=50),
    # Figures: whether "basically satisfied" is satisfied, the weights of the three rates in the combined one, from how
    # many ratings on a mean is said, and rows of a ranking.
    "BASICALLY_SATISFIED": env.bool("BASICALLY_SATISFIED", default=True),
    "COMBINED_WEIGHTS": {"response": 30.0, "resolution": 35.0, "satisfaction": 35.0}
    | {name: float(weight) for name, weight in env.dict("GRIDWHISTLE_COMBINED_WEIGHTS", default={}).items()},
    "RATINGS_FEWEST": env.int("RATINGS_FEWEST", default=5),
    "FIGURES_RANKED": env.int("FIGURES_RANKED", default=100),
    # Extensions granted per duty, and how far the end of a suspension may lie ahead.
    "MAX_EXTENSIONS": env.int("MAX_EXTENSIONS", default=2),
    "SUSPENSION_MAX_DAYS": env.int("SUSPENSION_MAX_DAYS", default=365),
    # How often within an hour one person may look somebody up by number, and see personal data in full.
    "LOOKUPS_PER_HOUR": env.int("LOOKUPS_PER_HOUR", default=60),
    "REVEALS_PER_HOUR": env.int("REVEALS_PER_HOUR", default=120),
    # Workbooks of households: the largest taken over HTTP, the largest worked on within the request, and how long one
    # that nobody applies is kept. How many households an export over HTTP may hold, and exports of a person an hour.
    "IMPORT_MAX_BYTES": env.int("IMPORT_MAX_BYTES", default=32 * 1024 * 1024),
    "IMPORT_AT_ONCE_BYTES": env.int("IMPORT_AT_ONCE_BYTES", default=128 * 1024),
    "IMPORT_KEEP_HOURS": env.float("IMPORT_KEEP_HOURS", default=24.0),
    "EXPORT_MAX_HOUSEHOLDS": env.int("EXPORT_MAX_HOUSEHOLDS", default=20_000),
    "EXPORTS_PER_HOUR": env.int("EXPORTS_PER_HOUR", default=20),
    # Where patrols were is kept only if switched on, in working hours, for so many days.
    "PATROL_TRACKS": env.bool("PATROL_TRACKS", default=False),
    "PATROL_TRACK_DAYS": env.int("PATROL_TRACK_DAYS", default=7),
    # Where residents reach this server (https://grid.example.org), for QR codes; empty: as whoever prints reached it.
    "PUBLIC_URL": env("PUBLIC_URL", default=""),
    "SUPERVISION_PHONE": env("SUPERVISION_PHONE", default="12345"),
    # Pages without log-in, by address.
    "PUBLIC_PAGES_PER_MINUTE": env.int("PUBLIC_PAGES_PER_MINUTE", default=60),
    # What residents send, within an hour: of one address (a whole quarter may share one), of all to one grid. Wrong
    # guesses of the last digits of a phone within an hour: of one address, at one tracking code.
    "RESIDENT_REPORTS_PER_HOUR": env.int("RESIDENT_REPORTS_PER_HOUR", default=30),
    "RESIDENT_REPORTS_PER_GRID": env.int("RESIDENT_REPORTS_PER_GRID", default=120),
    "TRACKING_GUESSES_PER_HOUR": env.int("TRACKING_GUESSES_PER_HOUR", default=10),
    # A form sent sooner was filled in by a machine.
    "RESIDENT_LEAST_SECONDS": env.float("RESIDENT_LEAST_SECONDS", default=3.0),
    # Other choices than `public.choices.CHOICES`, as JSON: [["02-01-001", "垃圾没清运", "Rubbish"], …]
    "RESIDENT_CHOICES": env.json("RESIDENT_CHOICES", default=[]),
    # Days until `purge_personal_data` erases: requesters after their matter was closed, households and residents after
    # they moved out, logs after they were written (never before 180 days, 等保2.0).
    "REQUESTER_RETENTION_DAYS": env.int("REQUESTER_RETENTION_DAYS", default=730),
    "HOUSEHOLD_RETENTION_DAYS": env.int("HOUSEHOLD_RETENTION_DAYS", default=1825),
    "LOG_RETENTION_DAYS": env.int("LOG_RETENTION_DAYS", default=1095),
    "BOUNDARY_CHECK_SECONDS": env.float("BOUNDARY_CHECK_SECONDS", default=0.5),
    "LATE_ANSWERS_MINUTES": env.float("LATE_ANSWERS_MINUTES", default=30.0),
    "WORK_DAY_HOURS": env.float("WORK_DAY_HOURS", default=8.0),
    "WORKING_PERIODS": env("WORKING_PERIODS", default="08:00-12:00,14:00-18:00"),
    "CALENDAR_CHECK_SECONDS": env.float("CALENDAR_CHECK_SECONDS", default=3.0),
    "PHOTO_MAX_BYTES": env.int("PHOTO_MAX_BYTES", default=10 * 1024 * 1024),
    "PHOTO_MAX_PIXELS": env.int("PHOTO_MAX_PIXELS", default=50_000_000),
    "ROUTING_MONTHS": env.int("ROUTING_MONTHS", default=12),
    "ROUTING_SAMPLE": env.int("ROUTING_SAMPLE", default=200),
    "ROUTING_FEWEST": env.int("ROUTING_FEWEST", default=5),
    "ROUTING_TRIAL": env.int("ROUTING_TRIAL", default=200),
    "SOCKETS_PER_USER": env.int("SOCKETS_PER_USER", default=8),
    # Which class carries each step of the notices' ladder: GRIDWHISTLE_TRANSPORTS=sms=package.module.Class,push=…
    "TRANSPORTS": {
        "socket": "notifications.transports.SocketTransport",
        "sms": "notifications.transports.SmsTransport"
        if env("SMS_GATEWAY_URL", default="")
        else "notifications.transports.ConsoleTransport",
    }
    | env.dict("GRIDWHISTLE_TRANSPORTS", default={}),
    # Other ladders than `notifications.ladders.LADDERS`, as JSON: {"normal": [["socket", 0], ["sms", 600]]}, seconds.
    "LADDERS": env.json("GRIDWHISTLE_LADDERS", default={}),
}
