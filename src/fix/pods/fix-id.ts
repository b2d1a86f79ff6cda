import { idParts } from '../../cluster/object.ts'
import { hashed, MOST, slugOf } from '../slug.ts'

/** Kinds that may stand between a namespace and a name without a hash that tells where the one ends. */
const PLAIN_KINDS: readonly string[] = [
  'pod',
  'deployment',
  'statefulset',
  'daemonset',
  'replicaset',
  'replicationcontroller',
  'job',
  'cronjob',
  'namespace',
]

/**
 * `host-path-off-shop-deployment-frontend-logs`: the kind of a fix, the object that it is for, and what of it. Whatever
 * would read the same for another object (`a` / `pod-b` and `a-pod` / `b`), or cannot be written so, ends in a hash.
 */
export function fixId(kind: string, objectId: string, part = ''): string {
  const { type, namespace, name } = idParts(objectId)
  const parts = [namespace, type.toLowerCase(), name, part].filter((each) => each !== '')
  const exact = [kind, ...parts].join('-')
  const slug = slugOf(exact)
  if (slug === exact && slug.length <= MOST && !isAmbiguous(parts, type.toLowerCase(), part)) return slug
  return hashed(slug, [kind, objectId, part])
}

function isAmbiguous(parts: readonly string[], type: string, part: string): boolean {
  if (part !== '' || !PLAIN_KINDS.includes(type)) return true
  const words = parts.flatMap((each) => each.split('-'))
  return words.filter((word) => PLAIN_KINDS.includes(word)).length !== 1
}
