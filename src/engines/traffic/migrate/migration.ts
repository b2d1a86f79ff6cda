import { type Because, because } from '../../../cluster/because.ts'
import type { Json } from '../../../cluster/json.ts'
import { isObject } from '../../../cluster/json.ts'
import { annotationsOf, type KubeObject } from '../../../cluster/object.ts'
import { productOfAnnotations } from '../controllers/serving.ts'
import type { Loss } from '../dialects/dialect.ts'
import type { Limit } from '../limit.ts'
import { isCanary } from '../routes/locations.ts'
import type { JudgedLimit, Route } from '../routes/route.ts'
import type { Routing } from '../routes/routes.ts'
import { translate } from '../write/translate.ts'
import { httpRouteName } from './http-route.ts'
import { GUARDS, type MoveTarget, TOOLS } from './tools.ts'

/** What becomes of one Ingress. */
export interface Move {
  readonly ingress: KubeObject
  readonly routes: readonly string[]
  /** What the tool does with each annotation that holds something back. */
  readonly annotations: readonly MovedAnnotation[]
  /** Limits that somebody set and that work, as far as can be told, each with whether the tool alone keeps it. */
  readonly limits: readonly MovedLimit[]
  /** Set, and doing nothing today: nothing is lost with them. */
  readonly inert: readonly JudgedLimit[]
  /** Objects that keep the limits. */
  readonly objects: readonly Json[]
  /** To be merged into the Ingress that the new controller reads. */
  readonly annotate: Readonly<Record<string, string>>
  /** Keys of the new controller's ConfigMap. */
  readonly settings: Readonly<Record<string, string>>
  /** What the objects cannot keep, or do otherwise. */
  readonly losses: readonly Loss[]
  /** Defaults of ingress-nginx that nobody wrote and that go with it. */
  readonly defaults: readonly string[]
}

export interface MovedAnnotation {
  readonly name: string
  readonly value: string
  readonly becomes: 'kept' | 'changed' | 'lost'
  readonly how?: string
  readonly because: Because
}

export interface MovedLimit {
  readonly limit: JudgedLimit
  /** By the tool alone. */
  readonly byTool: 'kept' | 'changed' | 'lost'
  /** By the objects that are written here. */
  readonly byObjects: 'kept' | 'changed' | 'lost'
}

export interface Migration {
  readonly to: MoveTarget
  readonly moves: readonly Move[]
  /** Ingresses of ingress-nginx on which nobody set a limit. */
  readonly without: readonly KubeObject[]
}

/** What a move away from ingress-nginx would lose, Ingress by Ingress, and what keeps it. */
export function migrationOf({ routes }: Pick<Routing, 'routes'>, to: MoveTarget): Migration {
  const moves: Move[] = []
  const without: KubeObject[] = []
  const served = routes.filter(isServedByIt)
  const byHost = Map.groupBy(
    served.filter(({ object }) => !isCanary(object)),
    hostKey,
  )
  for (const [ingress, own] of Map.groupBy(served, ({ object }) => object)) {
    const shared = own.find((route) => byHost.get(hostKey(route))?.some(({ object }) => object !== ingress))
    const move = moveOf(ingress, own, to, to === 'envoy-gateway' ? shared?.host : undefined)
    if (move.limits.length + move.inert.length + move.annotations.length === 0) without.push(ingress)
    else moves.push(move)
  }
  return { to, moves, without }
}

/** Served by ingress-nginx, or by nobody who is known and written for it. */
function isServedByIt({ object, controller }: Route): boolean {
  if (object.kind !== 'Ingress') return false
  return controller ? controller.product === 'ingress-nginx' : productOfAnnotations(object) === 'ingress-nginx'
}

/** ingress2gateway makes one HTTPRoute of all Ingresses of a namespace that have a host (its `GetRuleGroups`). */
function hostKey({ object, host }: Route): string {
  return `${object.namespace} ${host}`
}

/** `shared`: a host that other Ingresses of the namespace have as well, so that their limits meet in one HTTPRoute. */
function moveOf(ingress: KubeObject, routes: readonly Route[], to: MoveTarget, shared: string | undefined): Move {
  const [first] = routes as [Route]
  const written = first.limits.filter((each) => !each.byDefault && isOf(each, ingress))
  const inert = written.filter(({ state }) => state === 'inert')
  const alive = written.filter(({ state }) => state !== 'inert')
  const annotations = annotationsOn(ingress, to)
  const hosts = [...new Set(routes.map(({ host }) => host))]
  const [name = ingress.name, ...others] =
    to === 'envoy-gateway' ? hosts.map((host) => httpRouteName(ingress.name, host)) : [ingress.name]
  const made = translate(
    alive.map(({ limit }) => limit),
    'ingress-nginx',
    to,
    { name, namespace: ingress.namespace },
  )
  const references = referring(made.objects, to)
  const losses = shared === undefined ? made.losses : [...made.losses, ...meeting(alive, shared)]
  return {
    ingress,
    routes: routes.map(({ id }) => id),
    annotations,
    limits: alive.map((limit) => ({
      limit,
      byTool: byTool(limit, annotations),
      byObjects: byObjects(limit.limit, losses),
    })),
    inert,
    objects: made.objects.map((object) => withTargets(object, others)),
    annotate: { ...made.annotations, ...references },
    settings: made.settings,
    losses,
    defaults: to === 'f5-nginx' ? [] : defaultsOf(first),
  }
}

