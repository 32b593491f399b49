"""All settings of the crawler with reasons; `default X` is the default of Scrapy.

The only module that reads the environment. It is imported from inside a zipped egg as well, so nothing here opens,
creates or writes a file.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies

from newsspider import __version__

_PACKAGE = Path(__file__).resolve().parent


def _data_dir() -> Path:
    """Return where databases and spool files live: $NEWSSPIDER_DATA_DIR, the project's data/, or the user's."""
    if configured := os.environ.get("NEWSSPIDER_DATA_DIR"):
        return Path(configured).expanduser().resolve()
    if (_PACKAGE.parent / "scrapy.cfg").is_file():
        return _PACKAGE.parent / "data"
    return Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share").expanduser() / "newsspider"


def _proxy_hosts() -> list[str]:
    """Return the hosts of the proxies that the environment names: they may well have a private address."""
    hosts = (urlsplit(url if "://" in url else f"http://{url}").hostname for url in getproxies().values())
    return sorted({host for host in hosts if host})


# --- Project ---------------------------------------------------------------------------------------------------------
BOT_NAME = "newsspider"
SPIDER_MODULES = ["newsspider.spiders"]
NEWSPIDER_MODULE = "newsspider.spiders"
COMMANDS_MODULE = "newsspider.cli.commands"  # those of newsspider.commands, imported when used
TEMPLATES_DIR = str(_PACKAGE / "templates")  # default Scrapy's own: `scrapy genspider -t site` makes a site file
DATA_DIR = str(_data_dir())
ADDONS = {  # default {}: switch RECORD, REPLAY and RENDER on
    "newsspider.recording.replay.ReplayAddon": 0,
    "newsspider.render.addon.RenderAddon": 1,
}

# --- What a crawl may cost -------------------------------------------------------------------------------------------
MAX_PAGES = 20_000  # responses per run; 0: no limit. A trap of endless pages ends here at the latest
MAX_ARTICLES = 0  # articles per run; 0: no limit
MAX_SECONDS = 0  # a run's time; 0: no limit. What is queued then is taken up by the next run
MAX_LISTING_PAGES = 200  # pages of one listing, load-more answers included: ends a pager that invents its pages
MAX_ARTICLE_PARTS = 50  # pages joined into one article
MAX_LINKS_PER_PAGE = 2_000  # links taken from one page; a sitemap holds up to 50,000 and has its own limit
MAX_LINKS_PER_SITEMAP = 50_000
CHANNEL_DEPTH = 2  # steps from a seed through channels to further listings
FEED_MAX_BYTES = 52_428_800  # sitemaps.org allows 50 MB a file

# --- What is followed ------------------------------------------------------------------------------------------------
RELATED_DEPTH = 2  # hops through 相关阅读 and its kin
RELATED_MAX_AGE_DAYS = 365  # a related link this much older than the article that shows it is recorded, not followed
RELATED_FETCHES = 1_000  # per site and run: requests for related blocks that a script would fetch; 0: none
ALLOW_PRIVATE_SEEDS = True  # a host typed by hand may be on a private network; a link found on a page never may
TRUSTED_HOSTS = _proxy_hosts()  # hosts that may have a private address besides the typed seeds
REVISIT_ARTICLE_S = 86_400  # a stored article is left alone this long, then twice as long each time it was unchanged
REVISIT_ARTICLE_TIMES = 6  # after so many revisits (1 + 2 + 4 .. days) an article is taken as final
REVISIT_LISTING_S = 900  # shortest time between two visits of a listing in `due=1`; longer for those that rarely change
BACKOFF_S = 3_600  # first pause after a failure, doubled with every further one
BACKOFF_MAX_S = 30 * 86_400

# --- Politeness ------------------------------------------------------------------------------------------------------
USER_AGENT = f"newsspider/{__version__} (news archive crawler; set CONTACT_URL in the environment)"
if _contact := os.environ.get("CONTACT_URL"):
    USER_AGENT = f"newsspider/{__version__} (+{_contact})"
ROBOTSTXT_OBEY = True  # default False: a site's wish comes first
ROBOTSTXT_USER_AGENT = "newsspider"  # default USER_AGENT: rules name the product, not its contact URL
DOWNLOAD_DELAY = 1.0  # default 0: about one request a second to a site
CONCURRENT_REQUESTS = 32  # default 16: many sites at once, each slowly
CONCURRENT_REQUESTS_PER_DOMAIN = 2  # default 8: a site gets no more than two connections
DOWNLOAD_SLOTS = {  # default {}: one's own machine needs no protection, and tests run there
    host: {"delay": 0, "concurrency": 4} for host in ("127.0.0.1", "localhost", "::1")
}
AUTOTHROTTLE_ENABLED = True  # default False: a slow server is asked less often
AUTOTHROTTLE_START_DELAY = 1.0  # default 5: DOWNLOAD_DELAY is polite enough to begin with
AUTOTHROTTLE_MAX_DELAY = 60.0
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0
RETRY_AFTER_MAX_S = 120  # a longer Retry-After is not waited for: the page is put off to a later run
CRAWL_DELAY_MAX_S = 30  # a longer Crawl-delay in robots.txt is taken as this
QUIET_HOURS = ""  # such as "01:00-06:30": no request is sent in these hours
QUIET_HOURS_TIME_ZONE = "Asia/Shanghai"
COOKIES_ENABLED = True  # some sites set one and redirect to the same page before they answer

# --- Processes that share sites --------------------------------------------------------------------------------------
LEASE_S = (
    60  # a site of a process that gives no sign of life is taken over after this; longer than a failover of MongoDB
)
LEASE_SITES = 200  # sites that a process holds at a time
LEASE_BATCH = 200  # requests of a site in memory; the others wait in MongoDB
LEASE_SLICE_S = 20  # a site that was held so long is given back if others wait

# --- Download --------------------------------------------------------------------------------------------------------
DOWNLOAD_TIMEOUT = 30  # default 180: news pages that take longer are down
DOWNLOAD_MAXSIZE = (
    10_485_760  # default 1 GB: the largest news pages have 3 MB; holds for what a gzip bomb unpacks to as well
)
DOWNLOAD_WARNSIZE = 0  # default 32 MB: the limit above comes first
DOWNLOAD_VERIFY_CERTIFICATES = True  # default False: a page that anyone could have put there is not news
RETRY_TIMES = 2
RETRY_HTTP_CODES = [500, 502, 503, 504, 522, 524, 408, 429]
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"  # default ERROR: the spider itself says in one line what failed
REDIRECT_MAX_TIMES = 8  # default 20
METAREFRESH_MAXDELAY = 5  # default 100: a page that reloads itself every minute is not a redirect
DNS_TIMEOUT = 15  # default 60
# default a cache: this one refuses private addresses
TWISTED_DNS_RESOLVER = "newsspider.downloadermiddlewares.addresses.PublicAddressResolver"
URLLENGTH_LIMIT = 2083
REFERER_ENABLED = True
DEFAULT_REQUEST_HEADERS = {  # default "en"
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.3",
}

# default Scrapy's own: this one counts what waits for each site, and drops what waits for one that is given back
SCHEDULER = "newsspider.crawl.sending.scheduler.SiteScheduler"
# default Scrapy's own: that takes all it may at once from the queue, where better requests can then not pass them
DOWNLOADER = "newsspider.crawl.sending.downloader.ShortDownloader"
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "newsspider.downloadermiddlewares.scope.ScopeMiddleware": 60,
    "newsspider.downloadermiddlewares.robots.RobotsMiddleware": 100,
    "newsspider.downloadermiddlewares.addresses.AddressMiddleware": 110,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
    "newsspider.downloadermiddlewares.retry.PatientRetryMiddleware": 550,
    "newsspider.downloadermiddlewares.cookies.OfflineCookiesMiddleware": 700,
}
SPIDER_MIDDLEWARES = {
    # before the crawl state only what refuses links for good: the others need not see those that it holds back
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": 960,
    "newsspider.spidermiddlewares.CrawlStateMiddleware": 950,
    "newsspider.frontier.kept_listings.KeptListingsMiddleware": 970,
}
EXTENSIONS = {
    "scrapy.extensions.throttle.AutoThrottle": None,
    "newsspider.extensions.politeness.Politeness": 0,
    "newsspider.extensions.report.ArticleReport": 0,
    "newsspider.extensions.progress.ProgressLine": 0,
    "newsspider.extensions.run_record.RunRecord": 0,
    "newsspider.extensions.alarms.SiteAlarms": 0,
    "newsspider.extensions.search.archive_searches.ArchiveSearches": 0,
    "newsspider.extensions.gc_threshold.GcThreshold": 0,
    "newsspider.extensions.json_log.JsonLog": 0,
    "newsspider.extensions.metrics.Metrics": 0,
    "newsspider.extensions.log_threshold.LogThreshold": 0,
}

# --- Render ----------------------------------------------------------------------------------------------------------
RENDER = False  # pages that show nothing without their scripts are run in Chromium; needs requirements-render.txt
RENDER_SITES = False  # set by the spiders: a site file asks for RENDER, so the browser is there for its pages
RENDER_BROWSER = None  # path of a Chromium; None: chromium, chromium-browser or google-chrome on the PATH
RENDER_MAX_PAGES = 500  # pages per run that are rendered; 0: no limit. The others stay queued for the next run
RENDER_CONCURRENCY = 2  # pages in the browser at once; it takes 0.8 GB with two of them
RENDER_TIMEOUT_S = 20  # how long a page's scripts may run, not counting what they wait for; ten times that in all
RENDER_MAX_REQUESTS = 50  # what the scripts of one page may ask for

# --- Items -----------------------------------------------------------------------------------------------------------
CONCURRENT_ITEMS = 4  # default 100: so many tasks are started for every response, and a page gives one article
ITEM_PIPELINES = {
    "newsspider.pipelines.clean.CleanPipeline": 100,
    "newsspider.pipelines.validate.ValidatePipeline": 200,
    "newsspider.pipelines.removed.RemovedPipeline": 220,
    "newsspider.pipelines.agreement.AgreementPipeline": 250,
    "newsspider.pipelines.dedupe.DedupePipeline": 300,
    "newsspider.pipelines.store.StorePipeline": 400,
}
DEDUPE_ENABLED = True
DEDUPE_KEEP = "all"  # or "no-text" (a copy's text is left out), "first" (a copy is not stored)
DEDUPE_WINDOW_DAYS = 30

# --- MongoDB ---------------------------------------------------------------------------------------------------------
MONGO_URI = os.environ.get("MONGO_URI") or None  # None: a private mongod on MONGO_DATA_DIR
MONGO_DATABASE = os.environ.get("MONGO_DATABASE") or "newsspider"
MONGO_DATA_DIR = os.environ.get("MONGO_DATA_DIR") or str(Path(DATA_DIR) / "mongo")
MONGO_IDLE_S = os.environ.get("MONGO_IDLE_S") or 300  # how long the private mongod stays after its last use; 0: not
STORE_BATCH_SIZE = 100  # articles a bulk write
STORE_LINGER_MS = 30  # how long a batch waits for company
STORE_RETRY_S = 60  # how long the end of a crawl waits for MongoDB before it spools
SPOOL_DIR = str(Path(DATA_DIR) / "spool")
SPOOL_MAX_MB = 1_024
RETENTION_DAYS: dict[
    str, int
] = {}  # such as {"pages": 90, "runs": 365}; also articles, revisions, quarantine; {} keeps all
PAGE_ARCHIVE = True  # the pages of articles are kept as WARC, so that mended rules can read them again
PAGE_ARCHIVE_LISTINGS = False  # pages that list articles as well
PAGE_ARCHIVE_DIR = str(Path(DATA_DIR) / "warc")
PAGE_ARCHIVE_DAYS = 90  # 0: for ever
PAGE_ARCHIVE_MAX_MB = 20_000  # the oldest files go first; 0: no limit
PAGE_ARCHIVE_FILE_MB = 256  # a file is full then; only whole files are deleted
CRAWL_STATE_ENABLED = True  # off: nothing is resumed, remembered or skipped
CRAWL_STATE_RETRY_S = 60  # how long one page's links wait for MongoDB; then the run goes on without remembering them

# --- Search ----------------------------------------------------------------------------------------------------------
SEARCH_DIR = str(Path(DATA_DIR) / "search")  # the full-text index; it may be deleted, and is made anew of MongoDB
SEARCH_INDEX = True  # a crawl brings the index up to date, unless another process is doing it

# --- Alarms ----------------------------------------------------------------------------------------------------------
ALERT_URLS = os.environ.get("ALERT_URLS") or ""  # whom alarms are sent to, as apprise writes it; "": nobody
ALERT_LANGUAGE = os.environ.get("ALERT_LANGUAGE") or "en"  # or "zh"
FAIL_ON_ALARM = False  # a crawl whose sites have open alarms ends with exit code 3; `--fail-on-alarm`

# --- The archive in a browser (`scrapy serve`) -----------------------------------------------------------------------
SERVE_ADDRESS = "127.0.0.1"  # another one needs SERVE_TOKEN or SERVE_PROXY: texts of others are not for everybody
SERVE_PORT = 8000
SERVE_TOKEN = os.environ.get("SERVE_TOKEN") or ""  # the password of any user, or a Bearer token; "": nobody is asked
SERVE_PROXY = False  # a reverse proxy in front asks who comes in
SERVE_HOSTS: list[str] = []  # names that the server answers to besides localhost and addresses
SERVE_QUERY_S = 10  # what one page may ask of MongoDB, in seconds
SERVE_EXPORT_ARTICLES = 10_000  # articles of one export

# --- Record and replay -----------------------------------------------------------------------------------------------
RECORD = None  # a folder or a .warc.gz file to record to
REPLAY = None  # a folder or a .warc.gz file to read from; no network is touched then

# --- Console ---------------------------------------------------------------------------------------------------------
LOG_LEVEL = "WARNING"  # default DEBUG: the progress line and the summary tell the rest; `-L INFO` shows every step
LOG_FORMAT = "%(asctime)s %(levelname)s %(message)s"  # default with the logger's name
LOG_DATEFORMAT = "%H:%M:%S"
LOG_FORMATTER = "newsspider.extensions.log_format.OneLineFormatter"  # default prints whole items
DEFAULT_DROPITEM_LOG_LEVEL = "INFO"  # default WARNING: the summary counts what was dropped
COLLECTOR_THRESHOLD = 20_000  # objects between two searches for garbage; Python's 700 costs a sixth of a crawl's CPU
LOG_JSON = False  # log lines as JSON objects with run, worker and site
METRICS_PORT = 0  # figures for Prometheus under /metrics; 0: none
METRICS_ADDRESS = "127.0.0.1"  # the address of that port: loopback alone, nobody has to log in there
METRICS_BY_SITE = False  # answers by host as well: a figure per host
PROGRESS_ENABLED = True  # the line that counts pages and articles, on a terminal only
CLOCK_AHEAD_S = 0  # later than the machine's clock: to rehearse the days to come on a database of its own
RUN_ARGUMENTS: dict[str, str] = {}  # filled in by `scrapy crawl`: what the document in `runs` says was asked for
TELNETCONSOLE_ENABLED = False  # default True: a port that runs any code
REMOTE_CONTROL_ENABLED = False  # default True: the same over HTTP
FEED_EXPORTERS = {  # default {}: Scrapy's own write nested fields as Python writes objects
    "csv": "newsspider.exporters.FlatCsvExporter",
    "xml": "newsspider.exporters.FlatXmlExporter",
}
FEED_EXPORT_ENCODING = "utf-8"  # default escapes every Chinese character
