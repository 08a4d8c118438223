#!/usr/bin/env python3
"""Buys and sells in turn. The mistake: an order without an answer is sent again, under another id.

    chaos run --engine 'python3 scripts/bots/resends.py' --fault lost-reply --duration 15s
"""

import itertools
import time

from common import SYMBOL, Book, Refused, Unknown, call

# The fee comes out of what is bought, so that less can be sold.
QUANTITY = {"BUY": "0.001", "SELL": "0.00099"}
numbers = itertools.count(1)
book = Book()


def order(side):
    """Sends an order until somebody answers."""
    for _ in range(3):
        try:
            return call(
                "POST", "/api/v3/order", symbol=SYMBOL, side=side, type="MARKET", quantity=QUANTITY[side],
                newClientOrderId=f"resends-{next(numbers)}",
            )
        except Unknown as error:
            print(f"{side}: {error}; once more", flush=True)
    return None


while True:
    for side in ("BUY", "SELL"):
        try:
            done = order(side)
            book.booked(side, done["fills"] if done else [])
            print(side, done and done["status"], flush=True)
        except Refused as error:
            print(f"{side} refused: {error}", flush=True)
        time.sleep(0.4)
