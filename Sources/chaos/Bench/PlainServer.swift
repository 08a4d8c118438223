import ChaosRuntime

/// The plain server that `chaos bench wire` compares the exchange with: the same call, the same signature, the same history,
/// in Python's standard library (asyncio, hmac, decimal, json) as its users write it.
///
/// What an order goes through is what it goes through at the exchange: key, time and signature; the parameters and the market's
/// filters; funds that are locked; a book of twenty levels on each side that follows a price ten times a second; trades with
/// fees out of what is received; a ledger whose sums are proven after every step; the answer with its rate-limit fields. Of each
/// order the venue's history gets the same lines (request, NEW, TRADE, the account's balances, reply) and the wire's
/// log one, written to files ten times a second. It knows one market, one account, and limit orders that rest nowhere (IOC): the
/// orders of the bench. Faults, streams, control and all other calls of the exchange it has not.
enum PlainServer {
  /// Starts it; nil without Python. Its logs stand in `folder`.
  static func start(key: String, secret: String, folder: String) -> (child: ChildProcess, port: UInt16)? {
    let program = ChildProgram(
      "/usr/bin/env", words: ["env", "python3", "-c", source, key, secret, folder],
      environment: ChildProcess.environment)
    guard let child = ChildProcess(program), let line = child.line(silence: 10), let port = UInt16(line) else {
      return nil
    }
    return (child, port)
  }

  private static let source = #"""
    import asyncio, hashlib, hmac, json, random, sys, time
    from datetime import datetime, timezone
    from decimal import ROUND_DOWN, Decimal
    from urllib.parse import parse_qsl

    KEY, SECRET, FOLDER = sys.argv[1], sys.argv[2].encode(), sys.argv[3]
    BASE, QUOTE, SYMBOL = 'BTC', 'USDT', 'BTCUSDT'
    TICK, STEP, LEAST, FEE, UNIT = map(Decimal, ('0.01', '0.00001', '5', '0.001', '0.00000001'))


    class Refusal(Exception):
        def __init__(self, code, text, status=400):
            self.code, self.text, self.status = code, text, status


    def stamp():
        return datetime.now(timezone.utc).isoformat().replace('+00:00', 'Z')


    def eight(amount):
        return str(amount.quantize(UNIT))


    class Venue:
        """One market with a market maker, accounts with free and locked balances, and a history of everything."""

        def __init__(self):
            self.balances = {'bot': {BASE: [Decimal(10_000), Decimal(0)], QUOTE: [Decimal(100_000_000), Decimal(0)]},
                             'market': {BASE: [Decimal(10**9), Decimal(0)], QUOTE: [Decimal(10**12), Decimal(0)]},
                             'fees': {BASE: [Decimal(0), Decimal(0)], QUOTE: [Decimal(0), Decimal(0)]}}
            self.totals = self.sums()
            self.orders, self.by_client_id, self.trades, self.requests = [], {}, 0, 0
            self.history, self.wire = [], []
            self.slot, self.asks, self.bids = None, [], []

        def sums(self):
            return {asset: sum(sum(holder[asset]) for holder in self.balances.values()) for asset in (BASE, QUOTE)}

        def note(self, kind, **members):
            self.history.append({'timestamp': stamp(), 'kind': kind, **members})

        def refresh(self):
            slot = int(time.time() * 10)
            if slot == self.slot:
                return
            self.slot = slot
            last = Decimal(random.Random(slot).randrange(9_990_000, 10_010_000)).scaleb(-2)
            space = (last * 2 / 10_000).quantize(TICK, ROUND_DOWN)
            unit = (2000 / last).quantize(STEP, ROUND_DOWN)
            self.asks = [[last + TICK + space * n, unit * (n + 1)] for n in range(20)]
            self.bids = [[last - TICK - space * n, unit * (n + 1)] for n in range(20)]

        def move(self, asset, amount, giver, place, taker):
            self.balances[giver][asset][place] -= amount
            self.balances[taker][asset][0] += amount

