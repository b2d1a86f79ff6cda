// Policies and objects that show one thing of the API server each.
import type { JsonObject } from '../../src/cluster/json.ts'
import { ADMISSION } from './binding.ts'
import type { Question } from './question.ts'

type Operation = 'CREATE' | 'UPDATE' | 'CONNECT'

/** A policy on resources of the core group. */
export function policy(
  name: string,
  resources: readonly string[],
  validations: readonly JsonObject[],
  operations: readonly Operation[] = ['CREATE', 'UPDATE'],
  spec: JsonObject = {},
): JsonObject {
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations, resources }
  return {
    apiVersion: ADMISSION,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: { matchConstraints: { resourceRules: [rule] }, validations, ...spec },
  }
}

const PARAM = { apiVersion: 'v1', kind: 'ConfigMap' }
export const LONG_NAME = `longer.${'than-the-value-of-a-label.'.repeat(4)}is`

export const policies: readonly JsonObject[] = [
  policy(
    'says-why',
    ['pods'],
    [
      {
        expression: 'object.spec.containers.all(c, c.image.contains(":"))',
        messageExpression: '"no tag: " + object.spec.containers.map(c, c.name).join(", ")',
      },
      {
        expression: '!object.spec.containers.exists(c, c.name == "debug")',
        message: ' a "debug" container, \\ and ü ',
      },
    ],
  ),
  policy('says-nothing', ['pods'], [{ expression: 'object.metadata.name != "many"' }]),
  policy('forbids', ['configmaps'], [{ expression: '!has(object.data)', reason: 'Forbidden', message: 'no data' }]),
  policy('of-several-lines', ['configmaps'], [{ expression: '\n!has(object.data) ||\nobject.data.size() > 9' }]),
  policy('fails', ['configmaps'], [{ expression: 'object.data["missing"] == "x"' }]),
  policy('fails-and-lets-pass', ['configmaps'], [{ expression: 'object.data["missing"] == "x"' }], ['CREATE'], {
    failurePolicy: 'Ignore',
  }),
  policy(
    'takes-a-parameter',
    ['configmaps'],
    [{ expression: 'params.data.owner == "e2e"', message: 'not ours' }],
    ['CREATE'],
    {
      paramKind: PARAM,
    },
  ),
  policy(
    'cluster-scoped',
    ['namespaces'],
    [{ expression: 'object.metadata.name.startsWith("team-")', message: 'whose?' }],
  ),
  policy(
    'keeps-data',
    ['configmaps'],
    [{ expression: 'oldObject == null || object.data == oldObject.data', message: 'data changed' }],
  ),
  policy('no-exec', ['pods/exec'], [{ expression: '"id" in object.command', message: 'id alone' }], ['CONNECT']),
  policy(LONG_NAME, ['secrets'], [{ expression: 'false', message: 'no secrets' }]),
]

/** Together they say more than fits into the warnings of one response. */
export const talkative: readonly JsonObject[] = Array.from({ length: 8 }, (_, index) =>
  policy(`talks-${index}`, ['services'], [{ expression: 'false', message: `${index} `.repeat(300) }]),
)

/** Adds what the others then see. */
export const mutating: JsonObject = {
  apiVersion: ADMISSION,
  kind: 'MutatingAdmissionPolicy',
  metadata: { name: 'adds-data' },
  spec: {
    reinvocationPolicy: 'Never',
    matchConstraints: {
      resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
    },
    mutations: [
      { patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{data: {"added": "yes"}}' } },
    ],
  },
}

const pod = (name: string, containers: readonly JsonObject[], spec: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'team-e2e' },
  spec: { containers, ...spec },
})
const configMap = (name: string, data?: JsonObject): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'team-e2e' },
  ...(data ? { data } : {}),
})
const create = (id: string, object: JsonObject): Question => ({ id, operation: 'CREATE', object })

export const param = (owner: string): JsonObject => ({
  ...PARAM,
  metadata: { name: 'e2e-parameter', namespace: 'default' },
  data: { owner },
})

export const questions: readonly Question[] = [
  create(
    'good pod',
    pod('good', [{ name: 'app', image: 'app:1' }], { serviceAccountName: 'needed', priorityClassName: 'e2e' }),
  ),
  create('untagged', pod('untagged', [{ name: 'app', image: 'app' }])),
  create('both', pod('both', [{ name: 'debug', image: 'app' }])),
  create('debug', pod('debug', [{ name: 'debug', image: 'app:1' }])),
  create('many', pod('many', [{ name: 'app', image: 'app' }])),
  create('invalid', pod('Invalid Name', [{ name: 'app', image: 'app' }])),
  create('empty', configMap('empty')),
  create('data', configMap('data', { a: '1' })),
  create('namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } }),
  create('own namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team-e2e' } }),
  create('secret', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'team-e2e' } }),
  create('service', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'svc', namespace: 'team-e2e' },
    spec: { ports: [{ port: 80 }] },
  }),
  { id: 'changed', operation: 'UPDATE', oldObject: configMap('old', { a: '1' }), object: configMap('old', { a: '2' }) },
  { id: 'kept', operation: 'UPDATE', oldObject: configMap('same', { a: '1' }), object: configMap('same', { a: '1' }) },
  { id: 'exec', operation: 'CONNECT', path: '/api/v1/namespaces/team-e2e/pods/none/exec?command=sh' },
  { id: 'exec id', operation: 'CONNECT', path: '/api/v1/namespaces/team-e2e/pods/none/exec?command=id' },
]
