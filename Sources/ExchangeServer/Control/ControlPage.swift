/// The page at `/chaos/`: one document without anything from elsewhere. It holds no data; what it shows it asks of control.
enum ControlPage {
  static let html = """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
    <title>chaos exchange</title>
    <style>
    :root { color-scheme: light dark; --edge: #8886; --dim: #5f6368; --buy: #15693e; --sell: #b0380a; --fault: #b91c1c; --soft: #8881 }
    @media (prefers-color-scheme: dark) { :root { --dim: #a8adb4; --buy: #4ade80; --sell: #fb923c; --fault: #fb7f7f; --soft: #fff1 } }
    * { box-sizing: border-box } body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 1200px; padding: 16px }
    h1 { font-size: 20px; margin: 0 } h2 { font-size: 15px; margin: 20px 0 6px } h2 span { font-weight: 400 }
    header, .bar { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: baseline } .bar { gap: 8px; align-items: center; margin: 6px 0 }
    .dim { color: var(--dim) } .bad { color: var(--fault) } .buy { color: var(--buy) } .sell { color: var(--sell) }
    .grid { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); gap: 0 24px } @media (max-width: 800px) { .grid { grid-template-columns: minmax(0, 1fr) } }
    .scroll { overflow: auto; border: 1px solid var(--edge); border-radius: 6px; max-height: 320px }
    table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums } th, td { text-align: left; padding: 4px 10px; white-space: nowrap; vertical-align: top }
    th { position: sticky; top: 0; background: Canvas; font-weight: 600 } tr + tr td { border-top: 1px solid var(--edge) } .n { text-align: right } td.wide { white-space: normal; overflow-wrap: anywhere; min-width: 180px }
    button, input { font: inherit; min-height: 36px; padding: 4px 12px; border-radius: 6px; border: 1px solid var(--edge) } button { cursor: pointer } button:disabled { cursor: default } input { flex: 1 1 220px; min-width: 0 }
    #switch[aria-checked=true] { background: var(--fault); border-color: var(--fault); color: Canvas; font-weight: 600 }
    .axis { position: relative } svg { width: 100%; height: 150px; display: block } .ticks { position: relative; display: grid; grid-template-columns: repeat(4, 1fr); font-size: 13px; margin-top: 2px } .ticks :last-child { position: absolute; right: 0 } #idle { position: absolute; inset: 0; display: grid; place-items: center }
    i { display: inline-block; vertical-align: middle; margin: 0 3px 2px 8px } i.open { width: 18px; height: 4px; background: var(--buy); opacity: .5 } i.fill { width: 8px; height: 8px; border-radius: 4px; background: var(--buy) } i.fault { width: 2px; height: 14px; background: var(--fault) } i.arm { width: 0; height: 14px; border-left: 2px dashed var(--fault) }
    [hidden] { display: none !important }
    </style></head><body>
    <header><h1>chaos exchange</h1><span id="venue" class="dim"></span><span id="counts"></span><span id="quotes" class="dim"></span></header>
    <form id="door" class="bar" hidden><label for="token">This exchange asks for its control token (CHAOS_CONTROL_TOKEN):</label><input id="token" type="password" autocomplete="off"><button>open</button></form>
    <div id="message" class="bad" role="alert"></div>
    <main>
    <h2>Orders of the last two minutes <span class="dim"><i class="open"></i>open<i class="fill"></i>fill<i class="fault"></i>fault fired<i class="arm"></i>armed or healed; green buys, orange sells</span></h2>
    <div class="scroll axis"><svg id="axis" viewBox="0 0 1000 150" preserveAspectRatio="none" role="img" aria-label="orders, fills and faults on a time axis"></svg><div id="idle" class="dim">no order in the last two minutes</div></div>
    <div class="ticks dim"><span>2 min ago</span><span>90 s</span><span>60 s</span><span>30 s</span><span>now</span></div>
    <h2>Faults</h2>
    <div class="bar"><button id="switch" type="button" role="switch" aria-checked="false">arm the faults</button><span id="armed" class="dim"></span></div>
    <form id="add" class="bar"><input id="text" list="examples" aria-label="a one-line fault" placeholder="wire.request[path=/api/v3/account]=1*replace(wire=html-502)"><button>put in place of these, and arm</button></form>
    <datalist id="examples"><option value="exchange.place_order=1*return(timeout)"><option value="exchange.place_order=20%return(30004)"><option value="wire.request[method=POST,path=/api/v3/order]=1*replace(wire=reset-after)"><option value="wire.request=1*replace(wire=429)"><option value="wire.frame[stream=user]=50%drop"></datalist>
    <div class="scroll"><table id="faults"></table></div>
    <div class="grid"><section><h2>Balances</h2><div class="scroll"><table id="balances"></table></div></section>
    <section><h2>Orders <span class="dim">newest first</span></h2><div class="scroll"><table id="orders"></table></div></section></div>
    <h2>Requests and streams <span class="dim">newest first</span></h2><div class="scroll"><table id="requests"></table></div>
    </main>
    <script>
    const $ = id => document.getElementById(id), lines = [], SPAN = 120000
    let token = new URLSearchParams(location.hash.slice(1)).get('token') || '', next = 0, state = null
    async function call(method, path, body) {
      const answer = await fetch('/chaos/v1/' + path, { method, headers: { 'X-Chaos-Token': token }, body: body && JSON.stringify(body) })
      const json = await answer.json()
      if (answer.status === 403 && String(json.error).includes('X-Chaos-Token')) { $('door').hidden = false; throw new Error(token ? 'that is not its control token' : '') }
      if (json.error) throw new Error(json.error)
      $('door').hidden = true
      return json
    }
    function rows(table, head, list, none) {
      const row = (cells, tag) => { const tr = document.createElement('tr'); for (const cell of cells) { const td = document.createElement(tag)
        const [text, style] = Array.isArray(cell) ? cell : [cell, '']; td.textContent = text; td.className = style; tr.append(td) } return tr }
      const body = list.map(cells => row(cells, 'td'))
      if (!list.length) { const tr = row([[none, 'dim']], 'td'); tr.firstChild.colSpan = head.length; body.push(tr) }
      table.replaceChildren(row(head, 'th'), ...body)
    }
    const trim = text => text.includes('.') ? text.replace(/0+$/, '').replace(/\\.$/, '') : text
    const clock = ms => new Date(ms).toISOString().slice(11, 23), count = (n, word) => `${n} ${word}${n === 1 ? '' : 's'}`
    function draw() {
      const end = state.time, start = end - SPAN, x = t => (t - start) * 1000 / SPAN, svg = []
      const add = (name, attributes, title) => { const e = document.createElementNS('http://www.w3.org/2000/svg', name)
        for (const key in attributes) e.setAttribute(key, attributes[key]); if (title) { const t = document.createElementNS('http://www.w3.org/2000/svg', 'title'); t.textContent = title; e.append(t) } svg.push(e) }
      const mark = (t, dash, title) => { if (t >= start) add('line', { x1: x(t), x2: x(t), y1: 0, y2: 150, stroke: 'var(--fault)', 'stroke-width': 2, 'stroke-dasharray': dash, 'vector-effect': 'non-scaling-stroke' }, `${title} at ${clock(t)}`) }
      for (const quarter of [250, 500, 750]) add('line', { x1: quarter, x2: quarter, y1: 0, y2: 150, stroke: 'var(--edge)', 'vector-effect': 'non-scaling-stroke' })
      for (const line of lines) if (line.kind === 'armed' || line.kind === 'healed') mark(Date.parse(line.timestamp), '4 4', line.kind)
      for (const f of state.firings) mark(f.time, '', `${f.fault}: ${f.site}`)
      let lane = 0
      for (const account of state.accounts) for (const order of account.orders) {
        const open = ['NEW', 'PARTIALLY_FILLED'].includes(order.status), to = open ? end : order.updateTime
        if (to < start) continue
        const y = 8 + 9 * (lane++ % 15), color = order.side === 'BUY' ? 'var(--buy)' : 'var(--sell)'
        add('rect', { x: x(Math.max(order.time, start)), y: y - 2, width: Math.max(2, x(to) - x(Math.max(order.time, start))), height: 4, fill: color, opacity: .5 }, `${order.side} ${order.symbol} ${trim(order.origQty)} ${order.status}`)
        // A line of no length with round ends stays a circle however wide the picture is.
        for (const fill of account.fills) if (fill.orderId === order.orderId && fill.time >= start) add('line', { x1: x(fill.time), x2: x(fill.time), y1: y, y2: y, stroke: color, 'stroke-width': 8, 'stroke-linecap': 'round', 'vector-effect': 'non-scaling-stroke' }, `${trim(fill.qty)} at ${trim(fill.price)}`)
      }
      $('axis').replaceChildren(...svg); $('idle').hidden = lane > 0
    }
    async function read() {
      state = await call('GET', 'state')
      if (state.history < next) { next = 0; lines.length = 0 }
      let more
      do { more = await call('GET', 'history?since=' + next); next = more.next; lines.push(...more.lines) } while (more.lines.length === 1000)
      if (lines.length > 3000) lines.splice(0, lines.length - 3000)
    }
    function show() {
      const faults = state.faults, several = state.accounts.length > 1, own = name => several ? [name] : []
      $('venue').textContent = `${state.venue}, seed ${state.seed}, ${clock(state.time).slice(0, 8)} UTC`
      $('counts').textContent = `${count(state.requests, 'request')}, ${state.refused} refused, ${count(state.orders, 'order')}, ${count(state.streams, 'stream')}`
      $('quotes').textContent = state.quotes.slice(0, 4).map(q => `${q.symbol} ${trim(q.last)}`).join('  ')
      $('armed').textContent = !faults.faults.length ? 'there is none; write one below' : `${faults.armed ? 'armed' : 'not armed'}, fired ${count(faults.fired, 'time')}`
      $('switch').textContent = faults.armed ? 'heal: take the faults back' : 'arm the faults'
      $('switch').setAttribute('aria-checked', faults.armed); $('switch').disabled = !faults.faults.length
      rows($('faults'), [['fired', 'n'], ['met', 'n'], 'fault'], faults.faults.map(f => [[f.fired, f.fired ? 'n bad' : 'n'], [f.eligible, 'n'], [f.title === f.text ? f.text : `${f.id}: ${f.title}`, 'wide']]), 'no faults')
      rows($('balances'), [...own('account'), 'asset', ['free', 'n'], ['locked', 'n']], state.accounts.flatMap(a => a.balances.map(b => [...own(a.name), b.asset, [trim(b.free), 'n'], [trim(b.locked), 'n']])), 'the accounts are empty')
      rows($('orders'), ['time (UTC)', ...own('account'), 'symbol', 'side', 'status', ['filled', 'n'], ['quantity', 'n'], ['price', 'n'], 'type'], state.accounts.flatMap(a => a.orders.map(o => [o, a.name])).sort((a, b) => b[0].time - a[0].time).slice(0, 100).map(([o, name]) => [clock(o.time), ...own(name), o.symbol, [o.side, o.side.toLowerCase()], o.status.replace('_', ' '), [trim(o.executedQty), 'n'], [trim(o.origQty), 'n'], [o.type === 'MARKET' ? '' : trim(o.price), 'n'], o.type]), 'no orders yet')
      rows($('requests'), ['time (UTC)', 'what', ['status', 'n'], ['code', 'n'], 'path or streams', 'fault'], lines.slice(-150).reverse().map(l => [l.timestamp.slice(11, 23), l.method || l.kind.replaceAll('_', ' '), [l.status || '', l.status >= 400 ? 'n bad' : 'n'], [l.code ?? '', 'n'], l.path || (l.streams || [l.text || '']).join(' '), [l.injected || '', 'bad']]), 'nobody has asked anything yet')
      draw()
    }
    let lost = false
    const say = text => { $('message').textContent = text }
    async function turn() {
      try { await read(); if (lost) { lost = false; say('') } } catch (error) { lost = true; say(error instanceof TypeError ? 'the exchange does not answer' : error.message); return }
      show()
    }
    // What an act was refused for stays until the next one.
    async function act(...words) { say(''); try { await call(...words) } catch (error) { say(error.message) } await turn() }
    $('switch').onclick = () => act('POST', state.faults.armed ? 'heal' : 'arm')
    $('add').onsubmit = event => { event.preventDefault(); act('PUT', 'faults', { faults: $('text').value ? [$('text').value] : [] }) }
    $('door').onsubmit = event => { event.preventDefault(); token = $('token').value; turn() }
    turn(); setInterval(turn, 1000)
    </script></body></html>
    """
}
