import type { CheckItem } from '../../checks.ts'
import { at, string } from '../../cluster/json.ts'
import type { KubeObject } from '../../cluster/object.ts'
import { podSpecs } from '../../cluster/templates.ts'
import { aliasFor, type Check } from '../../engines/check.ts'
import { jsonItems, jsonText } from '../json.ts'
import type { Judged } from './judged.ts'

/** Where Polaris tells the result of a check: of each container, of the pod, else of the object. */
const CONTAINER = new Set([
  'hostPortSet',
  'runAsRootAllowed',
  'runAsPrivileged',
  'privilegeEscalationAllowed',
  'notReadOnlyRootFilesystem',
  'dangerousCapabilities',
  'insecureCapabilities',
  'linuxHardening',
  'tagNotSpecified',
  'pullPolicyNotAlways',
  'sensitiveContainerEnvVar',
])
const LASTING_CONTAINER = new Set([
  'cpuRequestsMissing',
  'cpuLimitsMissing',
  'memoryRequestsMissing',
  'memoryLimitsMissing',
  'livenessProbeMissing',
  'readinessProbeMissing',
])
const POD = new Set([
  'hostIPCSet',
  'hostPIDSet',
  'hostNetworkSet',
  'hostPathSet',
  'hostProcess',
  'procMount',
  'automountServiceAccountToken',
  'priorityClassNotSet',
  'topologySpreadConstraint',
  'missingNetworkPolicy',
])

interface PolarisMessage {
  readonly ID: string
  readonly Message: string
  readonly Details: null
  readonly Success: boolean
  readonly Severity: 'danger' | 'warning'
  readonly Category: string
  readonly Mutations: null
}

type PolarisMessages = Readonly<Record<string, PolarisMessage>>

interface PolarisResult {
  readonly Name: string
  readonly Namespace: string
  readonly Kind: string
  readonly Results: PolarisMessages
  readonly PodResult: {
    readonly Name: string
    readonly Results: PolarisMessages
    readonly ContainerResults: readonly { readonly Name: string; readonly Results: PolarisMessages }[]
  } | null
  readonly CreatedTime: string
}

/** floor(100 × 2S / (2S + W + 2D)): successes, warnings and dangers, a container at a time. */
export class PolarisScore {
  #successes = 0
  #warnings = 0
  #dangers = 0

  add({ Success, Severity }: Pick<PolarisMessage, 'Success' | 'Severity'>): void {
    if (Success) this.#successes++
    else if (Severity === 'danger') this.#dangers++
    else this.#warnings++
  }

