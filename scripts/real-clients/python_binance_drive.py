"""python-binance, REST and streams."""

import asyncio

from binance import AsyncClient, BinanceSocketManager, Client
from binance.exceptions import BinanceAPIException
from control import HTTP, KEY, SECRET, WS, expect, faults

for kind in (Client, AsyncClient):
    kind.API_URL = HTTP + "/api"
    kind.MARGIN_API_URL = HTTP + "/sapi"
    kind.WS_API_URL = WS + "/ws-api/v3"
SYMBOL = "BTCUSDT"

client = Client(KEY, SECRET)
assert client.get_symbol_info(SYMBOL)["status"] == "TRADING"
assert client.get_account()["canTrade"] and client.get_asset_balance("USDT")["free"] == "10000.00000000"
assert client.order_market_buy(symbol=SYMBOL, quantity=0.002)["status"] == "FILLED"
order = client.order_limit_buy(symbol=SYMBOL, quantity=0.002, price="50000")
assert order["status"] == "NEW" and len(client.get_open_orders(symbol=SYMBOL)) == 1
assert client.get_order(symbol=SYMBOL, orderId=order["orderId"])["status"] == "NEW"
assert client.cancel_order(symbol=SYMBOL, orderId=order["orderId"])["status"] == "CANCELED"
assert len(client.get_klines(symbol=SYMBOL, interval="1h", limit=24)) == 24
assert client.get_recent_trades(symbol=SYMBOL) and client.get_all_orders(symbol=SYMBOL) and client.get_my_trades(symbol=SYMBOL)
assert client.create_test_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity=1) == {}
expect(BinanceAPIException, client.get_order, symbol=SYMBOL, orderId=999, text="-2013")
faults("exchange.place_order=1*return(-1008)")
expect(BinanceAPIException, client.order_market_buy, symbol=SYMBOL, quantity=0.001, text="-1008")
faults()


async def streams():
    client = await AsyncClient.create(KEY, SECRET)
    manager = BinanceSocketManager(client)
    manager.STREAM_URL = WS + "/"
    try:
        for socket in (
            manager.trade_socket(SYMBOL), manager.kline_socket(SYMBOL), manager.depth_socket(SYMBOL),
            manager.multiplex_socket(["btcusdt@bookTicker", "ethusdt@trade"]),
        ):
            async with socket as stream:
                assert await asyncio.wait_for(stream.recv(), 15)
        async with manager.user_socket() as user:
            await client.create_order(symbol=SYMBOL, side="SELL", type="MARKET", quantity="0.001")
            event = await asyncio.wait_for(user.recv(), 15)
            assert event["e"] == "executionReport", event
    finally:
        await client.close_connection()


asyncio.run(streams())
