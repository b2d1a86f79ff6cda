import { random } from '../generate.ts'

/** One request of the generated traffic. Times are milliseconds since 1970. */
export interface Made {
  readonly start: number
  readonly end: number
  readonly client: string
  readonly host: string
  readonly method: string
  readonly path: string
  readonly query: string
  readonly status: number
  readonly received: number
  readonly sent: number
  readonly agent: string
  readonly id: number
}

export interface TrafficOptions {
  readonly from?: number
  readonly seed?: number
  /** How many addresses there are; few of them send most. */
  readonly clients?: number
  /** The higher, the more of the sessions are of few addresses (default: 4, where a tenth of them has more than half). */
  readonly skew?: number
  /** Pages of a visit, on average (default: 4). */
  readonly pages?: number
  /** Programs that take a page every few seconds, day and night (default: 8). */
  readonly crawlers?: number
  /** Page views each second, on average over the day. */
  readonly pagesPerSecond?: number
  /** One address that sends so many requests a second for a while. */
  readonly flood?: { readonly at: number; readonly seconds: number; readonly perSecond: number }
}

const FIRST = Date.parse('2026-11-02T00:00:00Z')
const DAY_MS = 86_400_000
const HOSTS = ['shop.example.com', 'api.example.com', 'www.example.com']
const ASSETS = [
  '/static/app.4f2c.js',
  '/static/app.91be.css',
  '/img/logo.svg',
  '/api/cart',
  '/api/session',
  '/img/hero.webp',
]
const PAGES = ['/', '/products', '/products/4711', '/cart', '/checkout', '/search', '/account/orders']
const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1',
  'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0',
]
const CRAWLER = 'Mozilla/5.0 (compatible; ExampleBot/2.1; +https://bot.example.net)'
const CRAWLERS = 8

/**
 * Requests in the order in which they end, the same on every run: visitors with sessions of pages, each of which loads what
 * it shows at once; few addresses that send most; crawlers; more by day than by night.
 */
export function* traffic(count: number, options: TrafficOptions = {}): Generator<Made> {
  const {
    from = FIRST,
    seed = 1,
    clients = 50_000,
    skew = 4,
    pages: perVisit = 4,
    pagesPerSecond = 12,
    crawlers = CRAWLERS,
    flood,
  } = options
  const draw = random(seed)
  const queue = new Queue()
  let made = 0
  let id = 0
  const request = (start: number, client: number, path: string, agent: string, query = ''): void => {
    const slow = draw()
    const took = slow < 0.9 ? 2 + draw() * 40 : slow < 0.995 ? 40 + draw() * 900 : 1_000 + draw() * 8_000
    const isPost = path === '/api/cart' && draw() < 0.3
    const luck = draw()
    queue.push(start + Math.ceil(took), {
      start,
      end: start + Math.ceil(took),
      client: addressOf(client),
      host: HOSTS[client % HOSTS.length] as string,
      method: isPost ? 'POST' : 'GET',
      path,
      query,
      status: luck < 0.94 ? 200 : luck < 0.97 ? 304 : luck < 0.995 ? 404 : 502,
      received: isPost ? 120 + Math.floor(draw() * 900) : 0,
      sent: 300 + Math.floor(draw() * draw() * 60_000),
      agent,
      id: id++,
    })
  }
  const page = (at: number, client: number, agent: string): void => {
    request(at, client, PAGES[Math.floor(draw() * PAGES.length)] as string, agent, draw() < 0.2 ? `q=${client}` : '')
    const assets = Math.floor(draw() * 7)
    for (let each = 0; each < assets; each++)
      request(at + 40 + Math.floor(draw() * 600), client, ASSETS[each % ASSETS.length] as string, agent)
  }
  const session = (at: number): void => {
    const client = Math.floor(clients * draw() ** skew)
    const agent = AGENTS[client % AGENTS.length] as string
    const pages = 1 + Math.floor(-(perVisit - 1) * Math.log(1 - draw()))
    let when = at
    for (let each = 0; each < pages; each++) {
      const view = when
      if (each === 0) page(view, client, agent)
      else queue.push(view, () => page(view, client, agent))
      when += 1_500 + Math.floor(-12_000 * Math.log(1 - draw()))
    }
  }
  const arrive = (at: number): void => {
    session(at)
    const daytime = 1 + 0.6 * Math.sin(((at % DAY_MS) / DAY_MS) * 2 * Math.PI - Math.PI / 2)
    const next = at + Math.max(1, Math.round((-Math.log(1 - draw()) * 1_000 * perVisit) / (pagesPerSecond * daytime)))
    queue.push(next, () => arrive(next))
  }
  const crawl = (at: number, client: number): void => {
    request(at, client, `/products/${client}${Math.floor(draw() * 10_000)}`, CRAWLER)
    const next = at + 700 + Math.floor(draw() * 4_000)
    queue.push(next, () => crawl(next, client))
  }
  arrive(from)
  for (let each = 0; each < crawlers; each++) crawl(from + each * 137, clients + each)
  if (flood)
    for (let each = 0; each < flood.seconds * flood.perSecond; each++)
      request(
        from + flood.at + Math.floor((each * 1_000) / flood.perSecond),
        clients + CRAWLERS,
        '/search',
        AGENTS[0] as string,
      )
  while (made < count) {
    const event = queue.pop()
    if (typeof event === 'function') event()
    else {
      yield event
      made++
    }
  }
}

/** The address of the planted flood. */
export function floodAddress(clients = 50_000): string {
  return addressOf(clients + CRAWLERS)
}

/** Public addresses, all different; one in sixteen of IPv6. */
function addressOf(client: number): string {
  const mixed = Math.imul(client, 0x9e37_79b1) >>> 0
  if (client % 16 === 7) return `2001:db8:${(mixed >>> 16).toString(16)}:${(mixed & 0xffff).toString(16)}::1`
  return `${20 + ((mixed >>> 24) % 60)}.${(client >>> 16) & 255}.${(client >>> 8) & 255}.${client & 255}`
}

type Event = Made | (() => void)

/** A heap by time; of equal times what was put in first. */
class Queue {
  readonly #times: number[] = []
  readonly #events: Event[] = []

  push(time: number, event: Event): void {
    let at = this.#times.length
    this.#times.push(time)
    this.#events.push(event)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if ((this.#times[parent] as number) <= time) break
      this.#times[at] = this.#times[parent] as number
      this.#events[at] = this.#events[parent] as Event
      at = parent
    }
    this.#times[at] = time
    this.#events[at] = event
  }

  pop(): Event {
    const first = this.#events[0] as Event
    const time = this.#times.pop() as number
    const event = this.#events.pop() as Event
    const size = this.#times.length
    if (size === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      if (child + 1 < size && (this.#times[child + 1] as number) < (this.#times[child] as number)) child++
      if ((this.#times[child] as number) >= time) break
      this.#times[at] = this.#times[child] as number
      this.#events[at] = this.#events[child] as Event
      at = child
    }
    this.#times[at] = time
    this.#events[at] = event
    return first
  }
}
