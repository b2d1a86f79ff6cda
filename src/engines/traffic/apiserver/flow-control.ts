import type { Cluster } from '../../../cluster/cluster.ts'
import { field } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import { defaultsOf } from './defaults.ts'
import type { FlowRequest } from './flow-request.ts'
import { type FlowSchema, flowSchemaOf } from './flow-schema.ts'
import { matchesSchema } from './matches.ts'
import { type PriorityLevel, priorityLevelOf } from './priority-level.ts'

const GROUP = 'flowcontrol.apiserver.k8s.io'
const EXEMPT = 'exempt'
const CATCH_ALL = 'catch-all'

/** All that decides how requests share an API server. */
export interface FlowControl {
  /** In the order in which they are asked; those whose level is missing are left out. */
  readonly schemas: readonly FlowSchema[]
  readonly levels: ReadonlyMap<string, PriorityLevel>
}

export interface Classified {
  readonly schema: FlowSchema
  readonly level: PriorityLevel
  /** What tells flows of one FlowSchema apart; empty where its level has one queue or none. */
  readonly distinguisher: string
}

/** Of objects as an API server is given them (apf_controller.go: digestFlowSchemasLocked and imaginePL). */
export function configured(
  schemas: readonly FlowSchema[],
  levels: readonly PriorityLevel[],
  minor: number,
): FlowControl {
  const byName = new Map(levels.map((level) => [level.name, level]))
  // A FlowSchema may refer to a mandatory level only once that is an object, too.
  const used = schemas
    .filter(({ level }) => byName.has(level))
    .toSorted((a, b) => a.precedence - b.precedence || (a.name < b.name ? -1 : 1))
  const defaults = defaultsOf(minor)
  const own = (name: string): readonly FlowSchema[] =>
    used.some((each) => each.name === name) ? [] : defaults.schemas.filter((each) => each.name === name)
  for (const level of defaults.levels)
    if ((level.name === EXEMPT || level.name === CATCH_ALL) && !byName.has(level.name)) byName.set(level.name, level)
  return { schemas: [...own(EXEMPT), ...used, ...own(CATCH_ALL)], levels: byName }
}

/**
 * Of a cluster: the objects that its API server makes for itself, and those of the input, which win. Of the mandatory ones
 * nothing can be changed but the seats of `exempt`.
 */
export function flowControlOf(cluster: Cluster): FlowControl {
  const { minor } = cluster.version
  const { schemas, levels, mandatory } = defaultsOf(minor)
  const bySchema = new Map(schemas.map((each) => [each.name, each]))
  const byLevel = new Map(levels.map((each) => [each.name, each]))
  for (const object of cluster.ofKind('FlowSchema', GROUP))
    if (!mandatory.has(object.name)) bySchema.set(object.name, flowSchemaOf(object.name, specOf(object), object))
  for (const object of cluster.ofKind('PriorityLevelConfiguration', GROUP)) {
    const level = priorityLevelOf(object.name, specOf(object), object)
    // What the API server would not take into use leaves a suggested one without a level.
    if (level === undefined) {
      if (!mandatory.has(object.name)) byLevel.delete(object.name)
    } else if (!mandatory.has(object.name) || object.name === EXEMPT) byLevel.set(object.name, level)
  }
  return configured([...bySchema.values()], [...byLevel.values()], minor)
}

function specOf({ body }: KubeObject): KubeObject['body'][string] | undefined {
  return field(body, 'spec')
}

/** The first FlowSchema that takes the request; everything else goes to `catch-all`. */
export function classify({ schemas, levels }: FlowControl, request: FlowRequest): Classified {
  const schema =
    schemas.find((each) => matchesSchema(request, each)) ??
    (schemas.findLast(({ name }) => name === CATCH_ALL) as FlowSchema)
  const level = levels.get(schema.level) as PriorityLevel
  const isTold = (level.queuing?.queues ?? 0) > 1
  const { distinguisher } = schema
  return {
    schema,
    level,
    distinguisher: !isTold || distinguisher === '' ? '' : distinguisher === 'ByUser' ? request.user : request.namespace,
  }
}