  /** 100 where nothing was asked. */
  get value(): number {
    const all = 2 * this.#successes + this.#warnings + 2 * this.#dangers
    return all === 0 ? 100 : Math.floor((200 * this.#successes) / all)
  }
}

/** The score of a run; its items hold the passes. */
export function polarisScore(items: Iterable<CheckItem>): number {
  const score = new PolarisScore()
  for (const group of byObject(items)) polarisResult(group, score)
  return score.value
}

export interface PolarisOptions {
  /** When the audit was made, as RFC 3339 has it. */
  readonly time: string
  /** What was read. */
  readonly source: string
}

/**
 * What `polaris audit -f json` prints, for programs that read it. Items hold the passes. A check that Polaris has not goes by
 * our id; what is not known is no success; what was accepted is left out, as Polaris does with exemptions.
 */
export function* polaris({ results }: Judged, { time, source }: PolarisOptions): Generator<string> {
  const { cluster } = results
  const score = new PolarisScore()
  const head = {
    PolarisOutputVersion: '1.0',
    AuditTime: time,
    SourceType: 'Path',
    SourceName: source,
    DisplayName: source,
    ClusterInfo: {
      Version: cluster.version.from === 'default' ? 'unknown' : `1.${cluster.version.minor}`,
      Nodes: cluster.ofKind('Node').length,
      Pods: cluster.ofKind('Pod').length,
      Namespaces: cluster.ofKind('Namespace').length,
      Controllers: cluster.workloads.length,
    },
  }
  yield '{\n'
  for (const [key, value] of Object.entries(head)) yield `  ${jsonText(key)}: ${jsonText(value)},\n`
  yield '  "Results": '
  yield* jsonItems(eachResult(results.items, score), '  ')
  yield `,\n  "Score": ${score.value}\n}\n`
}

function* eachResult(items: Iterable<CheckItem>, score: PolarisScore): Generator<PolarisResult> {
  for (const group of byObject(items)) {
    const result = polarisResult(group, score)
    if (result) yield result
  }
}

/** Items stand object by object. */
function* byObject(items: Iterable<CheckItem>): Generator<readonly CheckItem[]> {
  let group: CheckItem[] = []
  for (const item of items) {
    if (group.length > 0 && group[0]?.object !== item.object) {
      yield group
      group = []
    }
    group.push(item)
  }
  if (group.length > 0) yield group
}

/** Undefined where all is accepted. */
function polarisResult(items: readonly CheckItem[], score: PolarisScore): PolarisResult | undefined {
  const object = items[0]?.object as KubeObject
  const own = new Map<string, PolarisMessage>()
  const pod = new Map<string, PolarisMessage>()
  const specs = podSpecs(object)
  const containers = new Map<string, Map<string, PolarisMessage>>()
  for (const { name } of specs.flatMap((spec) => spec.containers)) containers.set(name, new Map())
  const put = (to: Map<string, PolarisMessage>, message: PolarisMessage): void => {
    to.set(message.ID, message)
    score.add(message)
  }
  for (const item of items) {
    if (item.result === 'excepted') continue
    const id = aliasFor(item.check, 'polaris', object.kind) ?? item.check.id
    const failed = messageOf(item, id)
    const isContainers = CONTAINER.has(id) || LASTING_CONTAINER.has(id)
    if (!isContainers || containers.size === 0) {
      put(POD.has(id) && specs.length > 0 ? pod : own, failed)
      continue
    }
    const faulty = new Set(item.at().flatMap(({ container }) => container ?? []))
    const isEach = item.result !== 'pass' && faulty.size === 0
    const init = initNames(specs)
    for (const [name, messages] of containers) {
      if (LASTING_CONTAINER.has(id) && init.has(name) && !faulty.has(name)) continue
      put(messages, isEach || faulty.has(name) ? failed : passed(item, id))
    }
  }
  if (own.size + pod.size === 0 && containers.values().every(({ size }) => size === 0)) return undefined
  return {
    Name: object.name,
    Namespace: object.namespace,
    Kind: object.kind,
    Results: Object.fromEntries(own),
    PodResult:
      specs.length === 0
        ? null
        : {
            Name: object.kind === 'Pod' ? object.name : '',
            Results: Object.fromEntries(pod),
            ContainerResults: [...containers].map(([Name, found]) => ({ Name, Results: Object.fromEntries(found) })),
          },
    CreatedTime: string(at(object.body, 'metadata', 'creationTimestamp')) ?? '0001-01-01T00:00:00Z',
  }
}

function initNames(specs: ReturnType<typeof podSpecs>): ReadonlySet<string> {
  return new Set(
    specs.flatMap(({ containers }) => containers.flatMap(({ name, role }) => (role === 'init' ? name : []))),
  )
}

function messageOf(item: CheckItem, id: string): PolarisMessage {
  if (item.result === 'pass') return passed(item, id)
  const text = item.result === 'unknown' ? `not known: ${item.message}` : item.message
  return { ...passed(item, id), Message: text, Success: false }
}

function passed({ check, severity }: CheckItem, id: string): PolarisMessage {
  return {
    ID: id,
    Message: 'Passed',
    Details: null,
    Success: true,
    Severity: polarisSeverity(check, severity),
    Category: check.category.charAt(0).toUpperCase() + check.category.slice(1),
    Mutations: null,
  }
}

function polarisSeverity(check: Check, severity: string): 'danger' | 'warning' {
  if (severity === 'danger' || severity === 'warning') return severity
  return check.polaris ?? (severity === 'critical' || severity === 'high' ? 'danger' : 'warning')
}
