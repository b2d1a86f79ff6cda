import type { Cluster } from '../../cluster/cluster.ts'
import type { Finding } from '../../engines/engine.ts'
import type { Bounds, NodeBill } from '../../engines/traffic/bounds/bill.ts'
import { type Extent, isEndless } from '../../engines/traffic/bounds/extent.ts'
import type { BoundItem } from '../../engines/traffic/bounds/items.ts'
import type { Monthly } from '../../engines/traffic/bounds/monthly.ts'
import type { Aged } from '../../engines/traffic/prices/age.ts'
import { moneyValue } from '../../engines/traffic/prices/money.ts'
import { csvLines } from '../access/csv.ts'
import { type Witness, witness } from '../evidence.ts'
import { API_VERSION } from '../report.ts'

/** All that `traffic bounds` tells. */
export interface ToldBounds {
  readonly cluster: Cluster
  readonly bounds: Bounds
  readonly findings: readonly Finding[]
  readonly prices: readonly Aged[]
}

/** The document TrafficBounds (docs/reference/v1alpha1.schema.json). A number without an end is the text `unbounded`. */
export function boundsDocument({ cluster, bounds, findings, prices }: ToldBounds): object {
  const seenBy = witness(cluster.locate)
  const { items, nodes, totals, unknowns, currency } = bounds
  return {
    apiVersion: API_VERSION,
    kind: 'TrafficBounds',
    currency,
    prices,
    totals: {
      ...monthlyValue(totals.all),
      complete: totals.complete,
      compute: monthlyValue(totals.compute),
      volumes: monthlyValue(totals.volumes),
      loadBalancers: monthlyValue(totals.loadBalancers),
    },
    items: items.map((item) => itemValue(item, seenBy)),
    nodes: nodes.map((bill) => nodeValue(bill, seenBy)),
    findings: findings.map(({ check, severity, object, message, because }) => ({
      check,
      severity,
      resource: object.id,
      message,
      evidence: seenBy.evidence(because),
    })),
    unknowns: unknowns.map(({ id, message, count, because, settle }) => ({
      id,
      message,
      count,
      settle,
      evidence: seenBy.evidence(because),
    })),
  }
}

function itemValue(item: BoundItem, seenBy: Witness): object {
  const { controller, now, worst, uncapped, surge, rollout, unbounded, monthly, requests, caps, path, exposed } = item
  return {
    controller,
    now: countValue(now),
    worst: countValue(worst),
    uncapped: countValue(uncapped),
    ...(surge > 0 ? { surge } : {}),
    ...(rollout > 0 ? { rollout } : {}),
    unbounded,
    exposed,
    monthly: monthlyValue(monthly),
    requests: Object.fromEntries([...requests].map(([name, amount]) => [name, amountText(name, amount)])),
    caps: caps.map(({ label }) => label),
    path: seenBy.evidence(path),
  }
}

function nodeValue({ nodes, worst, uncapped, caps, open, monthly, quote }: NodeBill, seenBy: Witness): object {
  return {
    class: nodes.id,
    pool: nodes.pool,
    ...(nodes.type === undefined ? {} : { instanceType: nodes.type }),
    billed: nodes.billed,
    now: nodes.now,
    worst: extentValue(worst),
    uncapped: extentValue(uncapped),
    caps: caps.map(({ label }) => label),
    monthly: monthlyValue(monthly),
    ...(quote ? { price: { source: quote.source, from: quote.from } } : {}),
    ...(open ? { open: seenBy.evidence([open]) } : {}),
  }
}

export function monthlyValue({ now, worst, uncapped }: Monthly): object {
  return { now: moneyValue(now), worst: moneyValue(worst), uncapped: moneyValue(uncapped) }
}

function countValue(count: number | undefined): number | 'unbounded' | null {
  return count === undefined ? null : Number.isFinite(count) ? count : 'unbounded'
}

function extentValue(value: Extent): number | 'unbounded' {
  return isEndless(value) ? 'unbounded' : Math.min(Number(value), Number.MAX_VALUE)
}

const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

/** A quantity of thousandths, in the notation of its resource. */
export function amountText(resource: string, amount: Extent): string {
  if (isEndless(amount)) return 'unbounded'
  if (resource === 'cpu' || amount % 1000n !== 0n) return amount % 1000n === 0n ? String(amount / 1000n) : `${amount}m`
  let whole = amount / 1000n
  let power = 0
  while (whole !== 0n && whole % 1024n === 0n && power < BINARY.length - 1) {
    whole /= 1024n
    power++
  }
  return `${whole}${BINARY[power] ?? ''}`
}

export function boundsCsv({ bounds }: ToldBounds): Iterable<string> {
  return csvLines(
    bounds.items.map(({ controller, now, worst, uncapped, unbounded, exposed, monthly, caps, path }) => ({
      controller,
      now: countValue(now) ?? '',
      worst: countValue(worst) ?? '',
      uncapped: countValue(uncapped) ?? '',
      unbounded,
      exposed,
      monthlyNow: moneyValue(monthly.now) ?? '',
      monthlyWorst: moneyValue(monthly.worst) ?? '',
      monthlyUncapped: moneyValue(monthly.uncapped) ?? '',
      caps: caps.map(({ label }) => label).join('; '),
      path: path.map(({ text }) => text).join(' > '),
    })),
  )
}
