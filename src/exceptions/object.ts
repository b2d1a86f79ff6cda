import { onlyKeys } from '../cluster/application/config.ts'
import { at, field, isObject, type Json, list, type Path, string, strings } from '../cluster/json.ts'
import type { KubeObject } from '../cluster/object.ts'
import type { Locate } from '../cluster/origin.ts'
import { type Decoded, type Exception, type ExceptionNote, isDay } from './exception.ts'
import { decodeSelector, type ResourceSelector } from './selector.ts'

export const GROUP = 'bulkhead.dev'
export const VERSION = 'v1alpha1'
const KEYS = ['resources', 'checks', 'reason', 'owner', 'expires'] as const
const MOST_SELECTORS = 200
const MOST_CHECKS = 500
const LONGEST = 4_096

export function isException({ group, kind }: KubeObject): boolean {
  return group === GROUP && kind === 'Exception'
}

/** The exception that an object is, or notes of everything that is wrong with it, each with its place. */
export function decodeException(object: KubeObject, from: Exception['from'], locate: Locate): Decoded {
  const notes: ExceptionNote[] = []
  const place = (path: Path) => (object.origin ? locate(object.origin, path) : undefined)
  const told = (path: Path, text: string): void => {
    const location = place(path)
    notes.push({ kind: 'malformed', text: `Exception ${object.name}: ${text}`, ...(location ? { location } : {}) })
  }
  if (object.version !== VERSION)
    told(['apiVersion'], `${GROUP}/${object.version} is not known; it is ${GROUP}/${VERSION}`)
  const spec = field(object.body, 'spec')
  if (!isObject(spec)) told([], 'spec is missing')
  onlyKeys(spec, KEYS, '', (_, problem) => told(['spec'], `spec${problem}`))
  const text = (key: 'reason' | 'owner' | 'expires'): string => {
    const value = string(field(spec, key))?.trim() ?? ''
    if (value === '') told(['spec', key], `spec.${key} is missing`)
    else if (value.length > LONGEST) told(['spec', key], `spec.${key} is longer than ${LONGEST} characters`)
    return value
  }
  const resources = selectors(at(spec, 'resources'), told)
  const checks = checksIn(at(spec, 'checks'), told)
  const reason = text('reason')
  const owner = text('owner')
  const expires = text('expires')
  if (expires !== '' && expires !== 'never' && !isDay(expires))
    told(['spec', 'expires'], 'spec.expires is neither a day (YYYY-MM-DD) nor never')
  if (notes.length > 0) return { exceptions: [], notes }
  const { name } = object
  return {
    exceptions: [
      { name, kind: 'Exception', from, resources, checks, reason, owner, expires, place: () => place(['metadata']) },
    ],
    notes,
  }
}

type Tell = (path: Path, text: string) => void

function selectors(value: Json | undefined, told: Tell): readonly ResourceSelector[] {
  const items = list(value)
  if (items.length === 0) told(['spec', 'resources'], 'spec.resources is missing or empty')
  if (items.length > MOST_SELECTORS) {
    told(['spec', 'resources'], `spec.resources has more than ${MOST_SELECTORS} items`)
    return []
  }
  return items.flatMap((item, index) => {
    const decoded = decodeSelector(item)
    if (typeof decoded !== 'string') return [decoded]
    told(['spec', 'resources', index], `spec.resources[${index}] ${decoded}`)
    return []
  })
}

function checksIn(value: Json | undefined, told: Tell): readonly string[] {
  const checks = strings(value)
  if (checks.length === 0 || checks.length !== list(value).length || checks.includes(''))
    told(['spec', 'checks'], 'spec.checks is not a list of names of checks')
  else if (checks.length > MOST_CHECKS) told(['spec', 'checks'], `spec.checks has more than ${MOST_CHECKS} items`)
  return checks
}
