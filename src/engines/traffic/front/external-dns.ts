import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, field, isObject, string, strings } from '../../../cluster/json.ts'
import { both, type Truth } from '../../../cluster/labels.ts'
import { annotationsOf, type KubeObject } from '../../../cluster/object.ts'
import type { Workload } from '../../../cluster/workload.ts'
import { flagsOf } from '../controllers/flags.ts'

/** external-dns v0.22 changed the prefix of all annotations and reads the old one no more. */
const OLD_PREFIX = 'external-dns.alpha.kubernetes.io/'
const NEW_PREFIX = 'external-dns.kubernetes.io/'
const CHANGED_IN = [0, 22] as const

/** An external-dns of the input that writes records at Cloudflare: one that runs, or a Helm release that will. */
export interface DnsWriter {
  /** Where the version decides and nothing tells it, both may be. */
  readonly prefixes: readonly string[]
  /** `--cloudflare-proxied`: what it does with names that say nothing. */
  readonly byDefault: boolean
  /** Whether it writes the names of an object: `--annotation-filter`; other filters are not evaluated. */
  writes(object: KubeObject): Truth
  readonly because: readonly Because[]
}

/** Flags that leave names out, by what is not evaluated here. */
const FILTERS = [
  'label-filter',
  'ingress-class',
  'namespace',
  'gateway-name',
  'gateway-label-filter',
  'gateway-namespace',
]

const done = new WeakMap<Cluster, readonly DnsWriter[]>()

export function dnsWritersOf(cluster: Cluster): readonly DnsWriter[] {
  const known = done.get(cluster)
  if (known) return known
  const releases = cluster.ofKind('HelmRelease', 'helm.toolkit.fluxcd.io').flatMap((each) => released(each) ?? [])
  const found = [...cluster.workloads.flatMap((workload) => running(workload) ?? []), ...releases]
  done.set(cluster, found)
  return found
}

const IMAGE = /(^|\/)external-dns([:@]|$)/

interface Said {
  get(flag: string): string | undefined
  readonly isOff: boolean
  readonly image: string
  readonly because: readonly Because[]
}

function running(workload: Workload): DnsWriter | undefined {
  const shape = workload.specs[0]
  const container = shape?.pod.containers.find(({ image }) => IMAGE.test(image))
  if (!shape || !container || workload.finished) return undefined
  const flags = flagsOf(workload)
  const proxied = flags.get('cloudflare-proxied')
  return writer({
    get: (name) =>
      flags.get(name)?.value ??
      container.env.find((each) => each.name === `EXTERNAL_DNS_${name.toUpperCase().replaceAll('-', '_')}`)?.value,
    isOff: flags.has('no-cloudflare-proxied'),
    image: container.image,
    because: [
      ...(proxied ? [proxied.because] : []),
      because('writes records at Cloudflare', shape.object, container.path),
    ],
  })
}

const MOST_ARGS = 200

/** A Flux HelmRelease of the chart external-dns: `values.provider`, `extraArgs` as a list or a mapping. */
function released(object: KubeObject): DnsWriter | undefined {
  const spec = field(object.body, 'spec')
  const chart = string(at(spec, 'chartRef', 'name')) ?? string(at(spec, 'chart', 'spec', 'chart')) ?? ''
  if (!/(^|\/)external-dns$/.test(chart)) return undefined
  const values = field(spec, 'values')
  const args = field(values, 'extraArgs')
  const flags = new Map<string, string>()
  for (const word of strings(args).slice(0, MOST_ARGS)) {
    const [, name = '', value = 'true'] = /^--?([^=]+)(?:=([\s\S]*))?$/.exec(word) ?? []
    flags.set(name, value)
  }
  for (const [name, value] of Object.entries(isObject(args) ? args : {}).slice(0, MOST_ARGS))
    flags.set(name, String(value === '' ? true : value))
  const provider = string(field(values, 'provider')) ?? string(at(values, 'provider', 'name'))
  if (provider !== undefined) flags.set('provider', provider)
  if (at(values, 'cloudflare', 'proxied') === true) flags.set('cloudflare-proxied', 'true')
  const prefix = string(field(values, 'annotationPrefix'))
  if (prefix !== undefined) flags.set('annotation-prefix', prefix)
  return writer({
    get: (name) => flags.get(name),
    isOff: flags.has('no-cloudflare-proxied'),
    image: `external-dns:${string(at(values, 'image', 'tag')) ?? ''}`,
    because: [because('writes records at Cloudflare', object, ['spec', 'values'])],
  })
}

function writer({ get, isOff, image, because: why }: Said): DnsWriter | undefined {
  if (get('provider') !== 'cloudflare') return undefined
  const prefix = get('annotation-prefix')
  const filter = get('annotation-filter')
  const isFiltered = FILTERS.some((name) => get(name) !== undefined)
  return {
    prefixes: prefix === undefined ? prefixesOf(image) : [prefix],
    byDefault: !isOff && truthy(get('cloudflare-proxied')),
    writes: (object) => {
      const taken = filter === undefined || filter === '' ? 'yes' : filtered(filter, annotationsOf(object.body))
      return both(taken, isFiltered ? 'unknown' : 'yes')
    },
    because: why,
  }
}

