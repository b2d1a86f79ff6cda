import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { field, list, string, stringMap } from '../../../cluster/json.ts'
import { idOf, type KubeObject } from '../../../cluster/object.ts'
import type { Workload } from '../../../cluster/workload.ts'
import { parseYaml } from '../../../cluster/yaml.ts'

/** One rule of a tunnel: the names that come through it, and the Service that they come to. */
export interface TunnelRule {
  /** Empty: every name. May begin with `*.`. */
  readonly host: string
  /** The id of the Service; undefined for what is none of the cluster (`http_status:404`, `unix:`). */
  readonly service: string | undefined
  readonly because: Because
}

/** A connector that dials out to Cloudflare: requests come back on its own connection, so nothing need be open. */
export interface Tunnel {
  readonly workload: Workload
  /** Undefined where its rules are kept at Cloudflare (it runs by a token) or in something the input does not hold. */
  readonly rules: readonly TunnelRule[] | undefined
  readonly because: readonly Because[]
}

const IMAGE = /(^|\/)cloudflared([:@]|$)/
const MOST_RULES = 5_000

const done = new WeakMap<Cluster, readonly Tunnel[]>()

export function tunnelsOf(cluster: Cluster): readonly Tunnel[] {
  const known = done.get(cluster)
  if (known) return known
  const found = cluster.workloads.flatMap((workload) => (workload.finished ? [] : (tunnel(workload, cluster) ?? [])))
  done.set(cluster, found)
  return found
}

function tunnel(workload: Workload, cluster: Cluster): Tunnel | undefined {
  const shape = workload.specs[0]
  const container = shape?.pod.containers.find(({ image }) => IMAGE.test(image))
  if (!shape || !container) return undefined
  const words = [...container.command, ...container.args]
  // Its other work, a resolver, opens no way in.
  if (words.includes('proxy-dns') && !words.includes('run')) return undefined
  const isTunnel = words.length === 0 || words.some((word) => /\btunnel\b/.test(word))
  if (!isTunnel) return undefined
  const named = shape.pod.volumes.flatMap(({ sources }) =>
    sources.flatMap((source) => (source.kind === 'configMap' ? [source.name] : [])),
  )
  const byFlag = urlOf(words)
  const rules = [
    ...named.flatMap((name) => {
      const map = cluster.get(idOf('ConfigMap', workload.namespace, name))
      return map ? rulesOf(map, workload.namespace) : []
    }),
    ...(byFlag === undefined
      ? []
      : [
          {
            host: '',
            service: serviceOf(byFlag, workload.namespace),
            because: because('passes everything on', shape.object, [...container.path, 'args']),
          },
        ]),
  ]
  return {
    workload,
    rules: rules.length === 0 ? undefined : rules.slice(0, MOST_RULES),
    because: [because('runs a tunnel to Cloudflare', shape.object, container.path)],
  }
}

function urlOf(words: readonly string[]): string | undefined {
  const flag = words.findIndex((word) => word === '--url' || word.startsWith('--url='))
  if (flag < 0) return undefined
  const word = words[flag] as string
  return word === '--url' ? words[flag + 1] : word.slice('--url='.length)
}

/** Each value that parses as a tunnel's configuration: cloudflared `config.yaml`, `ingress`. */
function rulesOf(map: KubeObject, namespace: string): readonly TunnelRule[] {
  return [...stringMap(field(map.body, 'data'))].flatMap(([key, text]) => {
    const parsed = parseYaml(text)
    if (parsed.problem) return []
    return list(field(parsed.value, 'ingress')).flatMap((rule) => {
      const service = string(field(rule, 'service'))
      if (service === undefined) return []
      const host = (string(field(rule, 'hostname')) ?? '').toLowerCase()
      return [
        {
          host,
          service: serviceOf(service, namespace),
          because: because(`passes ${host === '' ? 'the rest' : host} to ${service}`, map, ['data', key]),
        },
      ]
    })
  })
}

/** `http://web.shop.svc.cluster.local:80` is the Service shop/web. */
function serviceOf(url: string, namespace: string): string | undefined {
  const authority = /^(?:https?|tcp|ssh|rdp|wss?|h2c|grpcs?):\/\/([^/:?#]+)/.exec(url)?.[1]
  if (authority === undefined || authority === 'localhost' || /^[\d.]+$/.test(authority)) return undefined
  const [name = '', space = namespace, third] = authority.split('.')
  if (third !== undefined && third !== 'svc') return undefined
  return idOf('Service', space, name)
}

/** Whether a rule's host means this one. */
export function ruleMeets({ host }: TunnelRule, name: string): boolean {
  if (host === '' || host === '*') return true
  const small = name.toLowerCase()
  return host.startsWith('*.') ? small.endsWith(host.slice(1)) : host === small
}
