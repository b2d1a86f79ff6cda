import type { KubeObject } from '../../../../cluster/object.ts'
import type { Finding } from '../../../engine.ts'
import type { JudgedLimit } from '../route.ts'
import type { Routing } from '../routes.ts'
import { wordOf } from './inert.ts'

/** Limits that hold nobody back who knows how, once for each object and rule. */
export function* bypassable({ routes }: Routing): Iterable<Finding> {
  const found = new Map<string, { object: KubeObject; limit: JudgedLimit; routes: number }>()
  for (const route of routes)
    for (const limit of route.limits) {
      const object = limit.because[0]?.object
      if (limit.state !== 'bypassable' || !object || limit.byDefault) continue
      const key = `${object.id} ${limit.rule}`
      const same = found.get(key)
      if (same) same.routes++
      else found.set(key, { object, limit, routes: 1 })
    }
  for (const { object, limit, routes: count } of found.values()) {
    const rule = limit.rule ?? ''
    yield {
      check: 'limit-bypassable',
      severity: rule === 'R2' ? 'high' : 'medium',
      object,
      message: `${wordOf(limit)} can be bypassed (${count === 1 ? 'one route' : `${count} routes`}): ${WHY[rule] ?? limit.decided?.[0]?.text ?? ''}`,
      because: limit.because,
      part: rule,
    }
  }
}

const WHY: Readonly<Record<string, string>> = {
  R1: 'it counts nodes or load balancers instead of clients',
  R2: 'clients say themselves which address is counted',
  R3: 'it counts the edges of whoever stands in front',
  R7: 'it lets more through than the workload holds',
  'second-door': 'another way leads to the same workload without it',
}