function meeting(alive: readonly JudgedLimit[], host: string): readonly Loss[] {
  const message = `other Ingresses have ${host === '' ? 'no host either' : `the host ${host}`}: ingress2gateway makes one HTTPRoute of them, with the name of the first; the policy has to name that one, and of several policies for it the oldest counts`
  return alive.map(({ limit }) => ({ limit, field: 'route', severity: 'changed', message }))
}

/** Limits of the Ingress itself; those of the ConfigMap hold for all routes and are told as defaults. */
function isOf({ because: [reason] }: JudgedLimit, ingress: KubeObject): boolean {
  return reason?.object === ingress
}

const PREFIX = 'nginx.ingress.kubernetes.io/'

function annotationsOn(ingress: KubeObject, to: MoveTarget): readonly MovedAnnotation[] {
  const tool = TOOLS[to]
  const written = annotationsOf(ingress.body)
  return GUARDS.flatMap((name) => {
    const value = written.get(`${PREFIX}${name}`)
    if (value === undefined) return []
    const how = Object.hasOwn(tool.changes, name) ? tool.changes[name] : undefined
    const becomes = !tool.keeps.includes(name) ? 'lost' : how === undefined ? 'kept' : 'changed'
    return [
      {
        name,
        value,
        becomes,
        ...(how === undefined ? {} : { how }),
        because: because(`${name}: ${value}`, ingress, ['metadata', 'annotations', `${PREFIX}${name}`]),
      },
    ]
  })
}

/** A limit is kept where the annotation that sets it is. */
function byTool({ because: [reason] }: JudgedLimit, annotations: readonly MovedAnnotation[]): MovedLimit['byTool'] {
  const name = String(reason?.path?.at(-1) ?? '').replace(PREFIX, '')
  return annotations.find((each) => each.name === name)?.becomes ?? 'lost'
}

function byObjects(limit: Limit, losses: readonly Loss[]): MovedLimit['byObjects'] {
  const own = losses.filter((each) => each.limit === limit)
  return own.some(({ severity, field }) => severity === 'lost' && field === limit.kind)
    ? 'lost'
    : own.some(({ severity, field }) => severity === 'lost' && WHOLE[limit.kind] === field)
      ? 'lost'
      : own.length > 0
        ? 'changed'
        : 'kept'
}

/** The field of a limit without which nothing of it is left. */
const WHOLE: Readonly<Record<Limit['kind'], string>> = {
  requests: 'rate',
  connections: 'connections',
  body: 'body',
  timeout: 'timeout',
  bandwidth: 'bandwidth',
}

/** What names the objects on the Ingress: Traefik’s and F5’s policies do nothing until a route names them. */
function referring(objects: readonly Json[], to: MoveTarget): Readonly<Record<string, string>> {
  const names = objects.flatMap((object) => {
    const metadata = isObject(object) ? object.metadata : undefined
    return isObject(metadata) ? [{ name: String(metadata.name), namespace: String(metadata.namespace) }] : []
  })
  if (names.length === 0) return {}
  if (to === 'traefik')
    return {
      'traefik.ingress.kubernetes.io/router.middlewares': names
        .map(({ name, namespace }) => `${namespace}-${name}@kubernetescrd`)
        .join(','),
    }
  if (to === 'f5-nginx')
    return { 'nginx.org/policies': names.map(({ name, namespace }) => `${namespace}/${name}`).join(',') }
  return {}
}

/** A policy for the HTTPRoute of one host, for those of the other hosts of the Ingress as well. */
function withTargets(object: Json, others: readonly string[]): Json {
  const spec = isObject(object) ? object.spec : undefined
  const targets = isObject(spec) && Array.isArray(spec.targetRefs) ? (spec.targetRefs as readonly Json[]) : []
  const [first] = targets
  if (!isObject(object) || !isObject(spec) || !isObject(first) || first.kind !== 'HTTPRoute' || others.length === 0)
    return object
  return { ...object, spec: { ...spec, targetRefs: [...targets, ...others.map((name) => ({ ...first, name }))] } }
}

/** A size or a time that nobody wrote holds on every route of ingress-nginx; none of the other products has it. */
function defaultsOf({ limits }: Route): readonly string[] {
  return limits.flatMap(({ limit, byDefault, state, because: [reason] }) =>
    byDefault && limit.kind === 'body' && state !== 'inert' && reason ? [reason.text] : [],
  )
}
