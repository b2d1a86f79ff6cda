import { isManaged } from '../../cluster/proxies.ts'
import { trustOf } from '../../engines/traffic/effective/trust.ts'
import { waysOf } from '../../engines/traffic/effective/way.ts'
import type { LimitState, Route } from '../../engines/traffic/routes/route.ts'
import type { Routing } from '../../engines/traffic/routes/routes.ts'
import { rows as markdownRows, markdownText } from '../escape.ts'
import type { Terminal } from '../style.ts'
import { type Column, table, wrap } from '../table.ts'
import { counted, grouped, listed } from '../text.ts'
import { countsOf, type ToldRoutes } from './routes.ts'
import { blocksOf } from './routes-rows.ts'

const COLUMNS: readonly Column[] = [
  { title: 'ROUTE', least: 30 },
  { title: 'TARGET', least: 14, spare: 1 },
  { title: 'EXPOSED', spare: 2 },
  { title: 'STATE' },
]
const MOST_ROWS = 40
const INDENT = ' '.repeat(15)

/** The answer for a terminal: what does not work stands first. */
export function* routesLines(told: ToldRoutes, term: Terminal, wide: boolean): Generator<string> {
  const { routing, cluster } = told
  const { routes, unused, left, unread } = routing
  yield* wrap(sentence(routes), term.width).map(term.bold)
  const carrying = controllerRows(routing, cluster)
  if (carrying.length > 0) {
    yield ''
    const [head = '', ...lines] = table(
      CONTROLLERS,
      carrying.map(({ cells }) => cells),
      term.width,
    )
    yield head
    for (const [index, { why }] of carrying.entries()) {
      yield lines[index] ?? ''
      if (why !== '') yield* wrap(why, term.width, '   ', '   ').map(term.dim)
    }
    yield* lines.slice(carrying.length)
  }
  const blocks = blocksOf(routes, wide)
  if (blocks.length > 0) {
    const shown = wide ? blocks : blocks.slice(0, MOST_ROWS)
    yield ''
    const [head = '', ...lines] = table(
      COLUMNS,
      shown.map(({ route, target, exposed, state }) => [route, target, exposed, state]),
      term.width,
    )
    yield head
    for (const [index, block] of shown.entries()) {
      yield lines[index] ?? ''
      for (const each of block.lines) {
        yield* wrap(each.limit, term.width, INDENT, `   ${each.state.padEnd(INDENT.length - 3)}`)
        if (each.why !== '') yield* wrap(each.why, term.width, INDENT, INDENT).map(term.dim)
      }
    }
    yield* lines.slice(shown.length)
    if (shown.length < blocks.length) yield term.dim(`and ${blocks.length - shown.length} more with -o wide`)
  }
  if (unused.length > 0) {
    yield ''
    yield term.bold(`${counted(unused.length, 'policy', 'policies')} that no route uses`)
    for (const { object } of unused) yield* wrap(object.id, term.width, '  ', '- ')
  }
  yield* missingLines(routes, term)
  const internal = left.filter(({ why }) => why === 'internal').length
  const closed = left.length - internal
  const notes = [
    ...(internal > 0 ? [`${counted(internal, 'route')} that ${internal === 1 ? 'is' : 'are'} internal`] : []),
    ...(closed > 0 ? [`${counted(closed, 'route')} whose pods no policy lets the proxy in to`] : []),
    ...(unread > 0 ? [`${unread} beyond the most that are read`] : []),
  ]
  if (notes.length > 0) {
    yield ''
    yield* wrap(`Not listed: ${listed(notes)} (-o json names them).`, term.width).map(term.dim)
  }
}

function sentence(routes: readonly Route[]): string {
  if (routes.length === 0) return 'No route leads from outside to a workload.'
  const counts = countsOf(routes)
  const words: readonly (readonly [LimitState, string])[] = [
    ['effective', 'a limit of requests that works'],
    ['bypassable', 'one that can be bypassed'],
    ['inert', 'one that does nothing'],
    ['unknown', 'one that the input does not settle'],
    ['none', 'none'],
  ]
  const told = words
    .filter(([state]) => counts[state] > 0)
    .map(([state, text]) => `${grouped(counts[state])} with ${text}`)
  return `${counted(routes.length, 'route')} from outside: ${listed(told)}.`.replace(/^./, (first) =>
    first.toUpperCase(),
  )
}

