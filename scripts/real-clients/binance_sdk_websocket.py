"""binance-sdk-spot: the WebSocket API with its strict types, and the market streams."""

import asyncio
import logging

from binance_common.configuration import ConfigurationWebSocketAPI, ConfigurationWebSocketStreams
from binance_sdk_spot.spot import Spot
from control import KEY, SECRET, WS, faults

SYMBOL = "BTCUSDT"
# What is refused here is meant to be.
logging.disable(logging.CRITICAL)


async def refused(code, call, **parameters):
    """The call must be refused with that code: the client hands the venue's error over in place of the answer."""
    answer = (await call(**parameters)).data()
    assert isinstance(answer, dict), f"{call.__name__} {parameters} was answered: {answer}"
    assert answer["error"]["code"] == code, f"{call.__name__} {parameters}: {answer} is not {code}"


async def market(api):
    assert (await api.time()).data().result.server_time
    await api.ping()
    # The client's own type of this answer knows no result.
    info = (await api.exchange_info(symbols=[SYMBOL, "ETHUSDT"])).data().additional_properties["result"]
    assert [symbol["symbol"] for symbol in info["symbols"]] == [SYMBOL, "ETHUSDT"]
    depth = (await api.depth(symbol=SYMBOL, limit=5)).data().result
    assert len(depth.bids) == len(depth.asks) == 5 and float(depth.bids[0][0]) < float(depth.asks[0][0])
    assert len((await api.klines(symbol=SYMBOL, interval="1m", limit=5)).data().result) == 5
    assert len((await api.ui_klines(symbol=SYMBOL, interval="1m", limit=5)).data().result) == 5
    assert (await api.trades_recent(symbol=SYMBOL, limit=3)).data().result[2].price
    assert (await api.trades_historical(symbol=SYMBOL, limit=3)).data().result[2].price
    assert (await api.trades_aggregate(symbol=SYMBOL, limit=3)).data().result[2].p
    assert (await api.avg_price(symbol=SYMBOL)).data().result.price
    for call in (api.ticker24hr, api.ticker_price, api.ticker_book):
        assert (await call(symbol=SYMBOL)).data().actual_instance.result.symbol == SYMBOL, call.__name__
    await refused(-1121, api.depth, symbol="NOPEUSDT")
    await refused(-1120, api.klines, symbol=SYMBOL, interval="7m")


async def orders(api, events):
    async def place(**parameters):
        return (await api.order_place(symbol=SYMBOL, **parameters)).data().result

    ask = float((await api.depth(symbol=SYMBOL, limit=5)).data().result.asks[0][0])
    bought = await place(side="BUY", type="MARKET", quantity=0.001)
    assert bought.status == "FILLED" and bought.fills
    spent = await place(side="BUY", type="MARKET", quote_order_qty=100)
    assert spent.status == "FILLED" and 90 < float(spent.cummulative_quote_qty) <= 100
    sold = await place(side="SELL", type="LIMIT", time_in_force="IOC", quantity=0.001, price=round(ask * 0.99, 2))
    assert sold.status == "FILLED"
    killed = await place(side="BUY", type="LIMIT", time_in_force="FOK", quantity=0.001, price=round(ask * 0.9, 2))
    assert killed.status == "EXPIRED"
    told = await place(side="BUY", type="MARKET", quantity=0.001, new_order_resp_type="ACK")
    assert told.order_id and told.status is None
    made = await place(side="BUY", type="LIMIT_MAKER", quantity=0.001, price=round(ask * 0.9, 2))
    resting = await place(
        side="BUY", type="LIMIT", time_in_force="GTC", quantity=0.001, price=round(ask * 0.9, 2),
        new_client_order_id="ws-1", new_order_resp_type="RESULT", self_trade_prevention_mode="NONE", recv_window=6000.346)
    assert resting.client_order_id == "ws-1" and resting.status == "NEW"
    await api.order_test(symbol=SYMBOL, side="BUY", type="MARKET", quantity=0.001)
    # Twice the same id, too much, nothing to trade, a post-only order that would trade, a filter, a kind it has not.
    await refused(-2010, api.order_place, symbol=SYMBOL, side="BUY", type="LIMIT", time_in_force="GTC", quantity=0.001,
                  price=round(ask * 0.9, 2), new_client_order_id="ws-1")
    await refused(-2010, api.order_place, symbol=SYMBOL, side="SELL", type="MARKET", quantity=1000)
    await refused(-2010, api.order_place, symbol=SYMBOL, side="BUY", type="LIMIT_MAKER", quantity=0.001, price=round(ask * 1.01, 2))
    await refused(-1013, api.order_place, symbol=SYMBOL, side="BUY", type="LIMIT", time_in_force="GTC", quantity=0.001,
                  price=50000.001)
    await refused(-1102, api.order_place, symbol=SYMBOL, side="BUY", type="LIMIT", time_in_force="GTC", quantity=0.001)
    await refused(-1131, api.order_place, symbol=SYMBOL, side="BUY", type="MARKET", quantity=0.001, recv_window=60001)

    found = (await api.order_status(symbol=SYMBOL, order_id=resting.order_id)).data().result
    assert found.status == "NEW" and found.client_order_id == "ws-1"
    assert (await api.order_status(symbol=SYMBOL, orig_client_order_id="ws-1")).data().result.order_id == resting.order_id
    open_ids = {order.order_id for order in (await api.open_orders_status(symbol=SYMBOL)).data().result}
    assert open_ids == {made.order_id, resting.order_id}
    replaced = (await api.order_cancel_replace(
        symbol=SYMBOL, cancel_replace_mode="STOP_ON_FAILURE", cancel_order_id=resting.order_id, side="BUY", type="LIMIT",
        time_in_force="GTC", quantity=0.002, price=round(ask * 0.9, 2))).data().result
    assert replaced.cancel_result == replaced.new_order_result == "SUCCESS"
    assert (await api.order_cancel(symbol=SYMBOL, order_id=made.order_id)).data().result.status == "CANCELED"
    await refused(-2011, api.order_cancel, symbol=SYMBOL, order_id=made.order_id)
    await refused(-2013, api.order_status, symbol=SYMBOL, order_id=999999)
    assert len((await api.open_orders_cancel_all(symbol=SYMBOL)).data().result) == 1
    await refused(-2011, api.open_orders_cancel_all, symbol=SYMBOL)
    assert bought.order_id in [order.order_id for order in (await api.all_orders(symbol=SYMBOL)).data().result]
    assert bought.order_id in [trade.order_id for trade in (await api.my_trades(symbol=SYMBOL)).data().result]
    account = (await api.account_status(omit_zero_balances=True)).data().result
    assert account.can_trade and all(float(b.free) + float(b.locked) > 0 for b in account.balances)
    assert (await api.account_commission(symbol=SYMBOL)).data().result.standard_commission.taker
    assert (await api.account_rate_limits_orders()).data().result

    def told():
        return [event for event in events if type(event).__name__ == "ExecutionReport"]

    for _ in range(50):
        if len(told()) >= 14:
            break
        await asyncio.sleep(0.1)
    assert {event.X for event in told()} >= {"NEW", "FILLED", "CANCELED", "EXPIRED"}, [event.X for event in told()]
    assert any(type(event).__name__ == "OutboundAccountPosition" for event in events)
    assert [event.C for event in told() if event.i == resting.order_id and event.x == "CANCELED"] == ["ws-1"]


