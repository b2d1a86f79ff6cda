import { type Claim, IN_NAMESPACE, isName, type Source } from './claim.ts'
import { readArgo, readFlux } from './gitops.ts'
import { readHelm } from './helm.ts'
import { type Mark, type Place, textAt } from './places.ts'

interface KeyRule {
  readonly step: Claim['step']
  readonly source: Source
  readonly key: string
  /** Words that name a part of something rather than the thing: not taken alone. */
  readonly except?: ReadonlySet<string>
}

const ROLES: ReadonlySet<string> = new Set([
  'api',
  'app',
  'application',
  'backend',
  'broker',
  'cache',
  'client',
  'cluster',
  'console',
  'controller',
  'controller-manager',
  'cron',
  'database',
  'db',
  'exporter',
  'frontend',
  'gateway',
  'job',
  'leader',
  'main',
  'manager',
  'master',
  'metrics',
  'node',
  'operator',
  'proxy',
  'queue',
  'replica',
  'scheduler',
  'server',
  'service',
  'slave',
  'ui',
  'web',
  'webhook',
  'worker',
  'test',
])

/** In the order in which they win; an order of their own where one object carries several. */
const KEY_RULES: readonly KeyRule[] = [
  { step: 2, source: 'bulkhead', key: 'bulkhead.dev/application' },
  { step: 2, source: 'backstage', key: 'backstage.io/kubernetes-id' },
  { step: 4, source: 'part-of', key: 'app.kubernetes.io/part-of' },
  { step: 4, source: 'instance', key: 'app.kubernetes.io/instance' },
  { step: 6, source: 'name', key: 'service.istio.io/canonical-name' },
  { step: 6, source: 'name', key: 'app.kubernetes.io/name' },
  { step: 6, source: 'name', key: 'app' },
  { step: 6, source: 'name', key: 'k8s-app' },
  { step: 6, source: 'name', key: 'application' },
  { step: 6, source: 'name', key: 'io.kompose.service' },
  { step: 6, source: 'name', key: 'run' },
  { step: 6, source: 'name', key: 'name', except: ROLES },
  { step: 6, source: 'name', key: 'component', except: ROLES },
  { step: 6, source: 'name', key: 'app.kubernetes.io/component', except: ROLES },
]

type KeyMap = ReadonlyMap<string, KeyRule & { readonly rank: number }>

/** The known keys: all of them, those of steps 2 to 5, which name who manages an object, and those of step 6. */
export interface Keys {
  readonly all: KeyMap
  readonly managers: KeyMap
  readonly names: KeyMap
}

/** With those of the configuration after our own mark. */
export function keysOf(extra: readonly string[] = []): Keys {
  const own = extra.map((key): KeyRule => ({ step: 2, source: 'bulkhead', key }))
  const rules = [...KEY_RULES.slice(0, 1), ...own, ...KEY_RULES.slice(1)]
  const ranked = rules.map((rule, rank) => [rule.key, { ...rule, rank }] as const)
  const of = (isIn: (rule: KeyRule) => boolean): KeyMap => new Map(ranked.filter(([, rule]) => isIn(rule)))
  return { all: of(() => true), managers: of(({ step }) => step < 6), names: of(({ step }) => step === 6) }
}

/** All that the labels and annotations of some places say, best first; at one rank an object before its template. */
export function claimsOf(places: readonly Place[], keys: KeyMap): Claim[] {
  const claims: Claim[] = []
  for (const place of places) {
    for (const key of Object.keys(place.labels)) readKey({ place, from: 'labels', key }, keys, claims)
    for (const key of Object.keys(place.annotations)) {
      // Annotations hold anything; only those that are meant as marks are read as names.
      if (keys.get(key)?.step === 2) readKey({ place, from: 'annotations', key }, keys, claims)
    }
    readArgo(place, claims)
    readFlux(place, claims)
    readHelm(place, claims)
  }
  return claims.length < 2 ? claims : claims.sort((a, b) => a.step - b.step || a.rank - b.rank)
}

function readKey(mark: Mark, keys: KeyMap, into: Claim[]): void {
  const rule = keys.get(mark.key)
  if (!rule) return
  const value = textAt(mark.place, mark.from, mark.key)
  if (!isName(value) || rule.except?.has(value.toLowerCase())) return
  const { step, source, rank } = rule
  into.push({ step, source, rank, name: value.trim(), scope: IN_NAMESPACE, evidence: mark })
}
