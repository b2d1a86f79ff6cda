import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clusterOf } from '../../cluster/testing.ts'
import { admits } from './pod-security.ts'

const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: a}}\n---\n'
const truth = (...objects: readonly string[]): string =>
  admits(clusterOf(namespace + objects.join('\n---\n')), 'shop', 'privileged').truth

const rule = (group: string, resource = 'pods', more = ''): string =>
  `{apiGroups: ["${group}"], apiVersions: [v1], resources: ["${resource}"], operations: [CREATE]${more}}`
const webhook = (...webhooks: readonly string[]): string =>
  `apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: w}\nwebhooks: [${webhooks.join(', ')}]`

describe('a webhook', () => {
  const other = 'namespaceSelector: {matchLabels: {team: b}}'
  const own = 'namespaceSelector: {matchLabels: {team: a}}'
  const cases: Readonly<Record<string, readonly [objects: string, truth: string]>> = {
    'for pods': [webhook(`{name: a, rules: [${rule('')}]}`), 'unknown'],
    'for pods of this namespace': [webhook(`{name: a, ${own}, rules: [${rule('')}]}`), 'unknown'],
    'for pods of other namespaces': [webhook(`{name: a, ${other}, rules: [${rule('')}]}`), 'yes'],
    'for pods of other namespaces, beside one for Deployments everywhere': [
      webhook(`{name: d, rules: [${rule('apps', 'deployments')}]}`, `{name: a, ${other}, rules: [${rule('')}]}`),
      'yes',
    ],
    'for what another group calls pods': [webhook(`{name: a, rules: [${rule('metrics.k8s.io')}]}`), 'yes'],
    'for everything': [webhook(`{name: a, rules: [${rule('*', '*/*')}]}`), 'unknown'],
    'for pods and their subresources': [webhook(`{name: a, rules: [${rule('', 'pods/*')}]}`), 'unknown'],
    'for a subresource of pods': [webhook(`{name: a, rules: [${rule('', 'pods/exec')}]}`), 'yes'],
    'for cluster-scoped objects': [webhook(`{name: a, rules: [${rule('*', '*', ', scope: Cluster')}]}`), 'yes'],
  }
  for (const [name, [objects, expected]] of Object.entries(cases))
    test(name, () => assert.equal(truth(objects), expected))
})

describe('a ValidatingAdmissionPolicy', () => {
  const policy = `apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: p}\nspec: {matchConstraints: {resourceRules: [${rule('')}]}, validations: [{expression: "false"}]}`
  const binding = (spec: string): string =>
    `apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\nmetadata: {name: b}\nspec: ${spec}`
  const cases: Readonly<Record<string, readonly [spec: string, truth: string]>> = {
    'that denies': ['{policyName: p, validationActions: [Deny]}', 'unknown'],
    'that only audits': ['{policyName: p, validationActions: [Audit, Warn]}', 'yes'],
    'of another policy': ['{policyName: q, validationActions: [Deny]}', 'yes'],
    'for other namespaces': [
      '{policyName: p, validationActions: [Deny], matchResources: {namespaceSelector: {matchLabels: {team: b}}}}',
      'yes',
    ],
    'for other objects': [
      `{policyName: p, validationActions: [Deny], matchResources: {resourceRules: [${rule('apps', 'deployments')}]}}`,
      'yes',
    ],
  }
  test('without a binding enforces nothing', () => assert.equal(truth(policy), 'yes'))
  for (const [name, [spec, expected]] of Object.entries(cases))
    test(`with a binding ${name}`, () => assert.equal(truth(policy, binding(spec)), expected))
})

describe('a Kyverno policy', () => {
  const policy = (spec: string, kinds = 'Pod', check = 'validate: {message: x, pattern: {}}'): string =>
    `apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: k}\nspec: {${spec}rules: [{name: r, match: {any: [{resources: {kinds: ["${kinds}"]}}]}, ${check}}]}`
  const cases: Readonly<Record<string, readonly [policy: string, truth: string]>> = {
    'that says nothing audits': [policy(''), 'yes'],
    'that audits': [policy('validationFailureAction: Audit, '), 'yes'],
    'that audits, in small letters': [policy('validationFailureAction: audit, '), 'yes'],
    'that enforces': [policy('validationFailureAction: Enforce, '), 'unknown'],
    'that enforces, in small letters': [policy('validationFailureAction: enforce, '), 'unknown'],
    'that enforces by a rule': [policy('', 'Pod', 'validate: {failureAction: Enforce}'), 'unknown'],
    'whose rule audits': [
      policy('validationFailureAction: Enforce, ', 'Pod', 'validate: {failureAction: Audit}'),
      'yes',
    ],
    'that enforces somewhere': [
      policy(
        'validationFailureAction: Audit, validationFailureActionOverrides: [{action: enforce, namespaces: [x]}], ',
      ),
      'unknown',
    ],
    'that enforces for all kinds': [policy('validationFailureAction: Enforce, ', '*'), 'unknown'],
    'that enforces for Deployments': [policy('validationFailureAction: Enforce, ', 'Deployment'), 'yes'],
    'that changes pods': [policy('validationFailureAction: Enforce, ', 'Pod', 'mutate: {}'), 'yes'],
  }
  for (const [name, [objects, expected]] of Object.entries(cases))
    test(name, () => assert.equal(truth(objects), expected))
})

test('a constraint of Gatekeeper denies unless it says otherwise', () => {
  const constraint = (spec: string): string =>
    `apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: K8sPSP\nmetadata: {name: c}\nspec: ${spec}`
  assert.equal(truth(constraint('{}')), 'unknown')
  assert.equal(truth(constraint('{enforcementAction: dryrun}')), 'yes')
  assert.equal(truth(constraint('{enforcementAction: warn}')), 'yes')
})
