import { because } from '../../cluster/because.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { field, isObject, type Json, object, string, strings } from '../../cluster/json.ts'
import { typeName } from '../../cluster/kinds.ts'
import type { KubeObject } from '../../cluster/object.ts'
import { parseYaml } from '../../cluster/yaml.ts'
import type { Check, Join, Offence, Verdict } from '../../engines/check.ts'
import { failed, passed, undecided } from '../../engines/verdict.ts'
import { parseSchema, type Schema } from '../json-schema/schema.ts'
import { type SchemaFault, validate } from '../json-schema/validate.ts'
import { type CheckTarget, isTarget, targetsIn } from './target.ts'

const KEYS: ReadonlySet<string> = new Set([
  'id',
  'category',
  'successMessage',
  'failureMessage',
  'controllers',
  'containers',
  'target',
  'schemaTarget',
  'schema',
  'schemaString',
  'jsonSchema',
  'additionalSchemas',
  'additionalSchemaStrings',
  'mutations',
  'comments',
])

const LONGEST = 1_000

/**
 * A custom check of Polaris (pkg/config/schema.go) as a check of ours, or why it could not be carried over. Notes come
 * with a check as well: of what it says beside.
 */
export function customCheck(
  id: string,
  value: Json,
  severity: string,
): { readonly join?: Join; readonly notes: readonly string[] } {
  const notes: string[] = []
  if (!isObject(value)) return { notes: ['it is not a mapping'] }
  const unknown = Object.keys(value).find((key) => !KEYS.has(key))
  if (unknown !== undefined) return { notes: [`the key ${unknown} is not known`] }
  if (field(value, 'mutations') !== undefined) notes.push('its mutations are not carried over; see bulkhead fix')
  const schema = schemaIn(value, ['schema', 'schemaString', 'jsonSchema'])
  if (typeof schema === 'string') return { notes: [...notes, schema] }
  const target = targetOf(value)
  if (typeof target === 'string') return { notes: [...notes, target] }
  const others = additionalIn(value)
  if (typeof others === 'string') return { notes: [...notes, others] }
  const check = checkOf(id, value, severity)
  const message = (string(field(value, 'failureMessage')) ?? '').slice(0, LONGEST)
  return {
    notes,
    join: {
      check,
      *verdicts(cluster) {
        for (const each of cluster.objects) {
          const verdict = isTarget(target, each) ? judged(check, message, target, schema, each) : undefined
          if (verdict?.result === 'pass') yield joined(check, message, others, cluster, verdict)
          else if (verdict) yield verdict
        }
      },
    },
  }
}

function checkOf(id: string, value: Json, severity: string): Check {
  const category = string(field(value, 'category'))?.toLowerCase()
  return {
    id: `custom-${id}`,
    title: (string(field(value, 'failureMessage')) ?? id).slice(0, LONGEST),
    severity: severity === 'danger' ? 'high' : 'medium',
    category: category === 'reliability' || category === 'efficiency' ? category : 'security',
    profiles: [],
    aliases: { polaris: id.replaceAll(/[,=]/g, '') },
    polaris: severity === 'danger' ? 'danger' : 'warning',
    references: [],
  }
}

function judged(
  check: Check,
  message: string,
  target: CheckTarget,
  schema: Schema,
  object: KubeObject,
): Verdict | undefined {
  const offences: Offence[] = []
  const faults: SchemaFault[] = []
  let isEmpty = true
  for (const { value, place, container } of targetsIn(target, object)) {
    isEmpty = false
    const fault = validate(schema, value)
    if (fault === 'unknown') return undecided(check, object, 'its schema takes more work than a check may', [])
    if (!fault) continue
    faults.push(fault)
    offences.push({ path: place(fault.path), ...(container === undefined ? {} : { container }) })
  }
  if (isEmpty) return undefined
  const [first] = faults
  if (!first) return passed(check, object)
  const where = first.path.at(-1)
  const told = message === '' ? `${where === undefined ? 'it' : where} ${first.message}` : message
  const reason = because(
    `${where === undefined ? 'the value' : where} ${first.message}`,
    object,
    offences[0]?.path ?? [],
  )
  return { ...failed(check, object, told, [reason]), at: offences }
}

interface Other {
  readonly kind: string
  readonly group: string
  readonly schema: Schema
}

/** An object of each further kind must fit its schema: Polaris looks at all namespaces. */
function joined(
  check: Check,
  message: string,
  others: readonly Other[],
  cluster: Cluster,
  { object }: Verdict,
): Verdict {
  for (const { kind, group, schema } of others) {
    const found = cluster.ofKind(kind, group).map((each) => validate(schema, each.body))
    if (found.includes(undefined)) continue
    if (found.includes('unknown')) return undecided(check, object, 'its schema takes more work than a check may', [])
    if (found.length === 0 && !cluster.wasListed(typeName(group, kind)))
      return undecided(check, object, `whether the cluster has a ${kind}, which the input does not tell`, [])
    return failed(
      check,
      object,
      message === '' ? `no ${kind} fits` : message,
      [because(`no ${kind} fits its schema`, object)],
      [],
    )
  }
  return passed(check, object)
}

/** A schema under one of the keys: written out, or as text. A template needs the resource first. */
function schemaIn(value: Json, keys: readonly [written: string, ...texts: string[]]): Schema | string {
  const [key, ...texts] = keys
  const text = texts.map((each) => string(field(value, each))).find((each) => each !== undefined && each !== '')
  if (text === undefined) {
    const written = field(value, key)
    return written === undefined ? 'it has no schema' : parseSchema(written)
  }
  return schemaOfText(text)
}

function schemaOfText(text: string): Schema | string {
  if (text.includes('{{')) return 'its schema is a Go template, which is not carried over'
  const parsed = parseYaml(text)
  return parsed.problem ? `its schema is not YAML: ${parsed.problem.message}` : parseSchema(parsed.value)
}

function targetOf(value: Json): CheckTarget | string {
  const name = string(field(value, 'target'))
  const schemaTarget = string(field(value, 'schemaTarget'))
  if (name === undefined || name === '') return 'it has no target'
  if (schemaTarget !== undefined && !(name === 'Container' && /^Pod(Spec|Template)?$/.test(schemaTarget)))
    return `the target ${name} with the schema target ${schemaTarget} is not carried over`
  const lists = { controllers: field(value, 'controllers'), containers: field(value, 'containers') }
  return {
    name,
    ...(schemaTarget === undefined ? {} : { schemaTarget }),
    controllers: {
      include: strings(field(lists.controllers, 'include')),
      exclude: strings(field(lists.controllers, 'exclude')),
    },
    containers: {
      include: strings(field(lists.containers, 'include')),
      exclude: strings(field(lists.containers, 'exclude')),
    },
  }
}

function additionalIn(value: Json): readonly Other[] | string {
  const found: Other[] = []
  for (const [key, item] of [
    ...Object.entries(object(field(value, 'additionalSchemas'))),
    ...Object.entries(object(field(value, 'additionalSchemaStrings'))),
  ]) {
    const schema = typeof item === 'string' ? schemaOfText(item) : parseSchema(item)
    if (typeof schema === 'string') return `of ${key}: ${schema}`
    const slash = key.lastIndexOf('/')
    found.push({ kind: key.slice(slash + 1), group: slash < 0 ? '' : key.slice(0, slash), schema })
  }
  return found
}
