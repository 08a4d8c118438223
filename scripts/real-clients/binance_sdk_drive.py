"""binance-sdk-spot: REST with its strict types, then its WebSockets."""

import binance_sdk_websocket
from binance_common.configuration import ConfigurationRestAPI
from binance_sdk_spot.rest_api.models import NewOrderSideEnum, NewOrderTimeInForceEnum, NewOrderTypeEnum
from binance_sdk_spot.spot import Spot
from control import HTTP, KEY, SECRET

SYMBOL = "BTCUSDT"
rest = Spot(config_rest_api=ConfigurationRestAPI(api_key=KEY, api_secret=SECRET, base_path=HTTP)).rest_api
assert rest.time().data().server_time
assert rest.exchange_info(symbol=SYMBOL).data().symbols[0].symbol == SYMBOL
assert rest.get_account().data().can_trade
assert rest.klines(symbol=SYMBOL, interval="1m", limit=5).data()
assert rest.depth(symbol=SYMBOL, limit=5).data().bids
bought = rest.new_order(symbol=SYMBOL, side=NewOrderSideEnum["BUY"].value, type=NewOrderTypeEnum["MARKET"].value, quantity=0.001).data()
assert bought.status == "FILLED" and bought.fills
resting = rest.new_order(
    symbol=SYMBOL, side=NewOrderSideEnum["BUY"].value, type=NewOrderTypeEnum["LIMIT"].value, quantity=0.001, price=50000,
    time_in_force=NewOrderTimeInForceEnum["GTC"].value,
).data()
assert rest.get_order(symbol=SYMBOL, order_id=resting.order_id).data().status == "NEW"
assert rest.delete_order(symbol=SYMBOL, order_id=resting.order_id).data().status == "CANCELED"
assert rest.my_trades(symbol=SYMBOL).data()
binance_sdk_websocket.run()
