"""The tenant `demo` of a local Tollgate: a source of three kinds, lines for curl, and the message of one event."""
import json
import secrets
import textwrap
import time
from dataclasses import dataclass
from pathlib import Path

import ports
from processes import CannotRun

TENANT = "demo"
SENT_TYPE = "invoice.payment_failed"
# From the event's commit until it is a payment event.
WORKED_OFF_WITHIN = 20.0
LOOK_EVERY = 0.05


@dataclass
class Source:
    """A place of the demo tenant, and what a shell needs to send to it as the provider does."""
    slug: str
    provider: str
    secret_begins: str
    settings: str
    sends: str
    curl: str  # SECRET and URL stand for its own

    def file(self, folder):
        return folder / f"{self.slug}.secret"

    def url(self):
        return f"http://127.0.0.1:{ports.WEBHOOKS.number()}/v1/in/{TENANT}/{self.slug}"

    def line(self, folder):
        secret = self.file(folder).read_text(encoding="ascii").strip()
        return textwrap.dedent(self.curl).strip().replace("SECRET", secret).replace("URL", self.url())


# Each line signs a body with a new id, as it would come from there.
SOURCES = [
    Source(slug="stripe", provider="stripe", secret_begins="whsec_", settings="",
           sends="an invoice could not be paid",
           curl=r"""
           t=$(date +%s); body='{"id":"evt_'$t'","object":"event","type":"invoice.payment_failed","livemode":true,
             "created":'$t',"data":{"object":{"id":"in_'$t'","object":"invoice","currency":"usd","amount_due":4900,
             "attempt_count":1,"customer":"cus_1","payment_intent":"pi_'$t'","customer_name":"Grace Hopper","number":"GH-'$t'"}}}'
           curl URL --data-binary "$body" -H "Stripe-Signature: t=$t,v1=$(printf '%s.%s' $t "$body" |
             openssl dgst -sha256 -hmac 'SECRET' -r | cut -d' ' -f1)"
           """),
    Source(slug="shopify", provider="shopify", secret_begins="", settings="",
           sends="an order was paid",
           curl=r"""
           t=$(date +%s); body='{"id":'$t',"name":"#'$t'","currency":"EUR","total_price":"129.00",
             "financial_status":"paid","created_at":"'$(date -u +%FT%TZ)'","customer":{"id":1,"first_name":"Ada"}}'
           curl URL --data-binary "$body" -H 'X-Shopify-Topic: orders/paid' -H "X-Shopify-Webhook-Id: $t" \
             -H 'X-Shopify-Shop-Domain: demo.myshopify.com' -H "X-Shopify-Hmac-Sha256: $(printf %s "$body" |
             openssl dgst -sha256 -hmac 'SECRET' -binary | base64)"
           """),
    Source(slug="orders", provider="generic", secret_begins="", settings='{"id":"/id","type":"/type"}',
           sends="any sender that signs with HMAC",
           curl=r"""
           t=$(date +%s); body='{"id":"'$t'","type":"order.shipped"}'
           curl URL --data-binary "$body" -H "X-Signature: $(printf %s "$body" |
             openssl dgst -sha256 -hmac 'SECRET' -r | cut -d' ' -f1)"
           """),
]
SENT_TO = SOURCES[0]


def said(answer, what):
    if answer.returncode != 0:
        raise CannotRun(f"{what}: {' '.join((answer.stderr.strip() or answer.stdout.strip()).split())}")
    return answer.stdout


class Demo:
    """`tollgate` runs a command as the operator of this machine; `write_private` makes a file that nobody else reads."""

    def __init__(self, tollgate, folder: Path, write_private):
        self._tollgate = tollgate
        self._folder = folder
        self._write_private = write_private
        # Those that are open, once all of it is made.
        self._sources = []
        self._closed = None

    def make(self):
        """What is there already stays, also where somebody has changed it."""
        self._folder.mkdir(exist_ok=True)
        shown = self._tollgate("tenant", "show", TENANT, "--json")
        if shown.returncode != 0:
            said(self._tollgate("tenant", "create", TENANT, "--name", "Demo"), "the tenant demo was not made")
        elif json.loads(shown.stdout)["disabled_at"]:
            self._closed = f"the tenant {TENANT} is disabled (tollgate tenant enable {TENANT})"
            return
        for source in SOURCES:
            if self._make_source(source):
                self._sources.append(source)
        if SENT_TO not in self._sources:
            self._closed = (f"its source {SENT_TO.slug} is disabled "
                            f"(tollgate source enable {SENT_TO.slug} --tenant {TENANT})")

    def why_closed(self):
        """Why no event can be sent, where somebody wants it so."""
        return self._closed

    def _make_source(self, source):
        """Whether it is open."""
        shown = self._tollgate("source", "show", source.slug, "--tenant", TENANT, "--json")
        there = shown.returncode == 0
        if there and json.loads(shown.stdout)["disabled_at"]:
            return False
        file = source.file(self._folder)
        if there and file.exists():
            return True
        if not file.exists():
            self._write_private(file, source.secret_begins + secrets.token_hex(24) + "\n")
        if there:
            order = ["source", "secret", "add", source.slug, "--tenant", TENANT]
        else:
            order = ["source", "create", "--tenant", TENANT, "--provider", source.provider, "--slug", source.slug]
            order += ["--settings", source.settings] if source.settings else []
        said(self._tollgate(*order, "--secret-file", str(file)), f"the source {source.slug} was not made")
        return True

    def first_message(self, wait):
        """Sends one event and gives its message, as Slack would show it, and how long that took. `wait` lets some
        seconds pass, or raises if somebody stops it all."""
        began = time.monotonic()
        answer = json.loads(said(self._tollgate(
            "send", "--provider", SENT_TO.provider, "--type", SENT_TYPE, "--json", "--to", SENT_TO.url(),
            "--secret-file", str(SENT_TO.file(self._folder))), "the demo event was not taken"))
        event = json.loads(answer["body"])["event_id"]
        while True:
            shown = self._tollgate("delivery", "preview", event, "--text")
            took = time.monotonic() - began
            if shown.returncode == 0:
                return event, shown.stdout.rstrip(), took
            if took > WORKED_OFF_WITHIN:
                raise CannotRun(f"the demo event {event} has no message after {took:.0f} s: {shown.stderr.strip()}; "
                                f"see `tollgate event show {event}`")
            wait(LOOK_EVERY)

    def describe(self):
        """The sources with their secrets, and a line for each; nothing where all of it is disabled."""
        if not self._sources:
            return ""
        count = {1: "one source", 2: "two sources", 3: "three sources"}[len(self._sources)]
        lines = [f"\nThe tenant {TENANT} has {count} (secrets in {self._folder}):"]
        for source in self._sources:
            secret = source.file(self._folder).read_text(encoding="ascii").strip()
            lines.append(f"  {source.slug:9} {source.url()}  {secret}")
        lines.append("\nPaste one of these into another shell:")
        for source in self._sources:
            lines.append(f"\n# {source.slug}: {source.sends}\n{source.line(self._folder)}")
        return "\n".join(lines)
