import type { KubeObject } from '../../cluster/object.ts'
import { policyOf } from '../../engines/access/policy.ts'
import { type Enforced, networkModel } from '../../engines/network/model.ts'
import { analyseText } from '../../loop.testing.ts'
import { type Analysis, analyse } from '../../loop.ts'
import { applyFix } from '../apply.ts'
import type { Fix, FixContext, Proposer, Used, UsedPeer, UsedRight } from '../fix.ts'

/** For tests: what proposers see of an analysis, and the analysis after their fixes. */

export function contextOf(analysis: Analysis, used?: Used, enforced: Enforced = 'assume'): FixContext {
  const { cluster, applications, dependencies, edges } = analysis
  return {
    cluster,
    applications,
    dependencies,
    policy: policyOf(cluster),
    network: networkModel(cluster, { enforced }),
    edges,
    exposed: new Map(),
    ...(used ? { used } : {}),
  }
}

export interface World {
  readonly analysis: Analysis
  readonly fixes: readonly Fix[]
  /** The one whose id this is. */
  fix(id: string): Fix
  /** The world after fixes, with what the proposer then proposes. */
  after(...ids: readonly string[]): World
}

export function world(analysis: Analysis, proposer: Proposer, used?: Used): World {
  const fixes = [...proposer.propose(contextOf(analysis, used))]
  const fix = (id: string): Fix => {
    const found = fixes.find((each) => each.id === id)
    if (!found) throw new Error(`no fix ${id} among ${fixes.map((each) => each.id).join(' ')}`)
    return found
  }
  return {
    analysis,
    fixes,
    fix,
    after: (...ids) => {
      const before: readonly KubeObject[] = analysis.input.objects
      const objects = ids.reduce((all, id) => applyFix(all, fix(id)), before)
      return world(analyse({ ...analysis.input, objects }), proposer, used)
    },
  }
}

export function worldOf(text: string, proposer: Proposer, used?: Used): World {
  return world(analyseText(text).analysis, proposer, used)
}

/** Recorded traffic: `web/a > web/b TCP 80`, a Deployment unless the end says what else it is (`10.0.0.1`, `node n`, `api`). */
export function recorded(...lines: readonly string[]): Used {
  const ingress = new Map<string, UsedPeer[]>()
  const egress = new Map<string, UsedPeer[]>()
  for (const line of lines) {
    const [, from = '', to = '', protocol = '', port] = /^(.+) > (.+) (TCP|UDP|SCTP|ICMP) (\d+)$/.exec(line) ?? []
    const [source, target] = [endOf(from), endOf(to)]
    const peer = { protocol, port: Number(port), times: 3, last: 1 }
    if (source.kind === 'workload')
      egress.set(source.workload, [...(egress.get(source.workload) ?? []), { ...peer, end: target }])
    if (target.kind === 'workload')
      ingress.set(target.workload, [...(ingress.get(target.workload) ?? []), { ...peer, end: source }])
  }
  const of = { ingress, egress }
  return { rights: () => undefined, peers: (workload, direction) => of[direction].get(workload) ?? [] }
}

function endOf(text: string): UsedPeer['end'] {
  if (text === 'api') return { kind: 'api-server' }
  if (text.startsWith('node ')) return { kind: 'node', name: text.slice(5) }
  if (text.startsWith('unknown ')) return { kind: 'unresolved', why: 'reused', namespace: '', address: text.slice(8) }
  if (/^[A-Z]/.test(text)) return { kind: 'workload', workload: text, pod: '' }
  return /^[\d.]+$|:/.test(text)
    ? { kind: 'address', address: text }
    : { kind: 'workload', workload: `Deployment/${text}`, pod: '' }
}

/** Requests that were used: `ServiceAccount/app/ci: get secrets in app`, `…: create apps/deployments`, `…: GET /metrics`. */
export function usage(...lines: readonly string[]): Used {
  const rights = new Map<string, UsedRight[]>()
  for (const line of lines) {
    const [, subject = '', verb = '', what = '', namespace = ''] =
      /^(\S+): ?(\S*) ?(\S*)(?: in (\S+))?$/.exec(line) ?? []
    const own = rights.get(subject) ?? []
    rights.set(subject, own)
    if (verb === '') continue
    const none = { group: '', resource: '', subresource: '', namespace: '', name: '', path: '' }
    if (what.startsWith('/')) {
      own.push({ ...none, verb, path: what, times: 2, last: 1 })
      continue
    }
    const [group = '', resource = '', subresource = ''] = what.includes('.')
      ? [what.slice(what.indexOf('.') + 1), ...what.slice(0, what.indexOf('.')).split('/')]
      : ['', ...what.split('/')]
    own.push({ ...none, verb, group, resource, subresource, namespace, times: 2, last: 1 })
  }
  return { rights: (subject) => rights.get(subject), peers: () => undefined }
}
