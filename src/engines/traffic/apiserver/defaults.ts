import { field, type Json, list, number, string } from '../../../cluster/json.ts'
import data from './bootstrap.json' with { type: 'json' }
import { type FlowSchema, flowSchemaOf } from './flow-schema.ts'
import { type PriorityLevel, priorityLevelOf } from './priority-level.ts'

/** The minors whose objects are known; an older or newer API server gets the nearest. */
export const OLDEST = 28
export const NEWEST = 37

export interface Defaults {
  readonly schemas: readonly FlowSchema[]
  readonly levels: readonly PriorityLevel[]
  /** Names of those that cannot be changed, but for the seats of `exempt`. */
  readonly mandatory: ReadonlySet<string>
}

/** What an API server of a Kubernetes minor has of its own (apiserver/pkg/apis/flowcontrol/bootstrap). */
export function defaultsOf(minor: number): Defaults {
  const version = Math.min(Math.max(minor, OLDEST), NEWEST)
  const known = byVersion.get(version) ?? readOf(version)
  byVersion.set(version, known)
  return known
}

const byVersion = new Map<number, Defaults>()

function readOf(version: number): Defaults {
  const entries = list(field(data as unknown as Json, 'objects')).filter(
    (entry) => (number(field(entry, 'since')) ?? 0) <= version && version <= (number(field(entry, 'until')) ?? 0),
  )
  const of = (kind: string): readonly (readonly [name: string, spec: Json | undefined])[] =>
    entries
      .filter((entry) => string(field(entry, 'kind')) === kind)
      .map((entry) => [string(field(entry, 'name')) ?? '', field(entry, 'spec')] as const)
  return {
    schemas: of('FlowSchema').map(([name, spec]) => flowSchemaOf(name, spec)),
    levels: of('PriorityLevelConfiguration').flatMap(([name, spec]) => priorityLevelOf(name, spec) ?? []),
    mandatory: new Set(
      entries.flatMap((entry) => (field(entry, 'mandatory') === true ? [string(field(entry, 'name')) ?? ''] : [])),
    ),
  }
}
