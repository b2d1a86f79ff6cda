import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, string } from '../../../cluster/json.ts'
import { idOf } from '../../../cluster/object.ts'
import type { Container } from '../../../cluster/pod.ts'
import type { Workload } from '../../../cluster/workload.ts'
import type { Edge } from '../../engine.ts'
import { probe, probes } from '../probe.ts'
import { type AccessRule, once, placesOf, step } from '../rule.ts'

const GROUP = 'networking.k8s.io'
const CREATE = probe('create', GROUP, 'ingresses')
const WRITE = probes(['update', 'patch'], GROUP, ['ingresses'])

interface Controller {
  readonly workload: Workload
  readonly truth: Edge['truth']
  /** The one namespace whose Ingresses it reads; undefined: all. */
  readonly watched: string | undefined
  readonly because: readonly Because[]
}

/** What an Ingress says in a snippet is the controller's own configuration, with all that its pods can do (CVE-2021-25742). */
export function snippetRules(cluster: Cluster): readonly AccessRule[] {
  let controllers: readonly Controller[] | undefined
  return [
    {
      kinds: [
        {
          kind: 'ingress-snippet',
          title: 'configures an ingress controller by a snippet',
          from: 'User, Group, ServiceAccount',
          to: 'workload',
          chance: '1',
          precondition:
            '`create` on ingresses, or `update`/`patch` of one that exists, in a namespace that an ingress-nginx controller of the input watches which takes snippets: `allow-snippet-annotations: "true"` in its ConfigMap (from 1.12 with `annotations-risk-level: Critical`), or before 1.9 the absence of it; unknown where the ConfigMap or the release is not seen',
          source:
            'kubernetes/kubernetes#126811; kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap',
        },
      ],
      *edges(rights, context) {
        controllers ??= controllersOf(cluster)
        if (controllers.length === 0) return
        const told = new Set<string>()
        for (const { namespace, right } of placesOf(rights, CREATE, ...WRITE)) {
          const places = context.scopes.within(namespace)
          if (
            right.probe === CREATE
              ? right.names !== undefined
              : !places.some((each) => hasIngress(cluster, each, right.names))
          )
            continue
          for (const { workload, truth, watched, because: why } of controllers)
            if (watched === undefined || places.includes(watched))
              yield* once(told, step('ingress-snippet', rights, workload.id, [right], { truth, because: why }))
        }
      },
    },
  ]
}

const ingresses = new WeakMap<Cluster, ReadonlyMap<string, ReadonlySet<string>>>()

function hasIngress(cluster: Cluster, namespace: string, names: readonly string[] | undefined): boolean {
  const known =
    ingresses.get(cluster) ??
    new Map(
      [...Map.groupBy(cluster.ofKind('Ingress', GROUP), (each) => each.namespace)].map(([place, all]) => [
        place,
        new Set(all.map(({ name }) => name)),
      ]),
    )
  ingresses.set(cluster, known)
  const here = known.get(namespace)
  return here !== undefined && (names === undefined || names.some((name) => here.has(name)))
}

const IMAGE =
  /(^|\/)(ingress-nginx\/controller|nginx-ingress-controller|mirrored-ingress-nginx-controller|ingress-nginx-controller)(:v?(\d+)\.(\d+)[^@]*)?(@.*)?$/

function controllersOf(cluster: Cluster): readonly Controller[] {
  return cluster.workloads.flatMap((workload) => {
    if (workload.finished) return []
    for (const { pod } of workload.specs)
      for (const container of pod.containers) {
        const found = controllerOf(cluster, workload, container)
        if (found) return [found]
      }
    return []
  })
}

function controllerOf(cluster: Cluster, workload: Workload, container: Container): Controller | undefined {
  const match = IMAGE.exec(container.image)
  if (!match) return undefined
  // Only ingress-nginx reads its settings from the ConfigMap of this flag; tags below 0.x to 1.x are its releases.
  const minor = match[4] === undefined ? undefined : Number(match[4]) * 1000 + Number(match[5])
  const flag = (name: string): string | undefined => flagOf([...container.command, ...container.args], name)
  const [, place = '', name = ''] = /^(.+)\/([^/]+)$/.exec(flag('configmap') ?? '') ?? []
  const namespace = place.startsWith('$(') ? workload.namespace : place
  const settings = name === '' ? undefined : cluster.get(idOf('ConfigMap', namespace, name))
  const truth = takesSnippets(
    minor,
    name === '' ? 'none' : settings?.body === undefined ? undefined : at(settings.body, 'data'),
  )
  if (truth === 'no') return undefined
  const watched = flag('watch-namespace')
  return {
    workload,
    truth,
    watched:
      watched === undefined || watched === '' ? undefined : watched.startsWith('$(') ? workload.namespace : watched,
    because: [
      settings
        ? because(`ConfigMap ${name} lets ${workload.name} take snippets`, settings, ['data'])
        : because(
            `${workload.name} may take snippets: its ConfigMap is not in the input`,
            workload.object,
            container.path,
          ),
    ],
  }
}

const SNIPPETS_OFF_SINCE = 1009
const RISK_SINCE = 1012

function takesSnippets(minor: number | undefined, data: ReturnType<typeof at> | 'none'): Edge['truth'] | 'no' {
  if (data === undefined) return minor !== undefined && minor < SNIPPETS_OFF_SINCE ? 'yes' : 'unknown'
  const said = data === 'none' ? undefined : string(at(data, 'allow-snippet-annotations'))
  if (said === undefined) return minor === undefined ? 'unknown' : minor < SNIPPETS_OFF_SINCE ? 'yes' : 'no'
  if (said !== 'true') return 'no'
  const risk = data === 'none' ? undefined : string(at(data, 'annotations-risk-level'))
  if (risk === 'Critical') return 'yes'
  return minor === undefined ? 'unknown' : minor < RISK_SINCE ? 'yes' : 'no'
}

function flagOf(args: readonly string[], name: string): string | undefined {
  for (const [index, text] of args.entries()) {
    if (text.startsWith(`--${name}=`)) return text.slice(name.length + 3)
    if (text === `--${name}`) return args[index + 1]
  }
  return undefined
}
