// What kube-controller-manager and the product find in policies that know the schemas of what they match. Run: npm run e2e
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { JsonObject } from '../../src/cluster/json.ts'
import { formatPath } from '../../src/cluster/json.ts'
import { typeWarnings } from '../../src/engines/policy/typing/type-warnings.ts'
import { programs } from '../controlplane/build.ts'
import { type ControlPlane, startControlPlane } from '../controlplane/start.ts'
import { validatingOf } from './agreement.ts'
import { type Api, connect, each } from './api.ts'
import { policyName } from './binding.ts'
import { readCatalogue } from './catalogue.ts'
import { install, uninstall } from './install.ts'
import { kubeObject } from './ours.ts'
import { policy } from './own.fixture.ts'
import { type ExpressionWarning, typeChecking } from './type-checking.ts'

const MINOR = 36
const catalogue = validatingOf((await readCatalogue()).map(({ body }) => body))

/** Each expression asks for the type of something: there is no `==` of it and a number. */
const PLACES = [
  'object',
  'object.kind',
  'object.metadata',
  'object.metadata.labels',
  'object.metadata.creationTimestamp',
  'object.metadata.managedFields[0].fieldsV1',
  'object.metadata.invented',
  'object.metadata.namespace',
  'object.metadata.__namespace__',
  'object.data',
  'object.spec.replicas',
  'object.spec.containers',
  'object.spec.containers[0].resources.limits',
  'object.spec.containers[0].livenessProbe.httpGet.port',
  'object.spec.volumes[0].emptyDir.sizeLimit',
  'object.spec.template.spec.?hostNetwork.orValue(1)',
  'object.spec.strategy.rollingUpdate.maxSurge',
  'object.spec.acquireTime',
  'object.spec.versions[0].schema.openAPIV3Schema',
  'object.spec.versions[0].schema.openAPIV3Schema.default',
  'object.spec.versions[0].schema.openAPIV3Schema.maximum',
  'object.spec.versions[0].schema.openAPIV3Schema.items',
  'object.spec.versions[0].schema.openAPIV3Schema.x__dash__kubernetes__dash__int__dash__or__dash__string',
  'oldObject.spec',
  'params.data',
  'variables.spec',
]

const typed: JsonObject = policy(
  'asks-for-types',
  [],
  PLACES.map((place) => ({ expression: `dyn(1) == 1 && ${place} == 1.5`, messageExpression: `string(${place})` })),
  ['CREATE'],
  {
    paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    variables: [
      { name: 'spec', expression: 'object.spec' },
      { name: 'names', expression: 'object.metadata.finalizers' },
    ],
    matchConstraints: {
      resourceRules: [
        ['', 'pods', 'pods/exec', 'secrets', 'services', 'events'],
        ['apps', 'deployments', 'controllerrevisions'],
        ['coordination.k8s.io', 'leases'],
        ['apiextensions.k8s.io', 'customresourcedefinitions'],
        ['example.com', 'gadgets'],
      ].map(([group = '', ...resources]) => ({
        apiGroups: [group],
        apiVersions: ['v1'],
        operations: ['CREATE'],
        resources,
      })),
    },
  },
)

let plane: ControlPlane
let api: Api
const controllers = (await programs()).has('kube-controller-manager')
const skip = controllers ? false : 'no kube-controller-manager in KUBEBUILDER_ASSETS'
before(async () => {
  if (!controllers) return
  plane = await startControlPlane({ components: ['apiserver', 'controller-manager'] })
  api = connect(plane)
})
after(async () => {
  api?.close()
  await plane?.stop()
})

/** As `status.typeChecking` words it: by field, a line for each kind. */
function ours(body: JsonObject): ExpressionWarning[] {
  const byField = Map.groupBy(typeWarnings(kubeObject(body), MINOR), ({ path }) => formatPath(path))
  return [...byField].map(([field, warnings]) => ({
    field,
    warning: warnings.map((one) => `${one.group}/${one.version}, Kind=${one.kind}: ${one.message}\n`).join('\n'),
  }))
}

/** The controller gives each type a number of its own. */
function withoutNumbers({ field, warning }: ExpressionWarning): ExpressionWarning {
  return { field, warning: warning.replace(/\b([A-Z][A-Za-z]*?)\d{3,}(?=[.,)\s])/g, '$1') }
}

describe('type checking', { skip }, () => {
  test('finds in the catalogue what the controller finds: only fields that other kinds have', async (t) => {
    const set = { policies: [...catalogue, typed], bindings: [], params: [] }
    await install(api, set)
    try {
      const theirs = await each(set.policies, async (body) => (await typeChecking(api, body)).map(withoutNumbers))
      let warnings = 0
      for (const [index, body] of set.policies.entries()) {
        assert.deepEqual(ours(body), theirs[index], policyName(body))
        if (body === typed) continue
        for (const { field, warning } of theirs[index] ?? []) {
          warnings++
          const errors = warning.split('\n').filter((line) => line.includes('ERROR: '))
          assert.ok(errors.length > 0, warning)
          for (const line of errors) assert.match(line, /undefined field '/, `${policyName(body)} ${field}`)
        }
      }
      t.diagnostic(
        `${catalogue.length} policies of the catalogue, ${warnings} warnings; ${PLACES.length} places, ${theirs.at(-1)?.length} warnings`,
      )
      assert.ok((theirs.at(-1)?.length ?? 0) >= PLACES.length)
    } finally {
      await uninstall(api, set)
    }
  })
})
