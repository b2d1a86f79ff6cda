import { because } from '../../../cluster/because.ts'
import { clusterOf } from '../../../cluster/testing.ts'
import { keyText } from '../limit.ts'
import type { FoundLimit, Product, Settings } from './dialect.ts'
import { dialectOf } from './dialects.ts'

export interface Said {
  readonly values?: Readonly<Record<string, string>>
  readonly flags?: Readonly<Record<string, string>>
  readonly version?: string
  readonly unseen?: true
}

export function settingsOf({ values = {}, flags = {}, version, unseen }: Said = {}): Settings {
  const said = (all: Readonly<Record<string, string>>) =>
    new Map(Object.entries(all).map(([name, value]) => [name, { value, because: because(`${name}: ${value}`) }]))
  return { values: said(values), flags: said(flags), seen: !unseen, ...(version === undefined ? {} : { version }) }
}

/** What the dialect finds in the objects of YAML text; of no text, in the settings. */
export function found(product: Product, text: string, said: Said = {}): readonly FoundLimit[] {
  const cluster = clusterOf(text === '' ? '{apiVersion: v1, kind: Namespace, metadata: {name: shop}}' : text)
  const objects = text === '' ? [undefined] : cluster.objects
  return objects.flatMap((object) => dialectOf(product).read(object, settingsOf(said), cluster))
}

/** `requests leaky-bucket 10/1s +50 by client address: 503`, then what is not as usual. */
export function line({ limit, inert, unknown, byDefault }: FoundLimit): string {
  const parts: (string | undefined)[] = [
    limit.kind,
    limit.algorithm === 'concurrent' || limit.algorithm === 'threshold' ? undefined : limit.algorithm,
    limit.rate === undefined ? undefined : `${limit.rate}/${limit.period}s`,
    limit.burst === undefined || limit.burst === 0 ? undefined : `+${limit.burst}`,
    limit.undelayed === undefined ? undefined : `(${limit.undelayed} undelayed)`,
    limit.of,
    ...[limit.connections, limit.body, limit.bytesPerSecond, limit.seconds].map((each) => each?.toString()),
    limit.key.kind === 'expression' && ['request', 'response'].includes(limit.key.text)
      ? undefined
      : `by ${keyText(limit.key)}`,
    limit.code === undefined ? undefined : `-> ${limit.code}`,
    limit.scope === 'replica' ? undefined : limit.scope,
    limit.shadow ? 'shadow' : undefined,
    limit.exempt ? `not ${limit.exempt.join(' ')}` : undefined,
    limit.only === undefined ? undefined : `only ${limit.only}`,
    byDefault ? 'default' : undefined,
    inert ? `INERT ${inert.rule}` : undefined,
    unknown ? `UNKNOWN ${unknown.missing}` : undefined,
  ]
  return parts.filter((each) => each !== undefined).join(' ')
}

export function lines(product: Product, text: string, said: Said = {}): readonly string[] {
  return found(product, text, said).map(line)
}

/** An Ingress with these annotations. */
export function ingress(
  annotations: Readonly<Record<string, string>>,
  kind = 'Ingress',
  apiVersion = 'networking.k8s.io/v1',
): string {
  return JSON.stringify({ apiVersion, kind, metadata: { name: 'web', namespace: 'shop', annotations } })
}
