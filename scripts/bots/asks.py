#!/usr/bin/env python3
"""Buys and sells in turn, mended: an order without an answer is asked for by its id, and sent again only if it is not there.

    chaos run --engine 'python3 scripts/bots/asks.py' --fault lost-reply --duration 15s
"""

import itertools
import time

from common import SYMBOL, Book, Refused, Unknown, call

# The fee comes out of what is bought, so that less can be sold.
QUANTITY = {"BUY": "0.001", "SELL": "0.00099"}
NO_SUCH_ORDER = -2013
numbers = itertools.count(1)
book = Book()


def answered(path, **parameters):
    """What the venue says to a question; asked again until it says something."""
    while True:
        try:
            return call("GET", path, symbol=SYMBOL, **parameters)
        except Unknown as error:
            print(f"{path}: {error}; asking again", flush=True)
            time.sleep(0.5)


def what_became(client_id):
    """The order as the venue has it, with its fills; None when it has none."""
    try:
        found = answered("/api/v3/order", origClientOrderId=client_id)
    except Refused as error:
        if error.code == NO_SUCH_ORDER:
            return None
        raise
    # The order alone does not say what the fee was.
    return found | {"fills": answered("/api/v3/myTrades", orderId=found["orderId"])}


def order(side):
    """Sends an order, and finds out what became of it."""
    client_id = f"asks-{next(numbers)}"
    while True:
        try:
            return call(
                "POST", "/api/v3/order", symbol=SYMBOL, side=side, type="MARKET", quantity=QUANTITY[side],
                newClientOrderId=client_id,
            )
        except Unknown as error:
            print(f"{side}: {error}; asking", flush=True)
            found = what_became(client_id)
            if found is not None:
                return found


while True:
    for side in ("BUY", "SELL"):
        try:
            done = order(side)
            book.booked(side, done["fills"])
            print(side, done["status"], flush=True)
        except Refused as error:
            print(f"{side} refused: {error}", flush=True)
        time.sleep(0.4)
