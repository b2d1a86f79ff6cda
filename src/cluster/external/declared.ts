import { type Because, because } from '../because.ts'
import type { Cluster } from '../cluster.ts'
import { at, field, isObject, type Json, list, type Path, string, strings } from '../json.ts'
import { idOf, type KubeObject } from '../object.ts'
import { isDomain, isHostName, isLoopback, isMetadata, isPlaceholder } from './domains.ts'
import type { ExternalService } from './external.ts'
import { findHosts } from './text.ts'

/** Providers of SecretStores that need no address. */
const STORES: ReadonlyMap<string, string> = new Map([
  ['aws', 'amazonaws.com'],
  ['gcpsm', 'secretmanager.googleapis.com'],
  ['azurekv', 'vault.azure.net'],
  ['doppler', 'api.doppler.com'],
  ['onepassword', '1password.com'],
  ['onepasswordSDK', '1password.com'],
  ['akeyless', 'api.akeyless.io'],
  ['gitlab', 'gitlab.com'],
  ['ibm', 'cloud.ibm.com'],
  ['oracle', 'oraclecloud.com'],
  ['yandexlockbox', 'api.cloud.yandex.net'],
])

/** Adds the hosts that objects declare for a whole cluster, whoever uses them. */
export function declare(found: ReadonlyMap<string, ExternalService>, cluster: Cluster): readonly ExternalService[] {
  const all = new Map(found)
  for (const [host, why] of declarations(cluster)) {
    const known = all.get(host) ?? externalService(host)
    all.set(host, { ...known, declared: [...known.declared, why] })
  }
  return [...all.values()].sort((a, b) => (a.host < b.host ? -1 : 1))
}

export function externalService(host: string): ExternalService {
  return { id: idOf('External', '', host), host, isMetadata: isMetadata(host), uses: [], declared: [] }
}

function* declarations(cluster: Cluster): Iterable<readonly [string, Because]> {
  for (const entry of cluster.ofKind('ServiceEntry', 'networking.istio.io')) {
    for (const host of entryHosts(entry))
      yield [host, because(`ServiceEntry ${entry.name} names it`, entry, ['spec', 'hosts'])]
  }
  for (const service of cluster.ofKind('Service')) {
    const host = externalNameOf(service)
    if (host !== undefined)
      yield [host, because(`Service ${service.name} is another name for it`, service, ['spec', 'externalName'])]
  }
  for (const kind of ['SecretStore', 'ClusterSecretStore']) {
    for (const store of cluster.ofKind(kind, 'external-secrets.io')) yield* storeHosts(store)
  }
}

/** Hosts that a ServiceEntry adds to the mesh: what it calls external, and machines that it gives a name of their own. */
export function entryHosts(entry: KubeObject): readonly string[] {
  const endpoints = list(at(entry.body, 'spec', 'endpoints')).flatMap((each) => string(field(each, 'address')) ?? [])
  // A name for what listens in the same pod, as an authorizer in a sidecar does.
  if (endpoints.length > 0 && endpoints.every(isLoopback)) return []
  return strings(at(entry.body, 'spec', 'hosts'))
    .map((host) => host.toLowerCase().replace(/\.$/, ''))
    .filter((host) => isHostName(host.replace(/^\*\./, '')) && !isPlaceholder(host) && !isLoopback(host))
}

/** The host that an ExternalName Service stands for, unless that is a Service of the cluster. */
export function externalNameOf(service: KubeObject): string | undefined {
  if (at(service.body, 'spec', 'type') !== 'ExternalName') return undefined
  const host = string(at(service.body, 'spec', 'externalName'))
    ?.toLowerCase()
    .replace(/\.$/, '')
  if (host === undefined || !isHostName(host) || isLoopback(host) || isPlaceholder(host)) return undefined
  return host.split('.').includes('svc') || !host.includes('.') ? undefined : host
}

function* storeHosts(store: KubeObject): Iterable<readonly [string, Because]> {
  const path: Path = ['spec', 'provider']
  const provider = at(store.body, ...path)
  if (!isObject(provider)) return
  const text = `the ${store.kind} ${store.name} reads secrets from it`
  let count = 0
  for (const [name, value] of Object.entries(provider)) {
    for (const host of urlsIn(value)) {
      count++
      yield [host, because(text, store, [...path, name])]
    }
    const host = STORES.get(name)
    if (count === 0 && host !== undefined) yield [host, because(text, store, [...path, name])]
  }
}

function urlsIn(value: Json, depth = 0): readonly string[] {
  if (typeof value === 'string') {
    const { found } = findHosts(value, '')
    return found.flatMap(({ by, host }) => (by === 'url' && isDomain(host, true) && !isPlaceholder(host) ? [host] : []))
  }
  return isObject(value) && depth < 6 ? Object.values(value).flatMap((item) => urlsIn(item, depth + 1)) : []
}
