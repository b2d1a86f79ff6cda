import { field, isObject, type Json, list, object, string, strings } from '../../cluster/json.ts'
import type { Join } from '../../engines/check.ts'
import { noting, type SettingsDocument } from '../document.ts'
import type { Exception, ExceptionNote } from '../exception.ts'
import { type NamePattern, prefix } from '../pattern.ts'
import type { ResourceSelector } from '../selector.ts'
import { customCheck } from './custom-check.ts'

/** What a configuration of Polaris v10 says, in our words. */
export interface PolarisConfiguration {
  readonly exceptions: readonly Exception[]
  readonly notes: readonly ExceptionNote[]
  /** `danger` and `warning`, by Polaris' ids. */
  readonly severities: ReadonlyMap<string, string>
  readonly checks: readonly Join[]
  /** The custom checks as they stand, by id: for what turns them into policies. */
  readonly custom: ReadonlyMap<string, Json>
  readonly withoutPolarisAnnotations: boolean
}

/** What it says that has no counterpart here, and no bearing on what is found. */
const HARMLESS: ReadonlySet<string> = new Set(['displayName', 'kubeContext'])
const SEVERITIES: ReadonlySet<string> = new Set(['danger', 'warning', 'ignore'])

/**
 * Reads `checks`, `customChecks`, `exemptions` and `disallow…` (pkg/config/config.go, exemptions.go). `known`: the ids of
 * Polaris that checks of ours carry. `alone`: the run is to be Polaris', which asks none that `checks` does not list, so
 * those are silenced.
 */
export function decodePolaris(
  document: SettingsDocument,
  known: ReadonlySet<string>,
  alone: boolean,
): PolarisConfiguration {
  const notes: ExceptionNote[] = []
  const told = noting(document, notes)
  const { value } = document
  const severities = new Map<string, string>()
  const custom = new Map<string, Json>()
  const empty = { exceptions: [], notes, severities, checks: [], custom, withoutPolarisAnnotations: false }
  if (!isObject(value)) {
    told('malformed', [], 'a configuration of Polaris is a mapping')
    return empty
  }
  for (const key of Object.keys(value)) {
    if (READ.has(key) || HARMLESS.has(key)) continue
    told('not-carried-over', [key], NOT_CARRIED.get(key) ?? `the key ${key} is not known`)
  }
  const isTrue = (key: string): boolean => field(value, key) === true
  for (const [id, item] of Object.entries(object(field(value, 'customChecks')))) custom.set(id, item)
  const exceptions: Exception[] = []
  if (Object.hasOwn(value, 'checks'))
    exceptions.push(...checksOf(document, object(field(value, 'checks')), known, alone, custom, severities, told))
  if (isTrue('disallowExemptions') || isTrue('disallowConfigExemptions')) {
    if (list(field(value, 'exemptions')).length > 0)
      told('not-carried-over', ['exemptions'], 'the exemptions do not count: the configuration disallows them')
  } else exceptions.push(...exemptionsOf(document, told))
  const checks = [...custom].flatMap(([id, item]) => {
    const severity = severities.get(id)
    if (severity === undefined || severity === 'ignore') {
      if (severity === undefined)
        told(
          'not-carried-over',
          ['customChecks', id],
          `custom check ${id} is not listed in checks, so Polaris does not ask it`,
        )
      return []
    }
    const made = customCheck(id, item, severity)
    for (const text of made.notes) told('not-carried-over', ['customChecks', id], `custom check ${id}: ${text}`)
    return made.join ? [made.join] : []
  })
  return {
    exceptions,
    notes,
    severities,
    checks,
    custom,
    withoutPolarisAnnotations: isTrue('disallowExemptions') || isTrue('disallowAnnotationExemptions'),
  }
}

type Tell = ReturnType<typeof noting>

const READ: ReadonlySet<string> = new Set([
  'checks',
  'customChecks',
  'exemptions',
  'disallowExemptions',
  'disallowConfigExemptions',
  'disallowAnnotationExemptions',
])

