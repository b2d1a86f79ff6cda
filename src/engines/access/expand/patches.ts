import { LABEL, PULL_SECRETS } from '../../../cluster/definitions/bodies.ts'
import { EXPIRES, STARTS } from '../../../cluster/expiry.ts'
import { at, field, type Json, type JsonObject, list, object as mapping, string } from '../../../cluster/json.ts'
import { annotationsOf, type KubeObject, labelsOf } from '../../../cluster/object.ts'
import type { DefinitionChange } from './changes.ts'
import { ownerOf } from './owner.ts'
import { roleText, subjectWords } from './words.ts'

/** What of an object that is there must change, as a patch that leaves all else. */
export interface ObjectChange extends Omit<DefinitionChange, 'definition' | 'before'> {
  /** Whether somebody is taken out. */
  readonly takes?: true
}

/** Subjects and metadata are patched; only another role needs the binding to be deleted and created. */
export function bindingChange(existing: KubeObject, wanted: KubeObject): ObjectChange | undefined {
  const isOtherRole = ['kind', 'name'].some(
    (key) => at(existing.body, 'roleRef', key) !== at(wanted.body, 'roleRef', key),
  )
  if (isOtherRole) {
    const what = `${roleText(existing.body)} becomes ${roleText(wanted.body)}, and the role of a binding cannot be changed`
    return { action: 'replace', object: wanted, what: [what] }
  }
  const old = subjectKeys(existing)
  const now = subjectKeys(wanted)
  const metadata = metadataPatch(existing, wanted, [EXPIRES, STARTS])
  const isOther = old.size !== now.size || [...now.keys()].some((key) => !old.has(key))
  if (!isOther && !metadata) return undefined
  const gained = [...now].flatMap(([key, words]) => (old.has(key) ? [] : [`+ ${words}`]))
  const lost = [...old].flatMap(([key, words]) => (now.has(key) ? [] : [`- ${words}`]))
  const patch = {
    ...(metadata ? { metadata: metadata.patch } : {}),
    ...(isOther ? { subjects: field(wanted.body, 'subjects') ?? [] } : {}),
  }
  return {
    action: 'change',
    object: patched(existing, patch),
    what: [...gained, ...lost, ...(metadata?.what ?? [])],
    patch,
    ...(lost.length > 0 ? { takes: true } : {}),
    ...(isOther
      ? { manager: 'would delete the binding and create it again: in between nobody of it has its rights' }
      : {}),
  }
}

/** rbac/validation/rule.go: what tells subjects apart. */
function subjectKeys({ body }: KubeObject): ReadonlyMap<string, string> {
  return new Map(
    list(field(body, 'subjects')).map((each) => [
      JSON.stringify(['kind', 'name', 'namespace'].map((key) => field(each, key) ?? '')),
      subjectWords(each),
    ]),
  )
}

/** Never deleted and created: with its uid every token of the account would go (rbac-manager#428). */
export function accountChange(existing: KubeObject, wanted: KubeObject): ObjectChange | undefined {
  const before = new Set((annotationsOf(existing.body).get(PULL_SECRETS) ?? '').split(','))
  const secrets = namesOf(existing)
  const asked = namesOf(wanted)
  // Others than ours are OpenShift's, or somebody's (rbac-manager#417).
  const stay = secrets.filter((name) => asked.includes(name) || !before.has(name))
  const missing = asked.filter((name) => !secrets.includes(name))
  const isOther = missing.length > 0 || stay.length < secrets.length
  const automount = field(wanted.body, 'automountServiceAccountToken')
  const isOtherMount = automount !== undefined && automount !== field(existing.body, 'automountServiceAccountToken')
  const metadata = metadataPatch(existing, wanted, [PULL_SECRETS])
  if (!isOther && !isOtherMount && !metadata) return undefined
  const patch: JsonObject = {
    ...(metadata ? { metadata: metadata.patch } : {}),
    ...(isOther ? { imagePullSecrets: [...stay, ...missing].map((name) => ({ name })) } : {}),
    ...(isOtherMount ? { automountServiceAccountToken: automount } : {}),
  }
  const gone = secrets.filter((name) => !stay.includes(name))
  const isRecreated = missing.length > 0 || metadata?.keys.includes(PULL_SECRETS)
  return {
    action: 'change',
    object: patched(existing, patch),
    what: [
      ...missing.map((name) => `+ pull secret ${name}`),
      ...gone.map((name) => `- pull secret ${name}`),
      ...(isOtherMount ? [`automountServiceAccountToken becomes ${automount}`] : []),
      ...(metadata?.what ?? []),
    ],
    patch,
    ...(isRecreated
      ? { manager: 'would delete the account and create it again: its uid changes, and every token of it dies' }
      : isOtherMount
        ? { manager: 'would not apply it: it does not compare automountServiceAccountToken' }
        : {}),
  }
}

function namesOf({ body }: KubeObject): readonly string[] {
  return list(field(body, 'imagePullSecrets')).flatMap((each) => string(field(each, 'name')) ?? [])
}

/** The label, the owner's uid, and those annotations that are ours to set; all others stay. */
function metadataPatch(
  existing: KubeObject,
  wanted: KubeObject,
  keys: readonly string[],
): { patch: JsonObject; what: readonly string[]; keys: readonly string[] } | undefined {
  const old = annotationsOf(existing.body)
  const now = annotationsOf(wanted.body)
  const changed = keys.filter((key) => old.get(key) !== now.get(key))
  const isUnlabelled = labelsOf(existing.body).get(LABEL) !== labelsOf(wanted.body).get(LABEL)
  const uid = ownerOf(wanted)?.uid
  const isOtherOwner = uid !== undefined && ownerOf(existing)?.uid !== uid
  if (changed.length === 0 && !isUnlabelled && !isOtherOwner) return undefined
  return {
    patch: {
      ...(isUnlabelled ? { labels: mapping(at(wanted.body, 'metadata', 'labels')) } : {}),
      ...(changed.length === 0
        ? {}
        : { annotations: Object.fromEntries(changed.map((key) => [key, now.get(key) ?? null])) }),
      ...(isOtherOwner ? { ownerReferences: list(at(wanted.body, 'metadata', 'ownerReferences')) } : {}),
    },
    what: [
      ...changed
        .filter((key) => key !== PULL_SECRETS)
        .map((key) => (now.has(key) ? `${key} becomes ${now.get(key) || 'empty'}` : `${key} goes`)),
      ...(isUnlabelled ? [`the label ${LABEL} is missing`] : []),
      ...(isOtherOwner ? ['the definition has another uid: it was deleted and created'] : []),
    ],
    keys: changed,
  }
}

/** RFC 7386. */
function patched(existing: KubeObject, patch: JsonObject): KubeObject {
  return { ...existing, body: merged(existing.body, patch) }
}

function merged(before: JsonObject, patch: JsonObject): JsonObject {
  const entries = new Map<string, Json>(Object.entries(before))
  for (const [key, value] of Object.entries(patch)) {
    const old = entries.get(key)
    if (value === null) entries.delete(key)
    else if (typeof value === 'object' && !Array.isArray(value))
      entries.set(key, merged(mapping(old), value as JsonObject))
    else entries.set(key, value)
  }
  return Object.fromEntries(entries)
}
