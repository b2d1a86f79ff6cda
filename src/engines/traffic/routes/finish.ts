import { type Because, because } from '../../../cluster/because.ts'
import { at, field, type Json, list, string } from '../../../cluster/json.ts'
import { either, plainSelector, type Truth } from '../../../cluster/labels.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Exposed, Known } from '../../known.ts'
import type { Backend } from './behind.ts'
import type { Draft } from './draft.ts'
import type { RouteInput } from './kinds/kind.ts'
import { multiClusterService } from './kinds/others.ts'

/** A draft with what stands behind it and who reaches it. */
export interface Placed {
  readonly draft: Draft
  readonly id: string
  readonly service: string
  readonly services: readonly KubeObject[]
  readonly workloads: readonly string[]
  readonly exposed: Exclude<Truth, 'no'>
  readonly because: readonly Because[]
}

/** A route that nobody outside can use, and why. */
export interface LeftOut {
  readonly object: KubeObject
  readonly id: string
  readonly why: 'internal' | 'not-admitted'
  readonly because: readonly Because[]
}

/** Says of each draft whether outsiders reach it, in the words of the network engine where it has any. */
export function placing(input: RouteInput): (draft: Draft) => Placed | LeftOut {
  const ways = waysOf(input.known)
  const ids = new Map<string, number>()
  return (draft) => {
    const id = unique(ids, idOfRoute(draft))
    const targets = draft.backends.map((backend) => target(input, backend))
    const workloads = [...new Set([...(draft.workloads ?? []), ...targets.flatMap((each) => each.workloads)])].sort()
    const known = workloads.flatMap(
      (workload) => ways.get(`${draft.object.id} ${workload}`) ?? ways.get(hostKey(draft, workload)) ?? [],
    )
    const reasons = [...draft.because, ...targets.flatMap((each) => each.because)]
    if (draft.faces === 'no')
      return {
        object: draft.object,
        id,
        why: 'internal',
        because: [
          ...draft.because,
          because('what carries it is internal: nothing leads there from outside', draft.object, draft.rule),
        ],
      }
    const asked = workloads.length > 0 && draft.beyond === undefined
    if (asked && known.length === 0)
      return {
        object: draft.object,
        id,
        why: 'not-admitted',
        because: [
          ...reasons,
          because('no policy lets what carries it in to the pods, or nothing carries it', draft.object, draft.rule),
        ],
      }
    const truth = known.reduce<Truth>((sum, each) => either(sum, each.truth), 'no')
    return {
      draft,
      id,
      service: targets.map(({ text }) => text).join(', ') || (draft.workloads?.[0] ?? ''),
      services: targets.flatMap(({ service }) => service ?? []),
      workloads,
      exposed: (asked ? truth : draft.faces) === 'yes' ? 'yes' : 'unknown',
      because: [...(known[0]?.because.slice(0, 3) ?? []), ...reasons],
    }
  }
}

function hostKey({ workloads }: Draft, workload: string): string {
  return workloads === undefined ? '' : `${workload} ${workload}`
}

function waysOf(known: Known): ReadonlyMap<string, readonly Exposed[]> {
  return Map.groupBy(known.exposures(), ({ rule, workload }) => `${rule} ${workload}`)
}

function unique(ids: Map<string, number>, id: string): string {
  const count = (ids.get(id) ?? 0) + 1
  ids.set(id, count)
  return count === 1 ? id : `${id} #${count}`
}

const LONGEST_PART = 200

/** `Ingress/shop/web shop.example.com/api`, `Service/shop/web :443`. */
function idOfRoute({ object, host, path, only }: Draft): string {
  const place = [`${host}${path}`, only ?? ''].map((each) => cut(each)).filter((each) => each !== '')
  return [`${object.kind}/${object.namespace}/${object.name}`, ...place].join(' ')
}

function cut(text: string): string {
  return text.length > LONGEST_PART ? `${text.slice(0, LONGEST_PART)}…` : text
}

interface Target {
  readonly text: string
  readonly service: KubeObject | undefined
  readonly workloads: readonly string[]
  readonly because: readonly Because[]
}

function target(input: RouteInput, backend: Backend): Target {
  const { behind } = input
  const text = `${backend.namespace === '' ? '' : `${backend.namespace}/`}${backend.name}${portText(backend.port)}`
  if (backend.other !== undefined) return elsewhere(input, backend, text)
  const service = behind.service(backend.namespace, backend.name)
  if (!service)
    return {
      text,
      service,
      workloads: [],
      because: [because(`Service ${backend.namespace}/${backend.name} is not in the input`)],
    }
  if (!hasPort(service, backend))
    return {
      text,
      service,
      workloads: [],
      because: [because(`has no port ${String(backend.port)}`, service, ['spec', 'ports'])],
    }
  const workloads = behind.workloadsOf(service)
  return {
    text,
    service,
    workloads,
    because: workloads.length > 0 ? [] : [because('selects no workload of the input', service, ['spec', 'selector'])],
  }
}

function elsewhere({ cluster, behind }: RouteInput, backend: Backend, text: string): Target {
  if (backend.other === 'MultiClusterService') {
    const object = multiClusterService(cluster, backend)
    const selector = plainSelector(at(object?.body, 'spec', 'template', 'spec', 'selector'))
    const workloads = selector ? behind.selectedBy(backend.namespace, selector) : []
    const reason = object ? 'selects no workload of the input' : `MultiClusterService ${text} is not in the input`
    return { text, service: undefined, workloads, because: workloads.length > 0 ? [] : [because(reason, object)] }
  }
  // A ServiceImport has the name of the Service that some cluster exports.
  const exported = backend.other === 'ServiceImport' ? behind.service(backend.namespace, backend.name) : undefined
  return {
    text,
    service: exported,
    workloads: exported ? behind.workloadsOf(exported) : [],
    because: exported ? [] : [because(`leads to a ${backend.other}`)],
  }
}

function portText(port: Json | undefined): string {
  return typeof port === 'number' || (typeof port === 'string' && port !== '') ? `:${port}` : ''
}

/** By number or name; of a route of OpenShift the number is that of the pods. */
function hasPort(service: KubeObject, { port, byTarget }: Backend): boolean {
  if (port === undefined || port === null || port === 0) return true
  if (string(at(service.body, 'spec', 'type')) === 'ExternalName') return true
  return list(at(service.body, 'spec', 'ports')).some((each) => {
    const number = field(each, byTarget ? 'targetPort' : 'port')
    return number === port || String(number) === port || field(each, 'name') === port
  })
}