const NOT_CARRIED: ReadonlyMap<string, string> = new Map([
  ['mutations', 'mutations are not taken from Polaris; see bulkhead fix --profile'],
  ['namespace', 'namespace limits what Polaris audits; what is read here is what -f names'],
])

function checksOf(
  document: SettingsDocument,
  checks: Readonly<Record<string, Json>>,
  known: ReadonlySet<string>,
  alone: boolean,
  custom: ReadonlyMap<string, Json>,
  severities: Map<string, string>,
  told: Tell,
): readonly Exception[] {
  const ignored: Exception[] = []
  for (const [id, severity] of Object.entries(checks)) {
    const path = ['checks', id]
    if (typeof severity !== 'string' || !SEVERITIES.has(severity)) {
      told('malformed', path, `the severity of ${id} is not danger, warning or ignore`)
      continue
    }
    if (known.has(id) || custom.has(id)) severities.set(id, severity)
    else told('not-carried-over', path, `no check of ours is Polaris’ ${id}`)
    if (severity === 'ignore' && known.has(id)) ignored.push(everywhere(document, path, `checks.${id}: ignore`, [id]))
  }
  const unlisted = [...known].filter((id) => !Object.hasOwn(checks, id)).sort()
  if (alone && unlisted.length > 0)
    ignored.push(everywhere(document, ['checks'], 'checks that it does not list', unlisted))
  return ignored
}

function everywhere(
  document: SettingsDocument,
  path: readonly string[],
  name: string,
  ids: readonly string[],
): Exception {
  return exception(document, path, name, [{}], ids)
}

function exception(
  document: SettingsDocument,
  path: readonly (string | number)[],
  name: string,
  resources: readonly ResourceSelector[],
  ids: readonly string[],
): Exception {
  return {
    name,
    kind: 'polaris',
    from: 'given',
    resources,
    checks: ids.map((id) => `polaris:${id}`),
    reason: '',
    expires: 'never',
    place: () => document.place(path),
  }
}

const EXEMPTION_KEYS: ReadonlySet<string> = new Set(['namespace', 'controllerNames', 'containerNames', 'rules'])

function exemptionsOf(document: SettingsDocument, told: Tell): readonly Exception[] {
  return list(field(document.value, 'exemptions')).flatMap((item, index) => {
    const path = ['exemptions', index]
    const wrong = exemptionFault(item)
    if (wrong !== undefined) {
      told('malformed', path, `exemption ${index + 1}: ${wrong}`)
      return []
    }
    const namespace = string(field(item, 'namespace')) ?? ''
    const prefixes = (key: string): readonly NamePattern[] => strings(field(item, key)).map(prefix)
    const names = prefixes('controllerNames')
    const containers = prefixes('containerNames')
    const selector: ResourceSelector = {
      ...(namespace === '' ? {} : { namespaces: [{ kind: 'glob', text: namespace }] }),
      ...(names.length === 0 ? {} : { names }),
      ...(containers.length === 0 ? {} : { containers }),
    }
    const rules = strings(field(item, 'rules'))
    return [exception(document, path, `exemption ${index + 1}`, [selector], rules.length === 0 ? ['*'] : rules)]
  })
}

function exemptionFault(item: Json): string | undefined {
  if (!isObject(item)) return 'it is not a mapping'
  const unknown = Object.keys(item).find((key) => !EXEMPTION_KEYS.has(key))
  if (unknown !== undefined) return `the key ${unknown} is not known`
  for (const key of ['controllerNames', 'containerNames', 'rules']) {
    const given = field(item, key) ?? []
    if (!Array.isArray(given) || strings(given).length !== given.length) return `${key} is not a list of texts`
    // Every name has the empty text before it, and a rule is an id of Polaris.
    if (strings(given).some((text) => text === '' || /[*?]/.test(text)))
      return `${key} has an empty item or one with * or ?`
  }
  const namespace = field(item, 'namespace') ?? ''
  if (typeof namespace !== 'string' || /[*?]/.test(namespace)) return 'namespace is not the name of a namespace'
  const isEmpty = ['controllerNames', 'containerNames', 'rules'].every((key) => list(field(item, key)).length === 0)
  return isEmpty && namespace === '' ? 'it names nothing' : undefined
}
