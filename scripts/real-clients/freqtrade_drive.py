"""freqtrade, live: its own loop buys and sells over REST while it listens to candles; a gateway's page meets its first order.

Its own book of trades has to be what the venue has.
"""

import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

from control import HTTP, KEY, SECRET, WS, control, faults

PAIRS = ["BTC/USDT", "ETH/USDT"]
# Its start takes some ten seconds of processor, and a pair is bought once a candle.
LIMIT_S = 150
STRATEGY = '''
from freqtrade.strategy import IStrategy


class Always(IStrategy):
    """Buys whenever it may, and sells at once."""

    INTERFACE_VERSION = 3
    timeframe = "1m"
    minimal_roi = {"0": -0.9}
    stoploss = -0.95
    startup_candle_count = 2
    order_types = {"entry": "market", "exit": "market", "stoploss": "market", "stoploss_on_exchange": False}

    def populate_indicators(self, dataframe, metadata):
        return dataframe

    def populate_entry_trend(self, dataframe, metadata):
        dataframe["enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe, metadata):
        return dataframe
'''


def configuration():
    """As `chaos serve` prints it: the same dictionary for the plain client, the async one and the one with streams."""
    ccxt = {
        "options": {"fetchMarkets": {"types": ["spot"]}},
        "urls": {
            "api": {
                "public": f"{HTTP}/api/v3", "private": f"{HTTP}/api/v3", "v1": f"{HTTP}/api/v1", "sapi": f"{HTTP}/sapi/v1",
                "sapiV2": f"{HTTP}/sapi/v2", "sapiV3": f"{HTTP}/sapi/v3", "sapiV4": f"{HTTP}/sapi/v4",
                "ws": {"spot": f"{WS}/stream", "margin": f"{WS}/stream", "ws-api": {"spot": f"{WS}/ws-api/v3"}},
            }
        },
    }
    pricing = {"price_side": "other", "use_order_book": True, "order_book_top": 1}
    return {
        "bot_name": "chaos", "dry_run": False, "trading_mode": "spot", "stake_currency": "USDT", "stake_amount": 100,
        "max_open_trades": 2, "timeframe": "1m", "entry_pricing": pricing, "exit_pricing": pricing,
        "unfilledtimeout": {"entry": 1, "exit": 1, "unit": "minutes"},
        "exchange": {
            "name": "binance", "key": KEY, "secret": SECRET, "ccxt_config": ccxt, "ccxt_async_config": ccxt,
            "pair_whitelist": PAIRS,
        },
        "pairlists": [{"method": "StaticPairList"}], "internals": {"process_throttle_secs": 1},
        "cancel_open_orders_on_exit": False, "force_entry_enable": False, "initial_state": "running",
    }


def orders():
    """Orders of the account, as the venue has them."""
    return control("GET", "state")["accounts"][0]["orders"]


def book(folder):
    """Filled orders as freqtrade has them: side, symbol, amount."""
    rows = sqlite3.connect(folder / "trades.sqlite").execute(
        "select ft_order_side, ft_pair, filled from orders where status = 'closed'").fetchall()
    return sorted((side, pair.replace("/", ""), amount) for side, pair, amount in rows)


def filled():
    """Filled orders as the venue has them."""
    return sorted((o["side"].lower(), o["symbol"], float(o["executedQty"])) for o in orders() if o["status"] == "FILLED")


def run(folder, until):
    """Runs freqtrade until something is so, lets it book what it has done, and ends it as a user does."""
    (folder / "config.json").write_text(json.dumps(configuration()))
    (folder / "always.py").write_text(STRATEGY)
    words = [
        os.path.join(os.path.dirname(sys.executable), "freqtrade"), "trade", "--config", "config.json", "--strategy", "Always",
        "--strategy-path", ".", "--userdir", ".", "--db-url", "sqlite:///trades.sqlite",
    ]
    with open(folder / "log", "w", encoding="utf-8") as log:
        process = subprocess.Popen(words, cwd=folder, stdout=log, stderr=log)
        try:
            limit = time.monotonic() + LIMIT_S
            while not until():
                assert process.poll() is None, "freqtrade has ended by itself"
                assert time.monotonic() < limit, f"not within {LIMIT_S} s"
                time.sleep(0.5)
            state = control("GET", "state")
            # An interrupt between an order's answer and the book would lose it: no more orders, then what is under way.
            faults("wire.request[method=POST,path=/api/v3/order]=replace(wire=html-503)")
            while book(folder) != filled():
                assert time.monotonic() < limit, f"{book(folder)} is not {filled()}"
                time.sleep(0.5)
        finally:
            process.send_signal(signal.SIGINT)
            code = process.wait(60)
    assert code in (0, 130), f"freqtrade ended with {code}"
    return state["streams"], state["faults"]["fired"]


def has_traded():
    """Both pairs were bought and sold."""
    return all(
        {side for o in orders() if o["symbol"] == pair.replace("/", "") and o["status"] == "FILLED" for side in [o["side"]]}
        == {"BUY", "SELL"}
        for pair in PAIRS
    )


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    faults("wire.request[method=POST,path=/api/v3/order]=1*replace(wire=html-503)")
    try:
        streams, fired = run(folder, has_traded)
    except BaseException:
        print((folder / "log").read_text()[-4000:], file=sys.stderr)
        raise
    control("POST", "heal")
    assert fired == 1, f"the page was sent {fired} times"
    assert "503" in (folder / "log").read_text(), "it did not tell of the page"
    assert streams >= 1, "it listens to no candles"
    assert book(folder) == filled(), f"{book(folder)} is not {filled()}"
