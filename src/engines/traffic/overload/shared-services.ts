import { because } from '../../../cluster/because.ts'
import { idOf } from '../../../cluster/object.ts'
import type { Workload } from '../../../cluster/workload.ts'
import { type Classified, classify, flowControlOf } from '../apiserver/flow-control.ts'
import type { Exhaustion } from './exhaustion.ts'
import { exhaustion, type Survey } from './survey.ts'

/** What the whole cluster shares: the API server's seats and the names. */
export function* sharedServices(survey: Survey): Generator<Exhaustion> {
  yield* seats(survey)
  yield* names(survey)
}

interface Holder {
  readonly workload: Workload
  readonly account: string
  readonly truth: 'yes' | 'unknown'
  /** Something is granted to it, so that it is there to ask. */
  readonly works: boolean
}

/** Of each priority level, the identities that share its seats (KEP-1040). */
function* seats(survey: Survey): Generator<Exhaustion> {
  const { cluster, known } = survey
  const control = flowControlOf(cluster)
  const byLevel = new Map<string, { readonly level: Classified; readonly holders: Holder[] }>()
  const classified = new Map<string, Classified>()
  const granted = known.policy()
  for (const workload of survey.workloads) {
    const [shape] = workload.specs
    if (!shape || known.mountsToken(workload, shape).truth !== 'yes') continue
    const reached = known.reachesApiServer(workload).truth
    if (reached === 'no') continue
    const { serviceAccountName } = shape.pod
    const account = idOf('ServiceAccount', workload.namespace, serviceAccountName)
    const level =
      classified.get(account) ??
      classify(control, {
        user: `system:serviceaccount:${workload.namespace}:${serviceAccountName}`,
        groups: ['system:serviceaccounts', `system:serviceaccounts:${workload.namespace}`, 'system:authenticated'],
        verb: 'list',
        group: '',
        resource: 'pods',
        subresource: '',
        namespace: workload.namespace,
        path: '',
      })
    classified.set(account, level)
    const works = granted.bindingsOf(account).some(({ assumed }) => !assumed)
    const own = byLevel.get(level.level.name) ?? { level, holders: [] }
    byLevel.set(level.level.name, own)
    own.holders.push({ workload, account, truth: reached, works })
  }
  for (const [name, { level, holders }] of byLevel) {
    const accounts = [...new Set(holders.map(({ account }) => account))].sort()
    const working = holders.filter(({ works }) => works)
    // Whoever is alone in its level, or among those that ask for nothing, takes from nobody.
    if (accounts.length < 2 || working.length === 0) continue
    yield exhaustion({
      source: 'identity',
      exhausts: { kind: 'api-server', id: name, title: `API server seats of ${name}` },
      ids: accounts,
      hits: survey.hits(working.map(({ workload }) => workload.id)),
      truth: holders.some(({ truth }) => truth === 'yes') ? 'yes' : 'unknown',
      because: [
        because(
          `FlowSchema ${level.schema.name} puts ${accounts.length} service accounts into priority level ${name}`,
          level.schema.object,
        ),
        because('a token that is mounted and reaches the API server is all that it takes'),
      ],
      caps: [
        'a FlowSchema and a priority level for whoever loads it most (traffic apiserver --cap)',
        'automountServiceAccountToken: false where no token is used',
      ],
    })
  }
}

const DNS_LABEL = 'k8s-app'
const DNS_VALUES: ReadonlySet<string> = new Set(['kube-dns', 'coredns', 'node-local-dns'])
const MOST_ASKED = 50_000

/** The cluster's DNS, which everything asks and which limits nobody. */
function* names(survey: Survey): Generator<Exhaustion> {
  const servers = survey.workloads.filter(({ specs }) =>
    specs.some(({ pod }) => DNS_VALUES.has(pod.labels.get(DNS_LABEL) ?? '')),
  )
  const server = servers.find(({ specs }) => specs.some(({ pod }) => pod.labels.get(DNS_LABEL) !== 'node-local-dns'))
  if (!server) return
  const cached = servers.find((each) => each !== server && each.name.includes('local'))
  const asking = survey.workloads
    .filter((workload) => !servers.includes(workload))
    .slice(0, MOST_ASKED)
    .filter((workload) => survey.known.reaches(workload, server, [53, 8053]).truth !== 'no')
  if (asking.length === 0) return
  yield exhaustion({
    source: 'pod',
    exhausts: { kind: 'dns', id: server.id, title: 'the cluster’s DNS' },
    ids: asking.map(({ id }) => id),
    hits: survey.hits(asking.map(({ id }) => id)),
    // With a cache on each node, a pod takes down the names of its neighbours first.
    truth: cached ? 'unknown' : 'yes',
    because: [
      because(`${asking.length} workloads ask it, and it limits none of them`, server.object),
      ...(cached ? [because('a cache on each node answers first', cached.object)] : []),
    ],
    caps: cached
      ? ['replicas of the DNS that follow the cluster’s size']
      : ['a cache on each node (NodeLocal DNSCache)', 'replicas of the DNS that follow the cluster’s size'],
  })
}
