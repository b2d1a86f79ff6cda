import { isObject, type Json } from '../../src/cluster/json.ts'
import type { ReportStep } from '../../src/report/plan.ts'
import type { Report } from '../../src/report/report.ts'
import { nodeText } from '../../src/report/words.ts'
import { percent, shareOf } from './numbers.ts'

/** The risk before and after a step, of the risk before the plan. */
export interface Level {
  readonly step: ReportStep
  readonly before: number
  readonly after: number
}

export function levelsOf(plan: readonly ReportStep[]): readonly Level[] {
  const whole = plan[0]?.risk.before ?? 0
  return plan.map((step) => ({
    step,
    before: shareOf(step.risk.before, whole),
    after: shareOf(step.risk.after, whole),
  }))
}

/** `−38 %`. */
export function lessText(share: number): string {
  const text = percent(share)
  return text.startsWith('<') ? text : `−${text}`
}

/** `RoleBinding web/deployers` for each object that a step writes or deletes. */
export function objectsOf({ objects, deletes }: Pick<ReportStep, 'objects' | 'deletes'>): readonly string[] {
  return [
    ...objects.map((object) => {
      const metadata = isObject(object) && isObject(object.metadata) ? object.metadata : {}
      return named(isObject(object) ? object.kind : undefined, metadata.namespace, metadata.name)
    }),
    ...deletes.map(({ kind, namespace, name }) => named(kind, namespace, name)),
  ]
}

function named(kind: Json | undefined, namespace: Json | undefined, name: Json | undefined): string {
  const word = (value: Json | undefined): string => (typeof value === 'string' ? value : '')
  return `${word(kind)} ${word(namespace) === '' ? '' : `${word(namespace)}/`}${word(name)}`
}

export interface EdgeParts {
  readonly kind: string
  readonly from: string
  readonly to: string
}

/** Where an id of a node begins: `|Kind[.group]/`. */
const ID = /\|(?=[A-Z][\w.-]*\/[^/|]*\/)/

/** Out of `kind|from|to|rule`. Names may hold the bar too: then the nodes of the graph say where one ends. */
export function edgeParts(id: string, isNode: (id: string) => boolean): EdgeParts {
  const bar = id.indexOf('|')
  if (bar < 0) return { kind: id, from: '', to: '' }
  const kind = id.slice(0, bar)
  const [, first = '', ...others] = id.slice(bar).split(ID)
  const rest = [first, ...others].join('|')
  for (let end = rest.indexOf('|'); end >= 0; end = rest.indexOf('|', end + 1)) {
    const from = rest.slice(0, end)
    const to = isNode(from) ? startOf(rest.slice(end + 1), isNode) : undefined
    if (to !== undefined) return { kind, from, to }
  }
  const to = others.join('|')
  const rule = to.indexOf('|')
  return { kind, from: first, to: rule < 0 ? to : to.slice(0, rule) }
}

/** The longest node's id that the text begins with, up to its end or a bar. */
function startOf(text: string, isNode: (id: string) => boolean): string | undefined {
  for (let end = text.length; end >= 0; end = end === 0 ? -1 : text.lastIndexOf('|', end - 1)) {
    if (isNode(text.slice(0, end))) return text.slice(0, end)
  }
  return undefined
}

/** An edge as a path tells it; by its kind alone where the report carries no words for it. */
export function edgeText({ kind, from, to }: EdgeParts, titles: Readonly<Record<string, string>>): string {
  const title = Object.hasOwn(titles, kind) ? titles[kind] : undefined
  return title === undefined
    ? `${kind}: ${nodeText(from)} → ${nodeText(to)}`
    : `${nodeText(from)} ${title}: ${nodeText(to)}`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `7 Nov 2026 09:40`, of UTC; what is no time stays as it is. */
export function timeText(time: string): string {
  const [, year, month, day, clock] = /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d)/.exec(time) ?? []
  const name = MONTHS[Number(month) - 1]
  return name === undefined ? time : `${Number(day)} ${name} ${year} ${clock}`
}

export const hasPlan = ({ plan, rejected, residual }: Report): boolean =>
  plan !== undefined || residual !== undefined || (rejected?.length ?? 0) > 0
