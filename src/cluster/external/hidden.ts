import type { Cluster } from '../cluster.ts'
import { at, isObject, type Json, type Path, string } from '../json.ts'
import { idOf, type KubeObject } from '../object.ts'
import type { Given, HeldSecret, Value } from './values.ts'

/** Parts of a chart's values that say how it is reached, built and shown rather than whom it calls. */
const NOT_CALLED: ReadonlySet<string> = new Set([
  'ingress',
  'ingresses',
  'route',
  'routes',
  'gateway',
  'httpRoute',
  'image',
  'images',
  'annotations',
  'labels',
  'podAnnotations',
  'podLabels',
  'probes',
  'resources',
  'service',
  'serviceMonitor',
  'dashboards',
  'grafanaDashboards',
  'tls',
  'hosts',
  'hostnames',
  'repository',
  'registry',
  'affinity',
  'tolerations',
  'nodeSelector',
  'topologySpreadConstraints',
  'securityContext',
  'matchLabels',
])

const MAX_VALUES = 20_000
const MAX_DEPTH = 24

/** The values of the HelmReleases: what their hidden workloads are configured with, as far as values tell. */
export function* hiddenValues(
  cluster: Cluster,
): Iterable<{ readonly id: string; readonly namespace: string; readonly given: Given }> {
  for (const group of ['helm.toolkit.fluxcd.io', 'helm.fluxcd.io']) {
    for (const release of cluster.ofKind('HelmRelease', group)) {
      const namespace = string(at(release.body, 'spec', 'targetNamespace')) ?? release.namespace
      yield { id: release.id, namespace, given: valuesOf(release, namespace) }
    }
  }
}

function valuesOf(release: KubeObject, namespace: string): Given {
  const values: Value[] = []
  const secrets: HeldSecret[] = []
  let left = MAX_VALUES
  const hold = (variable: string, name: string, key: string | undefined, path: Path): void => {
    secrets.push({
      variable,
      secret: idOf('Secret', namespace, name),
      key,
      mountPath: undefined,
      object: release,
      path,
    })
  }
  const visit = (value: Json, key: string, path: Path, depth: number): void => {
    if (left-- <= 0 || depth > MAX_DEPTH || NOT_CALLED.has(key)) return
    if (typeof value === 'string') {
      if (value.length > 3) values.push({ key, text: value, object: release, path, isFile: false })
    } else if (Array.isArray(value)) {
      for (const [index, item] of (value as readonly Json[]).entries()) visit(item, key, [...path, index], depth + 1)
    } else if (isObject(value)) {
      const reference = at(value, 'valueFrom', 'secretKeyRef') ?? at(value, 'secretKeyRef')
      const secret = string(at(reference, 'name'))
      const own = string(at(value, 'name'))
      const variable = at(value, 'valueFrom') !== undefined && own !== undefined ? own : key
      if (secret !== undefined) hold(variable, secret, string(at(reference, 'key')), path)
      const whole = string(at(value, 'secretRef', 'name'))
      if (whole !== undefined) hold('', whole, undefined, path)
      // A list of variables, as in a pod: the name is the key of the value beside it.
      const named = own !== undefined && typeof at(value, 'value') === 'string'
      for (const [each, item] of Object.entries(value))
        visit(item, named && each === 'value' ? (own as string) : each, [...path, each], depth + 1)
    }
  }
  const all = at(release.body, 'spec', 'values')
  if (isObject(all)) visit(all, '', ['spec', 'values'], 0)
  return { values, secrets, missing: [] }
}
