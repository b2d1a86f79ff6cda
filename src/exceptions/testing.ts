import { type CheckOptions, type CheckResults, runChecks } from '../checks.ts'
import { objectsOf } from '../cluster/testing.ts'
import type { Input } from '../observe/files/read.ts'
import { documentOf, type SettingsDocument } from './document.ts'
import { decodeException } from './object.ts'

/** For tests: three policies of a user, of which `sealed` is mandatory. */
const POLICIES = ['privileged', 'tagged', 'sealed']
  .map(
    (name) => `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: own-${name}
  annotations:
    bulkhead.dev/alias.polaris: ${name === 'privileged' ? 'runAsPrivileged' : `${name}Check`}
    bulkhead.dev/alias.kube-score: own-${name}
    bulkhead.dev/alias.trivy: KSV-00${name.length}
    bulkhead.dev/alias.checkov: CKV_K8S_${name.length}
    bulkhead.dev/alias.kubescape: C-00${name.length}
    bulkhead.dev/alias.kube-linter: own-${name}
    bulkhead.dev/polaris-severity: warning
    bulkhead.dev/field: securityContext.privileged
    ${name === 'sealed' ? 'bulkhead.dev/mandatory: "true"' : ''}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: ["*"], apiVersions: ["*"], operations: [CREATE], resources: [pods, deployments, replicasets]}
  variables:
    - {name: spec, expression: "object.kind == 'Pod' ? object.spec : object.spec.template.spec"}
    - {name: offenders, expression: "variables.spec.containers.filter(c, c.?securityContext.?privileged.orValue(false))"}
  validations:
    - {expression: "size(variables.offenders) == 0", message: privileged}
`,
  )
  .join('---\n')

const today = '2026-11-21'

/** For tests: what the three policies say of objects of YAML text, and of the Exceptions of another text. */
export function judge(text: string, given = '', more: Partial<CheckOptions> = {}): CheckResults {
  const objects = objectsOf(text)
  const locate = placesIn('tree')
  const decoded = objectsOf(given).map((object) => decodeException(object, 'given', placesIn('given')))
  const exceptions = decoded.flatMap((each) => each.exceptions)
  const notes = decoded.flatMap((each) => each.notes)
  const input = { objects, listed: new Set<string>(), locate } as unknown as Input
  return runChecks(input, {
    catalogue: [],
    own: objectsOf(POLICIES),
    exceptions: { exceptions, notes, today },
    ...more,
  })
}

const placesIn =
  (file: string): Input['locate'] =>
  ({ start }, path) => ({ file, line: start + 1, column: (path?.length ?? 0) + 1 })

/** `own-privileged Deployment/web [main] excepted by x`: what is not excepted and what is, one line each. */
export function lines({ items }: CheckResults): readonly string[] {
  return items.map(({ check, object, result, at, exception }) => {
    const containers =
      result === 'fail'
        ? ` [${at()
            .map(({ container }) => container)
            .join()}]`
        : ''
    return `${check.id} ${object.kind}/${object.name}${containers} ${result}${exception ? ` by ${exception.name}` : ''}`
  })
}

/** Name, state, count of each exception. */
export function uses({ exceptions }: CheckResults): readonly string[] {
  return exceptions.uses.map(({ exception, state, silenced }) => `${exception.name} ${state} ${silenced}`)
}

export function documentIn(text: string, file = 'settings.yaml'): SettingsDocument {
  const document = documentOf(file, text)
  if (!('value' in document)) throw new Error(document.text)
  return document
}

export function deployment(name: string, metadata = '', containers = ['main']): string {
  const list = containers.map((each) => `{name: ${each}, image: a, securityContext: {privileged: true}}`).join(', ')
  return `
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop${metadata === '' ? '' : `, ${metadata}`}}
spec:
  selector: {matchLabels: {a: b}}
  template: {metadata: {labels: {a: b}}, spec: {containers: [${list}]}}
`
}

export function exceptionText(spec: string, name = 'x'): string {
  return `
---
apiVersion: bulkhead.dev/v1alpha1
kind: Exception
metadata: {name: ${name}}
spec: ${spec}
`
}
