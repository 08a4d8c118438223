"""ccxt, sync, async and pro."""

import asyncio

import ccxt
import ccxt.async_support
import ccxt.pro
from control import HTTP, KEY, SECRET, WS, expect, faults

PATHS = {
    "public": "api/v3", "private": "api/v3", "v1": "api/v1", "sapi": "sapi/v1", "sapiV2": "sapi/v2",
    "sapiV3": "sapi/v3", "sapiV4": "sapi/v4",
}


def pointed(kind):
    """A client pointed at the exchange, as `chaos serve` prints it."""
    client = kind({"apiKey": KEY, "secret": SECRET, "options": {"fetchMarkets": {"types": ["spot"]}}})
    client.urls["api"].update({name: f"{HTTP}/{path}" for name, path in PATHS.items()})
    client.urls["api"]["ws"] = {"spot": f"{WS}/stream", "margin": f"{WS}/stream", "ws-api": {"spot": f"{WS}/ws-api/v3"}}
    return client


def sync():
    client = pointed(ccxt.binance)
    symbol = "BTC/USDT"
    assert symbol in client.load_markets()
    assert client.fetch_balance()["USDT"]["free"] == 10000
    ticker = client.fetch_ticker(symbol)
    assert ticker["bid"] < ticker["ask"] and ticker["low"] <= ticker["last"] <= ticker["high"]
    assert len(client.fetch_tickers()) == 3 and client.fetch_bids_asks([symbol])[symbol]["bid"]
    book = client.fetch_order_book(symbol, 5)
    assert len(book["bids"]) == 5 and book["bids"][0][0] < book["asks"][0][0]
    candles = client.fetch_ohlcv(symbol, "5m", limit=50)
    assert len(candles) == 50 and all(a[0] + 300000 == b[0] for a, b in zip(candles, candles[1:]))
    assert len(client.fetch_trades(symbol, limit=10)) == 10

    def price(share):
        return client.price_to_precision(symbol, ticker["ask"] * share)

    bought = client.create_order(symbol, "market", "buy", 0.01)
    assert bought["status"] == "closed" and bought["fee"]["currency"] == "BTC"
    resting = client.create_order(symbol, "limit", "buy", 0.01, price(0.9))
    assert [o["id"] for o in client.fetch_open_orders(symbol)] == [resting["id"]]
    assert client.fetch_order(resting["id"], symbol)["status"] == "open"
    assert client.cancel_order(resting["id"], symbol)["status"] == "canceled"
    assert client.create_order(symbol, "limit", "buy", 0.005, price(1.01), {"timeInForce": "IOC"})["status"] == "closed"
    assert client.create_order(symbol, "limit", "buy", 0.001, price(0.9), {"timeInForce": "FOK"})["status"] in ("expired", "canceled")
    client.create_order(symbol, "limit", "sell", 0.005, price(1.05), {"postOnly": True})
    expect(ccxt.OrderImmediatelyFillable, client.create_order, symbol, "limit", "buy", 0.005, price(1.01), {"postOnly": True})
    assert len(client.cancel_all_orders(symbol)) == 1
    assert client.create_market_buy_order_with_cost("ETH/USDT", 100)["cost"] > 99
    assert client.fetch_my_trades(symbol) and client.fetch_orders(symbol) and client.fetch_closed_orders(symbol)
    expect(ccxt.OrderNotFound, client.cancel_order, resting["id"], symbol)
    expect(ccxt.OrderNotFound, client.fetch_order, "99999", symbol)
    expect(ccxt.InsufficientFunds, client.create_order, symbol, "market", "buy", 5)
    expect(ccxt.BadRequest, client.create_order, symbol, "limit", "buy", 0.00001, 50, text="NOTIONAL")

    # Faults: the venue's refusal, a gateway's page, a reset, a limit.
    faults("exchange.place_order=1*return(30004)")
    expect(ccxt.InsufficientFunds, client.create_order, symbol, "market", "buy", 0.001)
    faults("wire.request[path=/api/v3/account]=1*replace(wire=html-502)")
    expect(ccxt.ExchangeNotAvailable, client.fetch_balance)
    faults("wire.request[method=POST,path=/api/v3/order]=1*replace(wire=reset-after)")
    expect(ccxt.NetworkError, client.create_order, symbol, "market", "buy", 0.001)
    faults("wire.request[path=/api/v3/time]=1*replace(wire=429)")
    expect(ccxt.DDoSProtection, client.fetch_time)
    faults("wire.request[path=/api/v3/account]=1*replace(wire=skew)")
    expect(ccxt.InvalidNonce, client.fetch_balance)
    faults()
    wrong = pointed(ccxt.binance)
    wrong.secret = "wrong"
    expect(ccxt.AuthenticationError, wrong.fetch_balance)


async def asynchronous():
    client = pointed(ccxt.async_support.binance)
    symbol = "BTC/USDT"
    try:
        assert symbol in await client.load_markets()
        # Side by side, on connections of their own.
        books = await asyncio.gather(*(client.fetch_order_book(s, 5) for s in (symbol, "ETH/USDT", "SOL/USDT")))
        assert all(book["bids"][0][0] < book["asks"][0][0] for book in books)
        before = (await client.fetch_balance())["BTC"]["total"]
        orders = await asyncio.gather(*(client.create_order(symbol, "market", "buy", 0.002) for _ in range(5)))
        assert {o["status"] for o in orders} == {"closed"} and len({o["id"] for o in orders}) == 5
        assert (await client.fetch_balance())["BTC"]["total"] > before + 0.0099
        faults("wire.request[method=POST,path=/api/v3/order]=1*replace(wire=html-503)")
        try:
            await client.create_order(symbol, "market", "buy", 0.002)
        except ccxt.ExchangeNotAvailable:
            pass
        else:
            raise AssertionError("a gateway's page was no error")
        faults()
    finally:
        await client.close()


async def pro():
    client = pointed(ccxt.pro.binance)
    symbol = "BTC/USDT"
    await client.load_markets()

    async def some(call, count=2):
        for _ in range(count):
            last = await asyncio.wait_for(call(), 15)
        return last

    try:
        book = await some(lambda: client.watch_order_book(symbol), 12)
        assert book["bids"][0][0] < book["asks"][0][0]
        assert await some(lambda: client.watch_trades(symbol))
        assert (await some(lambda: client.watch_ticker(symbol)))["last"]
        assert await some(lambda: client.watch_bids_asks([symbol, "ETH/USDT"]))
        assert await some(lambda: client.watch_ohlcv(symbol, "1m"))
        waiting = [asyncio.ensure_future(w) for w in (client.watch_orders(symbol), client.watch_balance(), client.watch_my_trades(symbol))]
        await asyncio.sleep(1)
        assert (await client.create_order(symbol, "market", "buy", 0.01))["status"] == "closed"
        for each in waiting:
            assert await asyncio.wait_for(each, 10)
        order = await client.create_order_ws(symbol, "limit", "buy", 0.01, 50000)
        assert (await client.fetch_order_ws(order["id"], symbol))["status"] == "open"
        assert len(await client.fetch_open_orders_ws(symbol)) == 1
        assert (await client.cancel_order_ws(order["id"], symbol))["status"] == "canceled"
    finally:
        await client.close()


sync()
asyncio.run(asynchronous())
asyncio.run(pro())
