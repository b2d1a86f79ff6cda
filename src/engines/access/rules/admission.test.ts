import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Options } from '../../../loop.ts'
import { ADMIN, ATTACKER, CONTROL_PLANE, cluster, grant, rule, workload } from '../testing.ts'

const GROUP = 'admissionregistration.k8s.io'
const MUTATING = 'mutatingwebhookconfigurations'
const VALIDATING = 'validatingwebhookconfigurations'

/** A workload of the administrator, whose pods come again. */
const CONSOLE = workload('Deployment', 'console', { spec: ', serviceAccountName: admin' })
const SECRET = `
---
apiVersion: v1
kind: Secret
metadata: {name: password, namespace: ops}`

const object = (kind: string, name: string, more = ''): string => `
---
apiVersion: ${GROUP}/v1
kind: ${kind}
metadata: {name: ${name}}
${more}`

const judged = (rules: readonly string[], more = '', options: Options = {}, at?: string) =>
  cluster(CONSOLE + SECRET + grant(rules, at === undefined ? {} : { at }) + more, options)
const leads = (...given: Parameters<typeof judged>): boolean => judged(...given).controls(ATTACKER, CONTROL_PLANE)
const kindsOf = (...given: Parameters<typeof judged>): readonly string[] =>
  [
    ...new Set(
      judged(...given)
        .analysis.edges.filter(({ from }) => from === ATTACKER)
        .map(({ kind }) => kind),
    ),
  ].sort()

describe('webhooks that are written', () => {
  test('a new one changes every pod that is admitted', () => {
    assert.ok(leads([rule('create', MUTATING, GROUP)]))
    assert.ok(judged([rule('create', MUTATING, GROUP)]).controls(ATTACKER, 'Deployment/ops/console'))
  })
  test('of one that is there, by its name', () => {
    const hook = object('MutatingWebhookConfiguration', 'hook', 'webhooks: []')
    assert.ok(leads([rule('patch', MUTATING, GROUP)], hook))
    assert.ok(leads([rule('update', MUTATING, GROUP, 'hook')], hook))
    assert.ok(!leads([rule('update', MUTATING, GROUP, 'other')], hook))
    assert.ok(!leads([rule('patch', MUTATING, GROUP)]))
    assert.ok(!leads([rule('create', MUTATING, GROUP, 'hook')], hook))
  })
  test('they are cluster-scoped: a RoleBinding grants none, nor do other verbs and groups', () => {
    assert.deepEqual(kindsOf([rule('create', MUTATING, GROUP)], '', {}, 'app'), [])
    assert.deepEqual(kindsOf([rule('get, delete', MUTATING, GROUP)], object('MutatingWebhookConfiguration', 'h')), [])
    assert.deepEqual(kindsOf([rule('create', MUTATING)]), [])
  })
  test('a validating one reads what is written, and stops everything', () => {
    const given = judged([rule('create', VALIDATING, GROUP)])
    assert.ok(!given.controls(ATTACKER, CONTROL_PLANE))
    assert.equal(given.chance(ATTACKER, 'Secret/ops/password'), 0.1)
    const application = given.analysis.applications.applicationOf('Deployment/ops/console')?.id as string
    assert.ok(given.controls(ATTACKER, application))
    assert.ok(judged([rule('create', MUTATING, GROUP)]).controls(ATTACKER, application))
  })
  test('a namespace without workloads has no pods to change', () => {
    assert.ok(!cluster(grant([rule('create', MUTATING, GROUP)])).controls(ATTACKER, ADMIN))
  })
})

describe('policies that are written', () => {
  const POLICIES = 'mutatingadmissionpolicies'
  const both = rule('create', `${POLICIES}, mutatingadmissionpolicybindings`, GROUP)
  const policy = (spec = ''): string => object('MutatingAdmissionPolicy', 'p', `spec: {${spec}}`)
  const binding = (spec = ''): string => object('MutatingAdmissionPolicyBinding', 'b', `spec: {policyName: p${spec}}`)
  test('a policy and its binding, from 1.36', () => {
    assert.ok(leads([both]))
    assert.ok(!leads([both], '', { version: 'v1.35' }))
    assert.ok(leads([both], policy(), { version: 'v1.35' }))
    assert.ok(!leads([rule('create', POLICIES, GROUP)]))
    assert.ok(!leads([rule('create', 'mutatingadmissionpolicybindings', GROUP)]))
  })
  test('a policy that is in force', () => {
    const patch = rule('patch', POLICIES, GROUP, 'p')
    assert.ok(leads([patch], policy() + binding()))
    assert.ok(!leads([patch], policy()))
    assert.ok(!leads([rule('patch', POLICIES, GROUP, 'q')], policy() + binding()))
    assert.ok(leads([patch, rule('create', 'mutatingadmissionpolicybindings', GROUP)], policy()))
  })
  const truths = (...given: Parameters<typeof judged>): readonly string[] =>
    judged(...given)
      .analysis.edges.filter(({ kind }) => kind === 'mutate-by-policy')
      .map(({ truth }) => truth)
  test('unknown where the binding says for what', () => {
    const narrow = ', matchResources: {namespaceSelector: {matchLabels: {a: b}}}'
    assert.deepEqual(truths([rule('patch', POLICIES, GROUP)], policy() + binding(narrow)), ['unknown'])
    assert.deepEqual(truths([rule('patch', POLICIES, GROUP)], policy() + binding()), ['yes'])
  })
  test('unknown by the parameters of a policy that means pods', () => {
    const spec = (resource: string): string =>
      `paramKind: {apiVersion: v1, kind: ConfigMap}, matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [${resource}]}]}`
    const bound = binding(', paramRef: {name: settings, namespace: app}')
    const write = (name: string): string => rule('update', 'configmaps', '', name)
    assert.deepEqual(truths([write('settings')], policy(spec('pods')) + bound, {}, 'app'), ['unknown'])
    assert.deepEqual(truths([write('other')], policy(spec('pods')) + bound, {}, 'app'), [])
    assert.deepEqual(truths([write('settings')], policy(spec('services')) + bound, {}, 'app'), [])
    assert.deepEqual(truths([write('settings')], policy(spec('pods')) + bound, {}, 'ops'), [])
  })
  test('one that validates stops everything and changes nothing', () => {
    const create = rule('create', 'validatingadmissionpolicies, validatingadmissionpolicybindings', GROUP)
    assert.deepEqual(kindsOf([create]), ['block-admission'])
    assert.deepEqual(kindsOf([create], '', { version: 'v1.29' }), [])
  })
})