/** A selector in words over annotations: `a=b,c in (d, e),f,!g`; what is none of these is unknown. */
function filtered(text: string, annotations: ReadonlyMap<string, string>): Truth {
  const terms = text.slice(0, 10_000).split(/,(?![^(]*\))/)
  return terms.reduce<Truth>((sum, term) => both(sum, holds(term.trim(), annotations)), 'yes')
}

function holds(term: string, annotations: ReadonlyMap<string, string>): Truth {
  const [, set = '', not, list = ''] = /^(\S+) +(not)?in +\(([^)]*)\)$/.exec(term) ?? []
  const verdict = (is: boolean): Truth => (is ? 'yes' : 'no')
  if (set !== '') {
    const own = annotations.get(set)
    const isIn = own !== undefined && list.split(',').some((each) => each.trim() === own)
    return verdict(not === undefined ? isIn : !isIn)
  }
  const [, key = '', operator = '', value = ''] = /^([^=!\s]+)\s*(==?|!=)\s*(\S*)$/.exec(term) ?? []
  if (key !== '') return verdict((annotations.get(key) === value) === (operator !== '!='))
  if (/^![^\s=]+$/.test(term)) return verdict(!annotations.has(term.slice(1)))
  return /^[^\s=!]+$/.test(term) ? verdict(annotations.has(term)) : 'unknown'
}

function truthy(value: string | undefined): boolean {
  return value !== undefined && /^(true|1|t)$/i.test(value)
}

function prefixesOf(image: string): readonly string[] {
  const version = /:v?(\d{1,4})\.(\d{1,4})/.exec(image.slice(image.lastIndexOf('/') + 1))
  if (!version) return [NEW_PREFIX, OLD_PREFIX]
  const [major, minor] = [Number(version[1]), Number(version[2])]
  return major > CHANGED_IN[0] || minor >= CHANGED_IN[1] ? [NEW_PREFIX] : [OLD_PREFIX]
}

/** What the annotations of an object say of Cloudflare's proxy, and whether anybody reads them. */
export interface Proxied {
  /** `no`: its name leads to the origin itself. Undefined: nothing is said. */
  readonly answer: 'yes' | 'no' | 'unknown' | undefined
  /** An annotation that says something and that no external-dns of the input reads. */
  readonly unread?: { readonly key: string; readonly value: string; readonly readers: readonly string[] }
  readonly because: readonly Because[]
}

const KEY = 'cloudflare-proxied'

export function proxiedOf(object: KubeObject, cluster: Cluster): Proxied {
  const annotations = annotationsOf(object.body)
  const writers = dnsWritersOf(cluster).filter((each) => each.writes(object) !== 'no')
  const said = [...annotations].filter(([key]) => key.endsWith(`/${KEY}`))
  const read = said.find(([key]) => writers.some(({ prefixes }) => prefixes.includes(key.slice(0, -KEY.length))))
  const saying = (key: string): Because[] => [
    because(`${key} is ${annotations.get(key)}`, object, ['metadata', 'annotations', key]),
  ]
  if (read) {
    const [key, value] = read
    // With the image's version untold, either prefix may be the one that counts.
    const isSure = writers.some(
      ({ prefixes, writes }) =>
        prefixes.length === 1 && prefixes.includes(key.slice(0, -KEY.length)) && writes(object) === 'yes',
    )
    return { answer: value !== 'true' ? 'no' : isSure ? 'yes' : 'unknown', because: saying(key) }
  }
  const [first] = said
  if (first && writers.length === 0)
    return { answer: first[1] === 'true' ? 'unknown' : 'no', because: saying(first[0]) }
  const standing = writers.find(({ byDefault }) => byDefault)
  const answer = standing?.writes(object) === 'yes' ? 'yes' : standing ? 'unknown' : undefined
  const unread = first && {
    key: first[0],
    value: first[1],
    readers: [...new Set(writers.flatMap(({ prefixes }) => prefixes))].map((prefix) => `${prefix}${KEY}`),
  }
  return {
    answer,
    ...(unread ? { unread } : {}),
    because: [...(standing ? standing.because : []), ...(first ? saying(first[0]) : [])],
  }
}

/** The names that external-dns gives instead of the load balancer's own: a tunnel's, another CDN's. */
export function targetsOf(object: KubeObject): readonly { readonly host: string; readonly because: Because }[] {
  return [...annotationsOf(object.body)].flatMap(([key, value]) =>
    key === `${OLD_PREFIX}target` || key === `${NEW_PREFIX}target`
      ? value
          .slice(0, 10_000)
          .split(',')
          .map((host) => ({
            host: host.trim(),
            because: because(`its name leads to ${host.trim()}`, object, ['metadata', 'annotations', key]),
          }))
      : [],
  )
}
