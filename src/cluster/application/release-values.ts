import type { Cluster } from '../cluster.ts'
import { at, isObject, type Json, string } from '../json.ts'
import { idOf, type KubeObject } from '../object.ts'

const MAX_VALUES = 20_000
const MAX_DEPTH = 24
const NAMED = ['Secret', 'ConfigMap', 'PersistentVolumeClaim'] as const

/**
 * The workloads of a HelmRelease are hidden, but its values name objects beside it (`existingClaim: radarr-config`).
 * Each string that is the name of a Secret, ConfigMap or claim of its namespace counts, so the target of an
 * ExternalSecret does too.
 */
export function releaseValues(release: KubeObject, cluster: Cluster): ReadonlySet<string> {
  const found = new Set<string>()
  const namespace = string(at(release.body, 'spec', 'targetNamespace')) ?? release.namespace
  let left = MAX_VALUES
  const visit = (value: Json | undefined, depth: number): void => {
    if (left-- <= 0 || depth > MAX_DEPTH) return
    if (typeof value === 'string') {
      if (value.length < 3 || value.length > 253 || value.includes(' ')) return
      for (const kind of NAMED) {
        const id = idOf(kind, namespace, value)
        if (
          cluster.get(id) ||
          (kind === 'Secret' && cluster.get(idOf('ExternalSecret.external-secrets.io', namespace, value)))
        )
          found.add(id)
      }
    } else if (Array.isArray(value)) for (const item of value) visit(item as Json, depth + 1)
    else if (isObject(value)) for (const item of Object.values(value)) visit(item, depth + 1)
  }
  visit(at(release.body, 'spec', 'values'), 0)
  return found
}