const CONTROLLERS: readonly Column[] = [
  { title: 'CONTROLLER', least: 16 },
  { title: 'VERSION', spare: 2 },
  { title: 'REPLICAS', right: true, spare: 1 },
  { title: 'ROUTES', right: true },
  { title: 'CLIENT ADDRESS' },
]

function controllerRows({ controllers, routes }: Routing, cluster: ToldRoutes['cluster']): readonly ControllerRow[] {
  const count = (own: readonly Routing['controllers'][number][]): number =>
    routes.filter((route) => route.controller && own.includes(route.controller)).length
  const running = controllers.filter(({ workload }) => workload !== undefined)
  const others = [
    ...Map.groupBy(
      controllers.filter(({ workload }) => !workload),
      ({ product }) => product,
    ).values(),
  ]
  return [
    ...running.map((controller) => {
      const { product, workload, settings, replicas } = controller
      const now = replicas.now
      const most = replicas.most === undefined ? undefined : replicas.most - (replicas.surge ?? 0)
      const end = most === undefined || most === Number.POSITIVE_INFINITY ? '?' : most
      const many = now === most || now === undefined ? `${now ?? '?'}` : `${now}–${end}`
      const name = `${product} ${workload?.namespace}/${workload?.name}`
      const { answer, why } = addressOf(controller, cluster)
      return { cells: [name, settings.version ?? '', many, String(count([controller])), answer], why }
    }),
    ...others.flatMap((own) => {
      const [first] = own
      if (!first || count(own) === 0) return []
      const { answer, why } = addressOf(first, cluster)
      return [{ cells: [first.product, '', '', String(count(own)), answer], why }]
    }),
  ]
}

interface ControllerRow {
  readonly cells: readonly string[]
  readonly why: string
}

/** Whether a controller sees who its clients are; why is told where it does not. */
function addressOf(
  controller: Routing['controllers'][number],
  cluster: ToldRoutes['cluster'],
): { readonly answer: string; readonly why: string } {
  if (!controller.workload)
    return isManaged(controller.product)
      ? { answer: 'seen', why: '' }
      : { answer: 'unknown', why: 'not in the input: the controller, its Service and its settings' }
  const ways = waysOf(controller, cluster)
  if (ways.length === 0) return { answer: 'unknown', why: 'not in the input: what leads to it from outside' }
  const trust = trustOf(controller, cluster, [])
  if (trust.by === 'header') return { answer: `by ${trust.header}`, why: '' }
  const lost = ways.find(({ keepsAddress, tellsAddress }) =>
    trust.by === 'proxy-protocol' ? tellsAddress !== 'yes' : keepsAddress === 'no',
  )
  if (lost) return { answer: 'lost', why: lost.because[0]?.text ?? '' }
  return { answer: trust.by === 'proxy-protocol' ? 'kept (PROXY protocol)' : 'kept', why: '' }
}

const MOST_MISSING = 8

function* missingLines(routes: readonly Route[], term: Terminal): Generator<string> {
  const missing = new Map<string, number>()
  const add = (what: string | undefined): void => {
    if (what !== undefined) missing.set(what, (missing.get(what) ?? 0) + 1)
  }
  for (const { limits, missing: own } of routes) {
    add(own)
    for (const what of new Set(limits.flatMap(({ state, unknown }) => (state === 'unknown' ? [unknown?.missing] : []))))
      add(what)
  }
  if (missing.size === 0) return
  yield ''
  yield term.bold('Not known')
  const all = [...missing].toSorted(([, a], [, b]) => b - a)
  for (const [what, count] of all.slice(0, MOST_MISSING))
    yield* wrap(`${what} (${counted(count, 'route')})`, term.width, '  ', '- ')
  if (all.length > MOST_MISSING) yield term.dim(`and ${all.length - MOST_MISSING} more: -o json`)
}

/** The table for a pull request or a wiki: whole, without a cut. */
export function* routesMarkdown({ routing }: ToldRoutes): Generator<string> {
  yield `# Routes and their limits\n\n${markdownText(sentence(routing.routes))}\n\n`
  yield* markdownRows(
    ['route', 'target', 'limit', 'state', 'why'],
    blocksOf(routing.routes, false).flatMap(({ route, target, state, lines }) =>
      lines.length === 0
        ? [[route, target, 'none', state, '']]
        : lines.map((each, index) => [
            index === 0 ? route : '',
            index === 0 ? target : '',
            each.limit,
            each.state,
            each.why,
          ]),
    ),
  )
}
