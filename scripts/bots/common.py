"""What the example bots share: signed calls of Binance spot, with the standard library alone.

The address and the key come from CHAOS_HTTP, CHAOS_API_KEY, CHAOS_API_SECRET and CHAOS_SYMBOLS, as `chaos run --engine`
sets them; any other bot needs no more than these either. Where CHAOS_BELIEF names a file, the bot writes there what it
believes to have.
"""

import decimal
import hashlib
import hmac
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request

HTTP = os.environ.get("CHAOS_HTTP", "http://127.0.0.1:8899")
KEY = os.environ.get("CHAOS_API_KEY", "")
SECRET = os.environ.get("CHAOS_API_SECRET", "")
SYMBOL = os.environ.get("CHAOS_SYMBOLS", "BTCUSDT").split(",")[0]
BASE = SYMBOL.removesuffix("USDT")
BELIEF = os.environ.get("CHAOS_BELIEF")
TIMEOUT_S = 1.0


class Refused(Exception):
    """The venue said no: its code is final."""

    def __init__(self, code, text):
        super().__init__(f"{code} {text}")
        self.code = code


class Unknown(Exception):
    """Nobody knows what became of the call: no answer, or one of a gateway."""


def call(method, path, **parameters):
    """One signed call; raises Refused or Unknown."""
    parameters["timestamp"] = int(time.time() * 1000)
    query = urllib.parse.urlencode(parameters)
    signature = hmac.new(SECRET.encode(), query.encode(), hashlib.sha256).hexdigest()
    request = urllib.request.Request(
        f"{HTTP}{path}?{query}&signature={signature}", method=method, headers={"X-MBX-APIKEY": KEY}
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        body = error.read()
        if error.code >= 500:
            raise Unknown(f"HTTP {error.code}") from error
        try:
            refusal = json.loads(body)
        except ValueError:
            raise Unknown(f"HTTP {error.code} without JSON") from error
        raise Refused(refusal.get("code"), refusal.get("msg")) from error
    except (OSError, ValueError) as error:
        raise Unknown(str(error)) from error


class Book:
    """What the bot has by the fills that it knows of, told in the file of CHAOS_BELIEF."""

    def __init__(self):
        self.held = decimal.Decimal(0)
        self.tell()

    def booked(self, side, fills):
        """Takes fills in: their quantity, less the fee where it is paid in what was bought."""
        for fill in fills:
            quantity = decimal.Decimal(fill["qty"])
            self.held += quantity if side == "BUY" else -quantity
            if fill["commissionAsset"] == BASE:
                self.held -= decimal.Decimal(fill["commission"])
        self.tell()

    def tell(self):
        """Replaces the file as a whole: nobody reads half of it."""
        if not BELIEF:
            return
        with open(f"{BELIEF}.new", "w", encoding="utf-8") as file:
            json.dump({"positions": {SYMBOL: str(self.held)}, "open_orders": []}, file)
        os.replace(f"{BELIEF}.new", BELIEF)