        def place(self, items):
            self.requests += 1
            number = self.requests
            client, side = items['newClientOrderId'], items['side']
            quantity, price = Decimal(items['quantity']), Decimal(items['price'])
            about = {'client_order_id': client, 'symbol': 'BTC/USDT', 'side': side.lower()}
            self.note('request', id=number, call='place_order', **about, qty=items['quantity'], price=items['price'],
                      type=items['type'].lower(), tif=items['timeInForce'].lower())
            self.refresh()
            if client in self.by_client_id:
                raise Refusal(-2010, 'Duplicate order sent.')
            if quantity <= 0 or quantity % STEP or price <= 0 or price % TICK or quantity * price < LEAST:
                raise Refusal(-1013, 'Filter failure')
            spent, held = (QUOTE, quantity * price) if side == 'BUY' else (BASE, quantity)
            funds = self.balances['bot'][spent]
            if funds[0] < held:
                raise Refusal(-2010, 'Account has insufficient balance for requested action.')
            funds[0] -= held
            funds[1] += held
            order = {'symbol': SYMBOL, 'orderId': len(self.orders) + 1, 'clientOrderId': client, 'side': side,
                     'price': price, 'quantity': quantity, 'filled': Decimal(0), 'quote': Decimal(0), 'status': 'NEW',
                     'time': int(time.time() * 1000), 'fills': []}
            self.orders.append(order)
            self.by_client_id[client] = order
            bid, ask = str(self.bids[0][0]), str(self.asks[0][0])
            told = {**about, 'order_id': str(order['orderId'])}
            self.note('event', type='NEW', **told, status='NEW', filled_qty='0', filled_quote='0', bid=bid, ask=ask,
                      delivered=False)
            self.match(order, told, bid, ask)
            rest = self.balances['bot'][spent][1]
            self.move(spent, rest, 'bot', 1, 'bot')
            if order['status'] != 'FILLED':
                order['status'] = 'EXPIRED'
                self.note('event', type='EXPIRED', **told, status='EXPIRED', filled_qty=str(order['filled']),
                          filled_quote=str(order['quote']), bid=bid, ask=ask, delivered=False)
            self.note('event', type='BALANCE', delivered=False, balances=[
                {'asset': asset, 'free': str(free), 'locked': str(locked)}
                for asset, (free, locked) in self.balances['bot'].items()])
            assert self.sums() == self.totals
            self.note('reply', id=number, call='place_order', outcome='ok', order_id=str(order['orderId']), **about,
                      took_ms=0)
            return order

        def match(self, order, told, bid, ask):
            buys = order['side'] == 'BUY'
            book = self.asks if buys else self.bids
            while book and order['filled'] < order['quantity']:
                level = book[0]
                if (level[0] > order['price']) if buys else (level[0] < order['price']):
                    return
                amount = min(level[1], order['quantity'] - order['filled'])
                level[1] -= amount
                if not level[1]:
                    book.pop(0)
                quote = level[0] * amount
                gets, fee = (BASE, amount * FEE) if buys else (QUOTE, quote * FEE)
                self.move(BASE, amount, *(('market', 0, 'bot') if buys else ('bot', 1, 'market')))
                self.move(QUOTE, quote, *(('bot', 1, 'market') if buys else ('market', 0, 'bot')))
                self.move(gets, fee, 'bot', 0, 'fees')
                order['filled'] += amount
                order['quote'] += quote
                order['status'] = 'FILLED' if order['filled'] == order['quantity'] else 'PARTIALLY_FILLED'
                self.trades += 1
                order['fills'].append((self.trades, level[0], amount, fee, gets))
                self.note('event', type='TRADE', **told, status=order['status'], last_qty=str(amount),
                          last_price=str(level[0]), last_quote=str(quote), filled_qty=str(order['filled']),
                          filled_quote=str(order['quote']), fee=f'{fee:f}', fee_asset=gets, maker=False, bid=bid, ask=ask,
                          delivered=False)


    class Exchange(asyncio.Protocol):
        venue = Venue()

