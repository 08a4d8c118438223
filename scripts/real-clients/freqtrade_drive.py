"""freqtrade, live: it starts, buys at the market's price, sells again, and ends at Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time

from control import HTTP, KEY, SECRET, WS, control

PATHS = {
    "public": "api/v3", "private": "api/v3", "v1": "api/v1", "sapi": "sapi/v1", "sapiV2": "sapi/v2",
    "sapiV3": "sapi/v3", "sapiV4": "sapi/v4",
}
STRATEGY = """
from freqtrade.strategy import IStrategy


class Always(IStrategy):
    timeframe = "1m"
    minimal_roi = {"0": -1}
    stoploss = -0.1
    startup_candle_count = 0
    process_only_new_candles = False

    def populate_indicators(self, dataframe, metadata):
        return dataframe

    def populate_entry_trend(self, dataframe, metadata):
        dataframe["enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe, metadata):
        return dataframe
"""
# The whole bot has to start, which takes most of it.
SECONDS = 90


def configuration():
    api = {name: f"{HTTP}/{path}" for name, path in PATHS.items()}
    api["ws"] = {"spot": f"{WS}/stream", "margin": f"{WS}/stream", "ws-api": {"spot": f"{WS}/ws-api/v3"}}
    client = {"urls": {"api": api}, "options": {"fetchMarkets": {"types": ["spot"]}}}
    pricing = {"price_side": "other", "use_order_book": True, "order_book_top": 1}
    return {
        "max_open_trades": 2, "stake_currency": "USDT", "stake_amount": 100, "dry_run": False, "trading_mode": "spot",
        "timeframe": "1m", "entry_pricing": pricing, "exit_pricing": pricing, "bot_name": "bot",
        "order_types": {"entry": "limit", "exit": "limit", "stoploss": "market", "stoploss_on_exchange": False},
        "unfilledtimeout": {"entry": 10, "exit": 10, "unit": "minutes"}, "initial_state": "running",
        "exchange": {
            "name": "binance", "key": KEY, "secret": SECRET, "pair_whitelist": ["BTC/USDT", "ETH/USDT"],
            "ccxt_config": client, "ccxt_async_config": client,
        },
        "pairlists": [{"method": "StaticPairList"}], "internals": {"process_throttle_secs": 1},
    }


def filled(side):
    orders = control("GET", "state")["accounts"][0]["orders"]
    return [o for o in orders if o["side"] == side and o["status"] == "FILLED"]


def main():
    with tempfile.TemporaryDirectory() as home:
        with open(f"{home}/Always.py", "w") as file:
            file.write(STRATEGY)
        with open(f"{home}/config.json", "w") as file:
            json.dump(configuration(), file)
        program = os.path.join(os.path.dirname(sys.executable), "freqtrade")
        subprocess.run([program, "create-userdir", "--userdir", f"{home}/user"], check=True, capture_output=True)
        words = [
            program, "trade", "--config", f"{home}/config.json", "--strategy", "Always", "--strategy-path", home,
            "--userdir", f"{home}/user", "--db-url", f"sqlite:///{home}/trades.sqlite",
        ]
        with open(f"{home}/log", "w") as log:
            bot = subprocess.Popen(words, stdout=log, stderr=subprocess.STDOUT)
        try:
            end = time.monotonic() + SECONDS
            while time.monotonic() < end and bot.poll() is None and not (filled("BUY") and filled("SELL")):
                time.sleep(1)
            bought, sold = filled("BUY"), filled("SELL")
            bot.send_signal(signal.SIGINT)
            code = bot.wait(30)
            if not (bought and sold and code in (0, 130)):
                with open(f"{home}/log") as log:
                    print("".join(log.readlines()[-40:]), file=sys.stderr)
            assert bought and sold, f"{len(bought)} purchases, {len(sold)} sales"
            assert code in (0, 130), f"it ended with {code}"
        finally:
            bot.kill()


main()
