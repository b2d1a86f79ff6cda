import { isObject, type Json, type JsonObject } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import { DEFAULT_MINOR, parseMinor } from '../../../cluster/version.ts'
import { definitionOf } from '../../../engines/policy/admission/definition.ts'
import type { PolicyCheck } from '../../../engines/policy/check.ts'
import { refusalsOf } from '../../../engines/policy/refusal/refusals.ts'
import {
  catalogueChecks,
  inProfile,
  LATEST_POD_SECURITY,
  overriddenBy,
  type Profile,
} from '../../../engines/policy/selection.ts'
import { readCatalogue } from '../../../observe/catalogue.ts'
import { yamlText } from '../../../report/yaml.ts'
import { EXIT, UsageError } from '../../exit.ts'
import { targetsOf, write } from '../../output.ts'
import { podSecurityOf } from '../../pod-security.ts'

const FORMATS = ['yaml', 'json', 'name'] as const
export const ACTIONS = ['Audit', 'Warn', 'Deny'] as const
export type Action = (typeof ACTIONS)[number]

export interface ExportFlags {
  readonly output: readonly string[]
  readonly outputFile?: string
  readonly profile?: Profile
  readonly profileVersion?: string
  readonly checks?: readonly string[]
  readonly action?: Action
  readonly withFixes?: boolean
  readonly excludeNamespace?: readonly string[]
  readonly kubernetesVersion?: string
  readonly quiet?: boolean
}

const GROUP = 'admissionregistration.k8s.io'
/** So that no policy of somebody else is replaced, and these are found again. */
const PREFIX = 'bulkhead-'
const MANAGED = { 'app.kubernetes.io/managed-by': 'bulkhead' }
/** MutatingAdmissionPolicy is generally available since 1.36. */
const MUTATING_SINCE = 36

/** Writes policies of the catalogue and their bindings, ready to apply. */
export async function exportPolicies(flags: ExportFlags): Promise<number> {
  const targets = targetsOf(flags, FORMATS)
  const minor =
    (flags.kubernetesVersion === undefined ? undefined : parseMinor(flags.kubernetesVersion)) ?? DEFAULT_MINOR
  if (flags.withFixes === true && minor < MUTATING_SINCE)
    throw new UsageError(
      `a cluster of v1.${minor} has no MutatingAdmissionPolicy of v1, which v1.${MUTATING_SINCE} has; bulkhead fix fixes files`,
    )
  const note = (text: string): void => {
    if (flags.quiet !== true) process.stderr.write(`${text}\n`)
  }
  const catalogue = readCatalogue()
  const chosen = chosenChecks(catalogue.policies, flags).filter((check) => isUsable(check, minor, note))
  const objects = chosen.flatMap((check): readonly JsonObject[] => {
    const known = flags.withFixes === true ? catalogue.fixes.get(check.id) : undefined
    const wrong = known ? refusalsOf(known, minor) : []
    for (const { field, message } of wrong.slice(0, 1))
      note(`left out: the fix of ${check.id}, which v1.${minor} refuses: ${field}: ${message}`)
    const fix = wrong.length === 0 ? known : undefined
    return [
      ...bound(check.policy, check.id, 'Validating', { validationActions: [flags.action ?? 'Audit'] }, flags),
      ...(fix ? bound(fix, check.id, 'Mutating', {}, flags) : []),
    ]
  })
  if (objects.length === 0) note('no policy is left to export')
  for (const target of targets) await write(pieces(objects, target.format), target)
  return EXIT.ok
}

function chosenChecks(policies: readonly KubeObject[], flags: ExportFlags): readonly PolicyCheck[] {
  const version = podSecurityOf(flags)
  const checks = catalogueChecks(policies, version ?? LATEST_POD_SECURITY)
  const only = flags.checks?.flatMap((each) => each.split(',')).filter((each) => each !== '')
  for (const id of only ?? [])
    if (!checks.some((check) => check.id === id))
      throw new UsageError(`no policy has the id ${id}: a check that takes several objects is none`)
  const overridden = overriddenBy(checks)
  const profile = flags.profile ?? 'default'
  return checks.filter((check) => (only ? only.includes(check.id) : inProfile(check, profile, overridden)))
}

function isUsable({ id, minimum, policy }: PolicyCheck, minor: number, note: (text: string) => void): boolean {
  if (minimum > minor) {
    note(`left out: ${id} needs Kubernetes v1.${minimum}`)
    return false
  }
  const [refusal] = refusalsOf(policy, minor)
  if (refusal) {
    note(`left out: ${id}, which v1.${minor} refuses: ${refusal.field}: ${refusal.message}`)
    return false
  }
  if (definitionOf(policy).paramKind === undefined) return true
  note(`left out: ${id} takes params, which its binding must name`)
  return false
}

/** The policy under a name of its own, and a binding to every namespace but those excluded. */
function bound(
  policy: KubeObject,
  id: string,
  kind: 'Validating' | 'Mutating',
  spec: JsonObject,
  { excludeNamespace = [] }: ExportFlags,
): readonly JsonObject[] {
  const name = PREFIX + id
  const { metadata, ...rest } = policy.body
  const excluded = {
    matchResources: {
      namespaceSelector: {
        matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: [...excludeNamespace] }],
      },
    },
  }
  const { apiVersion = `${GROUP}/v1`, kind: ofPolicy = '', ...others } = rest
  return [
    { apiVersion, kind: ofPolicy, metadata: { ...named(metadata), name, labels: MANAGED }, ...others },
    {
      apiVersion: `${GROUP}/v1`,
      kind: `${kind}AdmissionPolicyBinding`,
      metadata: { name, labels: MANAGED },
      spec: { policyName: name, ...spec, ...(excludeNamespace.length === 0 ? {} : excluded) },
    },
  ]
}

function named(metadata: Json | undefined): JsonObject {
  return isObject(metadata) ? metadata : {}
}

function pieces(objects: readonly JsonObject[], format: string): readonly string[] {
  if (format === 'json') return [`${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, null, 2)}\n`]
  if (format === 'yaml') return objects.map((each, index) => `${index === 0 ? '' : '---\n'}${yamlText(each)}`)
  return objects.map(({ kind, metadata }) => `${String(kind).toLowerCase()}.${GROUP}/${String(named(metadata).name)}\n`)
}