        def connection_made(self, transport):
            self.transport, self.rest = transport, b''

        def data_received(self, data):
            self.rest += data
            while b'\r\n\r\n' in self.rest:
                head, self.rest = self.rest.split(b'\r\n\r\n', 1)
                self.transport.write(self.answer(head.decode()))

        def answer(self, head):
            lines = head.split('\r\n')
            method, target, _ = lines[0].split(' ')
            path, _, query = target.partition('?')
            fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(':') for line in lines[1:])}
            items, status = dict(parse_qsl(query)), 200
            try:
                if (method, path) != ('POST', '/api/v3/order'):
                    raise Refusal(-1002, 'no such call', 404)
                self.authorize(query, items, fields)
                body = self.order(items)
            except Refusal as refusal:
                status, body = refusal.status, {'code': refusal.code, 'msg': refusal.text}
            self.venue.wire.append({'timestamp': stamp(), 'kind': 'request', 'method': method, 'path': path,
                                    'symbol': items.get('symbol'), 'side': items.get('side'),
                                    'client_order_id': items.get('newClientOrderId'), 'status': status, 'account': 'bot'})
            text = json.dumps(body, separators=(',', ':')).encode()
            used = str(self.venue.requests)
            return (f'HTTP/1.1 {status} OK\r\nContent-Type: application/json;charset=UTF-8\r\nX-MBX-USED-WEIGHT: {used}\r\n'
                    f'X-MBX-USED-WEIGHT-1M: {used}\r\nX-MBX-ORDER-COUNT-10S: {used}\r\nX-MBX-ORDER-COUNT-1D: {used}\r\n'
                    f'Content-Length: {len(text)}\r\n\r\n').encode() + text

        def authorize(self, query, items, fields):
            if fields.get('x-mbx-apikey') != KEY:
                raise Refusal(-2015, 'Invalid API-key, IP, or permissions for action.', 401)
            late = time.time() * 1000 - int(items['timestamp'])
            if not -1000 <= late <= int(items.get('recvWindow', 5000)):
                raise Refusal(-1021, 'Timestamp for this request is outside of the recvWindow.')
            signed, _, signature = query.rpartition('&signature=')
            if not hmac.compare_digest(hmac.new(SECRET, signed.encode(), hashlib.sha256).hexdigest(), signature):
                raise Refusal(-1022, 'Signature for this request is not valid.')

        def order(self, items):
            if items.get('symbol') != SYMBOL:
                raise Refusal(-1121, 'Invalid symbol.')
            if items.get('side') not in ('BUY', 'SELL') or items.get('type') != 'LIMIT' or items.get('timeInForce') != 'IOC':
                raise Refusal(-1102, 'A mandatory parameter was not sent, was empty/null, or malformed.')
            order = self.venue.place(items)
            return {'symbol': SYMBOL, 'orderId': order['orderId'], 'orderListId': -1, 'clientOrderId': order['clientOrderId'],
                    'transactTime': order['time'], 'price': eight(order['price']), 'origQty': eight(order['quantity']),
                    'executedQty': eight(order['filled']), 'origQuoteOrderQty': '0.00000000',
                    'cummulativeQuoteQty': eight(order['quote']), 'status': order['status'], 'timeInForce': 'IOC',
                    'type': 'LIMIT', 'side': order['side'], 'workingTime': order['time'],
                    'selfTradePreventionMode': 'EXPIRE_TAKER'}


    async def main():
        server = await asyncio.get_running_loop().create_server(Exchange, '127.0.0.1', 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        venue = Exchange.venue
        with open(FOLDER + '/exchange.jsonl', 'w') as history, open(FOLDER + '/wire.jsonl', 'w') as wire:
            while True:
                await asyncio.sleep(0.1)
                for lines, file in ((venue.history, history), (venue.wire, wire)):
                    file.writelines(json.dumps(line, separators=(',', ':')) + '\n' for line in lines)
                    file.flush()
                    lines.clear()

    asyncio.run(main())
    """#
}
