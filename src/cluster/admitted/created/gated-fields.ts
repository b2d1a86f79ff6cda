import { field, isObject, type JsonObject, type Path } from '../../json.ts'
import { each, inside, set } from '../fill.ts'

/** Fields of pods that the API server drops where their feature gate is off, as it is by default: pkg/api/pod/util.go. */

export const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
export const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'

/** Since and until which release a field of a pod is known, but dropped unless the cluster turns its gate on. */
const GATED: readonly { readonly path: Path; readonly since: number; readonly until: number }[] = [
  { path: ['hostUsers'], since: 28, until: 32 },
  { path: ['resourceClaims'], since: 28, until: 33 },
  { path: ['containers', 'resources', 'claims'], since: 28, until: 33 },
  { path: ['resources'], since: 32, until: 33 },
  { path: ['containers', 'resizePolicy'], since: 28, until: 32 },
  { path: ['containers', 'restartPolicy'], since: 28, until: 28 },
  { path: ['containers', 'volumeMounts', 'recursiveReadOnly'], since: 30, until: 30 },
  { path: ['containers', 'lifecycle', 'stopSignal'], since: 33, until: 37 },
  { path: ['containers', 'restartPolicyRules'], since: 34, until: 34 },
  { path: ['hostnameOverride'], since: 34, until: 34 },
  { path: ['schedulingGroup'], since: 36, until: 37 },
  ...['matchLabelKeys', 'mismatchLabelKeys'].flatMap((keys) =>
    ['podAffinity', 'podAntiAffinity'].flatMap((affinity) => [
      { path: ['affinity', affinity, REQUIRED, keys], since: 29, until: 30 },
      { path: ['affinity', affinity, PREFERRED, 'podAffinityTerm', keys], since: 29, until: 30 },
    ]),
  ),
  { path: ['securityContext', 'supplementalGroupsPolicy'], since: 31, until: 32 },
  { path: ['securityContext', 'seLinuxChangePolicy'], since: 32, until: 32 },
  { path: ['volumes', 'projected', 'sources', 'clusterTrustBundle'], since: 29, until: 36 },
  { path: ['volumes', 'projected', 'sources', 'podCertificate'], since: 34, until: 36 },
]
/** Any other value of `procMount` is taken for this one before. */
const PROC_MOUNT = 33

export function withoutGatedFields(given: JsonObject, minor: number): JsonObject {
  let spec = given
  for (const path of gatedIn(minor)) spec = without(spec, path)
  if (minor < PROC_MOUNT) for (const key of CONTAINERS) spec = each(spec, key, defaultProcMount)
  return spec
}

/** By release: the fields that are dropped, of containers in every list of them. */
const byMinor = new Map<number, readonly Path[]>()

function gatedIn(minor: number): readonly Path[] {
  const known = byMinor.get(minor)
  if (known) return known
  const found = GATED.filter(({ since, until }) => minor >= since && minor <= until).flatMap(({ path }) =>
    path[0] === 'containers' ? CONTAINERS.map((key) => [key, ...path.slice(1)]) : [path],
  )
  byMinor.set(minor, found)
  return found
}

export const CONTAINERS: readonly string[] = ['initContainers', 'containers', 'ephemeralContainers']

function defaultProcMount(container: JsonObject): JsonObject {
  return inside(container, 'securityContext', (context) =>
    field(context, 'procMount') === undefined ? context : set(context, 'procMount', 'Default'),
  )
}

/** The field at the end of the path from `at` on, through lists and objects alike, taken away. */
export function without(object: JsonObject, path: Path, at = 0): JsonObject {
  const first = path[at] as string
  const value = field(object, first)
  if (value === undefined) return object
  if (at === path.length - 1) return set(object, first, undefined)
  const step = (inner: JsonObject): JsonObject => without(inner, path, at + 1)
  const dropped = Array.isArray(value) ? each(object, first, step) : inside(object, first, step)
  // A lifecycle of nothing else goes as a whole.
  const left = field(dropped, first)
  return first === 'lifecycle' && isObject(left) && Object.keys(left).length === 0
    ? set(dropped, first, undefined)
    : dropped
}
