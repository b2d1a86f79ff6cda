import type { CheckCount, CheckItem } from '../../checks.ts'
import { buildCluster } from '../../cluster/cluster.ts'
import type { Path } from '../../cluster/json.ts'
import { idOf } from '../../cluster/object.ts'
import { objectsOf } from '../../cluster/testing.ts'
import type { Check } from '../../engines/check.ts'
import type { Exception } from '../../exceptions/exception.ts'
import type { Judged } from './judged.ts'

/** For tests: a check of which nothing matters but its name. */
export function checkNamed(id: string, rest: Partial<Check> = {}): Check {
  return {
    id,
    title: `Title of ${id}`,
    severity: 'high',
    category: 'security',
    profiles: ['default'],
    aliases: {},
    references: [],
    ...rest,
  }
}

export const accepted: Exception = {
  name: 'cni',
  kind: 'Exception',
  from: 'given',
  resources: [],
  checks: ['privileged'],
  reason: 'needed by the CNI',
  owner: 'platform',
  expires: '2027-01-31',
}

export interface ItemText {
  readonly check: Check
  /** `Deployment/shop/web`. */
  readonly object: string
  readonly result: CheckItem['result']
  readonly severity?: string
  readonly message?: string
  readonly at?: readonly { readonly path: Path; readonly container?: string }[]
  readonly exception?: Exception
  readonly known?: true
}

/** For tests: a run of checks made by hand over objects in YAML. Every object stands in `a.yaml`, on the line of its document. */
export function judgedOf(yaml: string, texts: readonly ItemText[], rest: Partial<Judged> = {}): Judged {
  const objects = objectsOf(yaml)
  const cluster = buildCluster({ objects })
  const counts = new Map<string, CheckCount>()
  const checks = new Map<string, Check>()
  const items = texts.map(({ check, object, result, severity, message, at = [], exception, known }): CheckItem => {
    const [kind = '', namespace = '', name = ''] = object.split('/')
    const id = idOf(kind, namespace, name)
    const found = objects.find((each) => each.id === id)
    if (!found) throw new Error(`no ${id}`)
    checks.set(check.id, check)
    const count = counts.get(check.id) ?? { pass: 0, fail: 0, unknown: 0, excepted: 0 }
    count[result]++
    counts.set(check.id, count)
    return {
      check,
      object: found,
      result,
      severity: severity ?? check.severity,
      message: message ?? (result === 'pass' ? '' : `what ${check.id} says`),
      because: [],
      at: () => at,
      ...(exception ? { exception } : {}),
      ...(known ? { known } : {}),
    }
  })
  return {
    results: { cluster, checks, items, counts, exceptions: { uses: [], notes: [] } },
    inputs: { files: 1, objects: objects.length, problems: [] },
    locate: ({ start }, path = []) => ({ file: 'a.yaml', line: start + path.length + 1, column: 3 }),
    fixable: new Set(['privileged']),
    withPasses: false,
    profile: 'default',
    ...rest,
  }
}

/** For tests: one item of each result, two containers at fault in one, and a pod that a workload made. */
export const EVERY_KIND = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, uid: u}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      initContainers: [{name: init, image: init}]
      containers: [{name: web, image: web}, {name: side, image: side}]
---
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: shop, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: u, controller: true}]}
spec: {containers: [{name: web, image: web}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: cni, namespace: kube-system}
spec:
  selector: {matchLabels: {app: cni}}
  template:
    metadata: {labels: {app: cni}}
    spec: {containers: [{name: cni, image: cni}]}
`

const PRIVILEGED = checkNamed('privileged', {
  severity: 'critical',
  aliases: { polaris: 'runAsPrivileged', 'kube-linter': 'privileged-container' },
  polaris: 'danger',
  references: ['CIS 5.2.2', 'https://example.test/privileged'],
})
const CPU = checkNamed('cpu-request-missing', {
  severity: 'low',
  category: 'efficiency',
  aliases: { polaris: 'cpuRequestsMissing' },
  polaris: 'warning',
})
const SECRET = checkNamed('config-map-secret', { severity: 'medium' })

const container = (name: string, index: number): { readonly path: Path; readonly container: string } => ({
  path: ['spec', 'template', 'spec', 'containers', index, 'securityContext', 'privileged'],
  container: name,
})

export const EVERY_RESULT: readonly ItemText[] = [
  { check: CPU, object: 'Deployment/shop/web', result: 'pass' },
  { check: PRIVILEGED, object: 'Deployment/shop/web', result: 'fail', at: [container('web', 0), container('side', 1)] },
  { check: PRIVILEGED, object: 'Pod/shop/web-1', result: 'fail', at: [{ path: ['spec'], container: 'web' }] },
  { check: SECRET, object: 'ConfigMap/shop/settings', result: 'unknown', message: 'its data is not in the input' },
  { check: CPU, object: 'DaemonSet/kube-system/cni', result: 'fail', at: [container('cni', 0)] },
  {
    check: PRIVILEGED,
    object: 'DaemonSet/kube-system/cni',
    result: 'excepted',
    at: [container('cni', 0)],
    exception: accepted,
  },
]

export function everyResult(rest: Partial<Judged> = {}): Judged {
  return judgedOf(EVERY_KIND, EVERY_RESULT, rest)
}

/** What attacks terminals, spreadsheets, Markdown, XML, HTML and workflow commands. */
export const HOSTILE = '=cmd|\u001b[31m\u202e</script><b a="1\'">`x`\n::error::no,%0A:\u0000\ud800]]>'
