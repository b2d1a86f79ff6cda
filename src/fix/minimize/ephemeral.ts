import type { NameSeen } from '../../engines/access/used/names.ts'

/** Objects that controllers make and that do not come again under the same name. */
const MADE: ReadonlySet<string> = new Set([
  'pods',
  'replicasets.apps',
  'jobs.batch',
  'endpointslices.discovery.k8s.io',
  'events',
  'events.events.k8s.io',
  'controllerrevisions.apps',
  'certificatesigningrequests.certificates.k8s.io',
  'volumeattachments.storage.k8s.io',
  'podcertificaterequests.certificates.k8s.io',
])

/** apimachinery/pkg/util/rand: what `generateName` and the hashes of pod templates are written with. */
const SAFE = '[bcdfghjklmnpqrstvwxz2456789]'
const OF_MADE: readonly RegExp[] = [
  /-[a-z0-9]{6,10}-[a-z0-9]{5}$/,
  new RegExp(`-${SAFE}{5}$`),
  new RegExp(`-${SAFE}{6,10}$`),
  /-\d{7,}(-[a-z0-9]{5})?$/,
  /\.[0-9a-f]{14,}$/,
]

/** Of any kind of thing: a UUID, sixteen or more hexadecimal digits, `generateName` with a digit and a letter, a hash of its content. */
const ANY: readonly RegExp[] = [
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/,
  /(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{16,}/,
  new RegExp(`-(?=${SAFE}*\\d)(?=${SAFE}*[a-z])${SAFE}{5}$`),
  new RegExp(`-(?=${SAFE}*\\d)(?=${SAFE}*[a-z])${SAFE}{9,10}$`),
  /^apiserver-[a-z0-9]{26}$/,
]

const FEW = 4
const SPREAD_DAYS = 3
const MONOTONE = 0.95

/**
 * Why the names that were asked for will not be those that are asked for tomorrow; undefined where they stay: a name is
 * kept unless it shows that it was made for once.
 */
export function ephemeral(group: string, resource: string, names: ReadonlyMap<string, NameSeen>): string | undefined {
  const [plain = ''] = resource.split('/')
  const patterns = MADE.has(group === '' ? plain : `${plain}.${group}`) ? [...OF_MADE, ...ANY] : ANY
  const generated = [...names.keys()].find((name) => patterns.some((pattern) => pattern.test(name)))
  if (generated !== undefined) return `${generated} is a generated name`
  return grown(names)
}

/** Names of one shape whose numbers went up while days passed: `backup-20261103`, `sh.helm.release.v1.web.v7`. */
function grown(names: ReadonlyMap<string, NameSeen>): string | undefined {
  const shapes = Map.groupBy(names, ([name]) => name.replaceAll(/\d+/g, '#'))
  for (const [shape, same] of shapes) {
    if (same.length < FEW || !shape.includes('#')) continue
    const inOrder = same.toSorted(([, a], [, b]) => a.first - b.first)
    const days = new Set(inOrder.map(([, { days: seen }]) => Math.min(...seen)))
    if (days.size < SPREAD_DAYS) continue
    const numbers = inOrder.map(([name]) => numbersOf(name))
    const up = numbers.slice(1).filter((each, at) => isAfter(each, numbers[at] as readonly number[])).length
    if (up >= MONOTONE * (same.length - 1)) return `${shape} went up, by ${same.length} names on ${days.size} days`
  }
  return undefined
}

function numbersOf(name: string): readonly number[] {
  return (name.match(/\d+/g) ?? []).map(Number)
}

function isAfter(a: readonly number[], b: readonly number[]): boolean {
  for (let at = 0; at < a.length; at++) {
    const [x, y] = [a[at] as number, b[at] ?? 0]
    if (x !== y) return x > y
  }
  return false
}
