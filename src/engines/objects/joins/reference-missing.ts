import { because } from '../../../cluster/because.ts'
import { field, object as fields } from '../../../cluster/json.ts'
import { idOf, type KubeObject } from '../../../cluster/object.ts'
import type { Check, Join } from '../../check.ts'
import { failed, namesText, passed, undecided } from '../../verdict.ts'
import { madeElsewhere } from '../made.ts'
import { podsOf } from '../pods.ts'
import { type Reference, referencesOf } from '../references.ts'

const SHARED = { severity: 'medium', category: 'reliability', profiles: ['default'], aliases: {} } as const

export const secretMissing = missing('Secret', {
  ...SHARED,
  id: 'secret-missing',
  title: 'A workload refers to a Secret, or a key of one, that is not there',
  references: ['https://kubernetes.io/docs/concepts/configuration/secret/#restriction-secret-must-exist'],
})

export const configMapMissing = missing('ConfigMap', {
  ...SHARED,
  id: 'config-map-missing',
  title: 'A workload refers to a ConfigMap, or a key of one, that is not there',
  references: ['https://kubernetes.io/docs/concepts/configuration/configmap/'],
})

interface Missing {
  readonly reference: Reference
  readonly says: string
  readonly isSure: boolean
}

/**
 * The kubelet does not start a container whose reference, unless it is optional, leads nowhere. Secrets and ConfigMaps are
 * often made by others than who writes the workload: that one is not there is sure only where all were listed.
 */
function missing(kind: 'Secret' | 'ConfigMap', check: Check): Join {
  return {
    check,
    *verdicts(cluster) {
      const { workloads } = podsOf(cluster)
      const made = madeElsewhere(cluster)
      const isListed = cluster.wasListed(kind)
      for (const workload of workloads) {
        const { about, namespace } = workload
        const found: Missing[] = []
        for (const reference of referencesOf(workload)) {
          if (reference.kind !== kind || reference.isOptional || made.has(idOf(kind, namespace, reference.name)))
            continue
          const target = cluster.get(idOf(kind, namespace, reference.name))
          if (!target) {
            const says = isListed
              ? `${kind} ${reference.name} is not in namespace ${namespace}`
              : `${kind} ${reference.name} is not in the input`
            found.push({ reference, says, isSure: isListed })
          } else if (reference.keys.length > 0 && isFilled(target)) {
            const lacking = reference.keys.filter((key) => !hasKey(target, key))
            const says = `${kind} ${reference.name} has no key ${namesText(lacking)}`
            if (lacking.length > 0) found.push({ reference, says, isSure: true })
          }
        }
        const sure = found.filter(({ isSure }) => isSure)
        const told = sure.length > 0 ? sure : found
        if (told.length === 0) {
          yield passed(check, about)
          continue
        }
        const message = namesText(told.map(({ says }) => says))
        const reasons = told.slice(0, 10).map(({ reference, says }) => because(says, reference.object, reference.path))
        const paths = told.flatMap(({ reference }) => (reference.object === about ? [reference.path] : []))
        yield sure.length > 0
          ? failed(check, about, message, reasons, ...paths)
          : undecided(check, about, message, reasons, ...paths)
      }
    },
  }
}

/** One without any key is written to be filled by somebody else. */
function isFilled({ body }: KubeObject): boolean {
  return KEYS.some((each) => Object.keys(fields(field(body, each))).length > 0)
}

const KEYS = ['data', 'stringData', 'binaryData'] as const

function hasKey({ body }: KubeObject, key: string): boolean {
  return KEYS.some((each) => Object.hasOwn(fields(field(body, each)), key))
}