async def faulty(api):
    faults("exchange.place_order=100%return(-1001)")
    await refused(-1001, api.order_place, symbol=SYMBOL, side="BUY", type="MARKET", quantity=0.001)
    faults("exchange.query_order=100%sleep(300ms)")
    loop = asyncio.get_running_loop()
    before = loop.time()
    await refused(-2013, api.order_status, symbol=SYMBOL, orig_client_order_id="nobody")
    assert (await api.time()).data().result.server_time and loop.time() - before < 10
    faults()


async def streams():
    spot = Spot(config_ws_streams=ConfigurationWebSocketStreams(stream_url=f"{WS}/stream"))
    connection = await spot.websocket_streams.create_connection()
    heard = {}
    calls = {
        "trade": connection.trade, "aggTrade": connection.agg_trade, "bookTicker": connection.book_ticker,
        "miniTicker": connection.mini_ticker, "24hrTicker": connection.ticker,
    }
    for name, call in calls.items():
        (await call(symbol="btcusdt")).on("message", lambda event, name=name: heard.setdefault(name, event))
    (await connection.diff_book_depth(symbol="btcusdt")).on("message", lambda event: heard.setdefault("depth", event))
    (await connection.kline(symbol="btcusdt", interval="1m")).on("message", lambda event: heard.setdefault("kline", event))
    for _ in range(100):
        if len(heard) == len(calls) + 2:
            break
        await asyncio.sleep(0.1)
    await connection.close_connection(close_session=True)
    assert len(heard) == len(calls) + 2, sorted(heard)


async def drive():
    configuration = ConfigurationWebSocketAPI(api_key=KEY, api_secret=SECRET, stream_url=f"{WS}/ws-api/v3")
    api = await Spot(config_ws_api=configuration).websocket_api.create_connection()
    await market(api)
    events = []
    subscribed = await api.user_data_stream_subscribe_signature()
    subscribed.stream.on("message", lambda event: events.append(getattr(event, "actual_instance", event)))
    await orders(api, events)
    await faulty(api)
    await api.user_data_stream_unsubscribe(subscription_id=subscribed.response.data().result.subscription_id)
    heard = len(events)
    await api.order_place(symbol=SYMBOL, side="BUY", type="MARKET", quantity=0.001)
    await asyncio.sleep(0.3)
    assert len(events) == heard, "an ended subscription still tells"
    await api.close_connection(close_session=True)
    await streams()


def run():
    asyncio.run(asyncio.wait_for(drive(), 120))
