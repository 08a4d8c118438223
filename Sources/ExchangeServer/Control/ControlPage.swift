/// The page at `/chaos/`: one document without anything from elsewhere.
enum ControlPage {
  static let html = """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
    <title>chaos exchange</title>
    <style>
    :root { color-scheme: light dark; --edge: #8884; --dim: #888; --buy: #1a7f4b; --sell: #c2410c; --fault: #b91c1c; --accent: #2563eb }
    @media (prefers-color-scheme: dark) { :root { --buy: #4ade80; --sell: #fb923c; --fault: #f87171; --accent: #93c5fd } }
    * { box-sizing: border-box } body { font: 14px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 1200px; padding: 16px }
    h1 { font-size: 18px; margin: 0 } h2 { font-size: 14px; margin: 20px 0 6px } header { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: baseline }
    .dim { color: var(--dim) } .grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); gap: 0 24px }
    .scroll { overflow-x: auto; border: 1px solid var(--edge); border-radius: 6px; max-height: 320px; overflow-y: auto }
    table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums } th, td { text-align: left; padding: 3px 8px; white-space: nowrap }
    th { position: sticky; top: 0; background: Canvas; font-weight: 600 } tr + tr td { border-top: 1px solid var(--edge) } td.n { text-align: right }
    .buy { color: var(--buy) } .sell { color: var(--sell) } .bad { color: var(--fault) }
    button { font: inherit; padding: 4px 12px; border-radius: 6px; border: 1px solid var(--edge); cursor: pointer }
    input { font: inherit; padding: 4px 8px; border-radius: 6px; border: 1px solid var(--edge); flex: 1 1 200px; min-width: 0 } form { display: flex; flex-wrap: wrap; gap: 8px; margin: 6px 0 }
    svg { width: 100%; height: 150px; display: block } #message { min-height: 1.4em }
    </style></head><body>
    <header><h1>chaos exchange</h1><span id="venue" class="dim"></span><span id="counts"></span><span id="quotes" class="dim"></span></header>
    <h2>Orders of the last two minutes <span class="dim">bar: open, dot: fill, line: fault</span></h2><div class="scroll"><svg id="axis" viewBox="0 0 1000 150" preserveAspectRatio="none" role="img" aria-label="orders on a time axis"></svg></div>
    <h2>Faults</h2><div><button id="switch" type="button">arm</button> <span id="armed" class="dim"></span></div>
    <form id="add"><input id="text" aria-label="a one-line fault" placeholder="exchange.place_order=1*return(timeout)"><button>replace and arm</button></form><div id="message" class="bad" role="status"></div>
    <div class="scroll"><table id="faults"></table></div>
    <div class="grid"><section><h2>Balances</h2><div class="scroll"><table id="balances"></table></div></section>
    <section><h2>Orders</h2><div class="scroll"><table id="orders"></table></div></section></div>
    <h2>Requests</h2><div class="scroll"><table id="requests"></table></div>
    <script>
    const $ = id => document.getElementById(id), token = new URLSearchParams(location.hash.slice(1)).get('token') || ''
    const lines = []; let next = 0, state = null
    async function call(method, path, body) {
      const answer = await fetch('/chaos/v1/' + path, { method, headers: { 'X-Chaos-Token': token }, body: body && JSON.stringify(body) })
      const json = await answer.json()
      $('message').textContent = json.error || ''
      return json
    }
    function rows(table, head, list) {
      const row = (cells, tag) => { const tr = document.createElement('tr'); for (const cell of cells) { const td = document.createElement(tag)
        const [text, style] = Array.isArray(cell) ? cell : [cell, '']; td.textContent = text; td.className = style; tr.append(td) } return tr }
      table.replaceChildren(row(head, 'th'), ...list.map(cells => row(cells, 'td')))
    }
    const trim = text => text.includes('.') ? text.replace(/0+$/, '').replace(/\\.$/, '') : text
    const clock = ms => new Date(ms).toISOString().slice(11, 23)
    function draw() {
      const end = state.time, start = end - 120000, x = t => (t - start) / 120, svg = []
      const add = (name, attributes, title) => { const e = document.createElementNS('http://www.w3.org/2000/svg', name)
        for (const key in attributes) e.setAttribute(key, attributes[key]); if (title) { const t = document.createElementNS('http://www.w3.org/2000/svg', 'title'); t.textContent = title; e.append(t) } svg.push(e) }
      for (const line of lines) { const t = Date.parse(line.timestamp); if (t < start) continue
        if (line.injected || line.kind === 'armed' || line.kind === 'healed') add('line', { x1: x(t), x2: x(t), y1: 0, y2: 150, stroke: 'var(--fault)', 'stroke-width': 1.5, 'stroke-dasharray': line.injected ? '' : '4 4' }, (line.injected || line.kind) + ' ' + clock(t)) }
      let lane = 0
      for (const account of state.accounts) for (const order of account.orders) {
        const open = ['NEW', 'PARTIALLY_FILLED'].includes(order.status), to = open ? end : order.updateTime
        if (to < start) continue
        const y = 8 + 9 * (lane++ % 15), color = order.side === 'BUY' ? 'var(--buy)' : 'var(--sell)'
        add('rect', { x: x(Math.max(order.time, start)), y: y - 2, width: Math.max(2, (to - Math.max(order.time, start)) / 120), height: 4, fill: color, opacity: .45 }, `${order.side} ${order.symbol} ${trim(order.origQty)} ${order.status}`)
        for (const fill of account.fills) if (fill.orderId === order.orderId && fill.time >= start) add('ellipse', { cx: x(fill.time), cy: y, rx: 3, ry: 3.5, fill: color }, `${trim(fill.qty)} at ${trim(fill.price)}`)
      }
      $('axis').replaceChildren(...svg)
    }
    async function turn() {
      try {
        state = await call('GET', 'state')
        if (state.error) return
        const more = await call('GET', 'history?since=' + next)
        next = more.next; lines.push(...more.lines); if (lines.length > 3000) lines.splice(0, lines.length - 3000)
        $('venue').textContent = `${state.venue}, seed ${state.seed}, ${clock(state.time)} UTC`
        $('counts').textContent = `${state.requests} requests, ${state.refused} refused, ${state.orders} orders, ${state.streams} streams`
        $('quotes').textContent = state.quotes.slice(0, 4).map(q => `${q.symbol} ${q.last}`).join('  ')
        $('armed').textContent = state.faults.armed ? `armed, fired ${state.faults.fired} times` : 'not armed'
        $('switch').textContent = state.faults.armed ? 'heal' : 'arm'
        $('switch').disabled = state.faults.faults.length === 0
        rows($('faults'), ['fault', 'eligible', 'fired', 'what'], state.faults.faults.map(f => [f.id, [f.eligible, 'n'], [f.fired, f.fired ? 'n bad' : 'n'], f.title === f.text ? f.text : `${f.title}: ${f.text}`]))
        rows($('balances'), ['account', 'asset', 'free', 'locked'], state.accounts.flatMap(a => a.balances.map(b => [a.name, b.asset, [trim(b.free), 'n'], [trim(b.locked), 'n']])))
        rows($('orders'), ['time', 'symbol', 'side', 'type', 'quantity', 'filled', 'status'], state.accounts.flatMap(a => a.orders).slice(-100).reverse().map(o => [clock(o.time), o.symbol, [o.side, o.side.toLowerCase()], o.type, [trim(o.origQty), 'n'], [trim(o.executedQty), 'n'], o.status]))
        rows($('requests'), ['time', 'what', 'path', 'status', 'code', 'fault'], lines.slice(-150).reverse().map(l => [l.timestamp.slice(11, 23), l.method || l.kind, l.path || (l.streams || [l.text || '']).join(' '), [l.status ?? '', l.status >= 400 ? 'bad' : ''], [l.code ?? '', 'n'], [l.injected || '', 'bad']]))
        draw()
      } catch (error) { $('message').textContent = 'the exchange does not answer' }
    }
    $('switch').onclick = async () => { await call('POST', state.faults.armed ? 'heal' : 'arm'); turn() }
    $('add').onsubmit = async event => { event.preventDefault(); await call('PUT', 'faults', { faults: $('text').value ? [$('text').value] : [] }); turn() }
    turn(); setInterval(turn, 1000)
    </script></body></html>
    """
}
