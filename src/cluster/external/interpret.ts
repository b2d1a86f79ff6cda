import { type Because, because } from '../because.ts'
import type { Cluster } from '../cluster.ts'
import { at, string } from '../json.ts'
import { entryHosts, externalNameOf } from './declared.ts'
import { addressOf, isDomain, isExample, isLoopback, isMetadata, isPlaceholder } from './domains.ts'
import type { Found } from './found.ts'
import { hostStem, wordsOf } from './key-name.ts'
import { type Meaning, serviceNames } from './service-names.ts'
import type { Value } from './values.ts'

/** What a found host is, once the cluster is known. */
export type Peer =
  | {
      readonly kind: 'service'
      readonly service: string
      readonly to: readonly string[]
      readonly because: readonly Because[]
    }
  | { readonly kind: 'external'; readonly host: string; readonly because: readonly Because[] }
  | { readonly kind: 'unseen'; readonly host: string; readonly because: Because }

export interface Interpreter {
  /** Nothing for what is no host, or is nobody's: loopback, examples, the API server. */
  peersOf(found: Found, value: Value, namespace: string): readonly Peer[]
}

/** Words of keys whose value may as well be a mode or a plug-in (`CACHE_BACKEND=redis`): a host only if a Service has the name. */
const WEAK: ReadonlySet<string> = new Set([
  'BACKEND',
  'TARGET',
  'TARGETS',
  'MASTER',
  'SERVER',
  'SERVERS',
  'CONNECTION',
  'HOSTNAME',
  'BOOTSTRAP',
  'UPSTREAM',
  'PEERS',
  'SEEDS',
])

export function interpreter(cluster: Cluster): Interpreter {
  const names = serviceNames(cluster)
  const declared = new Set(cluster.ofKind('ServiceEntry', 'networking.istio.io').flatMap(entryHosts))

  const ofMeaning = (meaning: Meaning, found: Found, value: Value, why: Because): readonly Peer[] => {
    const { host, port, by } = found
    switch (meaning.kind) {
      case 'system':
        return []
      case 'service': {
        const { service } = meaning
        // `redis:7` is rather an image than a port that the Service does not have.
        if (by === 'port' && port !== undefined && !names.serves(service, port) && !isStrong(value, found)) return []
        const alias = externalNameOf(service)
        const also = because(`Service ${service.name} is another name for it`, service, ['spec', 'externalName'])
        if (alias !== undefined) return [{ kind: 'external', host: alias, because: [why, also] }]
        const next = string(at(service.body, 'spec', 'externalName'))
        const followed = next === undefined ? undefined : names.meaning(next.toLowerCase(), service.namespace)
        const target = followed?.kind === 'service' ? followed.service : service
        return [
          {
            kind: 'service',
            service: target.id,
            to: names.workloadsOf(target),
            because: target === service ? [why] : [why, also],
          },
        ]
      }
      case 'published': {
        const through = because(`${meaning.by.kind} ${meaning.by.name} publishes ${host}`, meaning.by, ['spec'])
        return meaning.services.flatMap((id): Peer[] => {
          const service = cluster.get(id)
          return service
            ? [{ kind: 'service', service: id, to: names.workloadsOf(service), because: [why, through] }]
            : []
        })
      }
      case 'unseen':
        return by === 'url' || meaning.isSure || isStrong(value, found)
          ? [{ kind: 'unseen', host: meaning.name, because: why }]
          : []
      case 'outside':
        if (isDomain(host, by === 'url') || addressOf(host) === 'other')
          return [{ kind: 'external', host, because: [why] }]
        // Two words that are no domain: the name of a Service and its namespace.
        return by === 'url' || (isStrong(value, found) && host.split('.').length === 2)
          ? [{ kind: 'unseen', host, because: why }]
          : []
      default:
        return meaning satisfies never
    }
  }
  return {
    peersOf: (found, value, namespace) => {
      const { host, by } = found
      const why = sayFound(found, value)
      if (host === '' || isLoopback(host) || isPlaceholder(host) || addressOf(host) === 'link-local') return []
      if (isExample(host) && value.isFile) return []
      if (isMetadata(host))
        return by === 'key' && host === 'metadata' ? [] : [{ kind: 'external', host, because: [why] }]
      if (declared.has(host)) return [{ kind: 'external', host, because: [why] }]
      // `com.example.Foo`, `Main.Io`: a class or a type, not a host.
      return ofMeaning(names.meaning(host, namespace), found, value, why)
    },
  }
}

/** Whether the name of the value leaves no doubt that a host follows. */
function isStrong(value: Value, found: Found): boolean {
  const key = found.key === '' ? value.key : found.key
  const stem = hostStem(key)
  if (stem === undefined || value.isFile) return false
  // In a script any assignment looks like a key.
  if (value.text.includes('\n') && !found.host.includes('.')) return false
  const last = wordsOf(key).at(-1)
  return (stem.length > 0 || found.by === 'port') && last !== undefined && !WEAK.has(last)
}

/** Says where a host stands, and of the text around it nothing. */
export function sayFound({ host, port }: Found, { key, object, path, isFile }: Value): Because {
  const where = isFile ? `file ${key}` : key === '' ? 'an argument' : key
  return because(`${where} names ${host}${port === undefined ? '' : `:${port}`}`, object, path)
}
