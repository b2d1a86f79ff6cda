import { annotationsOf, type KubeObject, labelsOf } from './object.ts'

export type PodSecurityLevel = 'privileged' | 'baseline' | 'restricted'

export interface Namespace {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  readonly annotations: ReadonlyMap<string, string>
  /** False when no Namespace object is in the input: then only the name label is known. */
  readonly seen: boolean
  readonly object: KubeObject | undefined
  /** `pod-security.kubernetes.io/enforce`; undefined when the label is absent (or the namespace was not seen). */
  readonly enforce: PodSecurityLevel | undefined
}

const NAME_LABEL = 'kubernetes.io/metadata.name'
const ENFORCE = 'pod-security.kubernetes.io/enforce'

/** Every namespace that an object is in or defines. The API server sets the name label of each. */
export function resolveNamespaces(objects: readonly KubeObject[]): ReadonlyMap<string, Namespace> {
  const found = new Map<string, Namespace>()
  const add = (name: string, object: KubeObject | undefined): void => {
    if (name === '' || (found.has(name) && !object)) return
    const labels = new Map(object ? labelsOf(object.body) : [])
    labels.set(NAME_LABEL, name)
    const level = labels.get(ENFORCE)
    found.set(name, {
      name,
      labels,
      annotations: object ? annotationsOf(object.body) : new Map(),
      seen: object !== undefined,
      object,
      // An invalid level is treated as restricted: k8s.io/pod-security-admission/api/helpers.go ParseLevel fails closed.
      enforce: level === undefined ? undefined : level === 'privileged' || level === 'baseline' ? level : 'restricted',
    })
  }
  for (const object of objects) if (object.kind === 'Namespace' && object.group === '') add(object.name, object)
  for (const object of objects) add(object.namespace, undefined)
  return found
}