describe('the backend of a webhook', () => {
  const service = (selector = 'a: hook'): string => `
---
apiVersion: v1
kind: Service
metadata: {name: hook, namespace: app}
spec: {selector: {${selector}}, ports: [{port: 443}]}`
  const HOOK = workload('Deployment', 'hook', { namespace: 'app' })
  const hooked = (
    more: string,
    kind = 'MutatingWebhookConfiguration',
    resource = 'pods',
    group = '""',
    on = 'CREATE',
  ): string =>
    object(
      kind,
      'hook',
      `webhooks: [{name: h.example.com, clientConfig: {service: {name: hook, namespace: app}}, rules: [{apiGroups: [${group}], apiVersions: ["*"], operations: [${on}], resources: [${resource}]}]${more}}]`,
    )
  const FROM = 'Deployment/app/hook'
  const chance = (text: string, to = CONTROL_PLANE): number => cluster(CONSOLE + SECRET + HOOK + text).chance(FROM, to)
  test('changes the pods that it is asked about', () => {
    assert.equal(chance(service() + hooked('')), 1)
    assert.equal(chance(service('a: other') + hooked('')), 0)
    assert.equal(chance(hooked('')), 0)
    assert.equal(chance(service() + hooked('', 'ValidatingWebhookConfiguration')), 0)
  })
  test('and templates, and nothing else', () => {
    assert.equal(chance(service() + hooked('', undefined, 'deployments', 'apps', 'UPDATE')), 1)
    assert.equal(chance(service() + hooked('', undefined, '"*"', '"*"', '"*"')), 1)
    assert.equal(chance(service() + hooked('', undefined, 'statefulsets', 'apps', 'UPDATE')), 0)
    assert.equal(chance(service() + hooked('', undefined, 'pods', '""', 'UPDATE')), 0)
    assert.equal(chance(service() + hooked('', undefined, 'certificates', 'cert-manager.io')), 0)
  })
  test('of the namespaces and objects that it selects', () => {
    const of = (which: string, key: string, value: string): string =>
      `, ${which}: {matchExpressions: [{key: ${key}, operator: In, values: [${value}]}]}`
    const name = 'kubernetes.io/metadata.name'
    const changes = (more: string): boolean => chance(service() + hooked(more), 'Deployment/ops/console') === 1
    assert.ok(changes(of('namespaceSelector', name, 'ops')))
    assert.ok(!changes(of('namespaceSelector', name, 'locked')))
    assert.ok(changes(of('objectSelector', 'a', 'console')))
    assert.ok(!changes(of('objectSelector', 'a', 'nobody')))
  })
  test('unknown with conditions', () => {
    const conditions = ', matchConditions: [{name: c, expression: "true"}]'
    const { analysis } = cluster(CONSOLE + HOOK + service() + hooked(conditions))
    const edges = analysis.edges.filter(({ kind }) => kind === 'serves-webhook')
    assert.deepEqual(
      edges.map(({ from, truth }) => `${from} ${truth}`),
      [`${FROM} unknown`],
    )
  })
  test('is sent Secrets when they are written', () => {
    assert.equal(
      chance(service() + hooked('', 'ValidatingWebhookConfiguration', 'secrets'), 'Secret/ops/password'),
      0.1,
    )
    assert.equal(chance(service() + hooked('', 'ValidatingWebhookConfiguration', 'pods'), 'Secret/ops/password'), 0)
  })
  test('who runs a command in it has its edges', () => {
    const more = grant([rule('create', 'pods/exec')], { at: 'app' })
    assert.ok(cluster(CONSOLE + HOOK + service() + hooked('') + more).controls(ATTACKER, CONTROL_PLANE))
  })
})
