import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Attributes, Authorizer } from './authz.ts'
import { evaluate, gives } from './evaluate.testing.ts'

const asked: Attributes[] = []

const authorizer: Authorizer = {
  check: (attributes) => {
    asked.push(attributes)
    if (attributes.verb === 'perhaps') return 'unknown'
    if (attributes.verb === 'fail') return { allowed: false, reason: '', error: 'broken' }
    return { allowed: attributes.verb === 'get', reason: 'because' }
  },
}

const ask = (text: string): Attributes => {
  asked.length = 0
  assert.deepEqual(evaluate(`${text}.allowed()`, { authorizer }).told, true)
  return asked[0] as Attributes
}

test('a question is put together from its parts', () => {
  const resource = {
    group: 'apps',
    resource: 'deployments',
    subresource: '',
    namespace: '',
    name: '',
    fieldSelector: '',
    labelSelector: '',
  }
  assert.deepEqual(ask("authorizer.group('apps').resource('deployments').check('get')"), { verb: 'get', resource })
  assert.deepEqual(
    ask(
      "authorizer.serviceAccount('ns', 'sa').group('').resource('pods').subresource('log').namespace('n').name('p').fieldSelector('a=b').labelSelector('c').check('get')",
    ),
    {
      verb: 'get',
      serviceAccount: { namespace: 'ns', name: 'sa' },
      resource: {
        group: '',
        resource: 'pods',
        subresource: 'log',
        namespace: 'n',
        name: 'p',
        fieldSelector: 'a=b',
        labelSelector: 'c',
      },
    },
  )
  assert.deepEqual(ask("authorizer.path('/healthz').check('get')"), { verb: 'get', path: '/healthz' })
})

gives(
  'decisions and refusals',
  [
    ["authorizer.path('/').check('get').reason()", 'because'],
    ["authorizer.path('/').check('post').allowed()", false],
    ["[authorizer.path('/').check('fail').errored(), authorizer.path('/').check('get').errored()]", [true, false]],
    ["authorizer.path('/').check('fail').error()", 'broken'],
    ["authorizer.path('/').check('get').error()", ''],
    ["authorizer.path('/').check('perhaps').allowed()", 'unknown: authorizer'],
    ["authorizer.path(' ').check('get').allowed()", 'error: path must not be empty'],
    ["authorizer.group('').resource('').check('get').allowed()", 'error: resource must not be empty'],
    ["authorizer.serviceAccount('ns', 'A').path('/').check('get').allowed()", 'error: Invalid service account name'],
    [
      "authorizer.serviceAccount('n.s', 'a').path('/').check('get').allowed()",
      'error: Invalid service account namespace',
    ],
    ['authorizer == authorizer', 'error: no such overload'],
  ],
  { authorizer },
)

test('two checks fit the budget of an expression, three do not', () => {
  const check = "authorizer.path('/').check('get').allowed()"
  assert.equal(evaluate(`${check} && ${check}`, { authorizer }).told, true)
  assert.equal(evaluate(`${check} && ${check} && ${check}`, { authorizer }).told, 'cost')
  assert.equal(evaluate(`${check} && ${check} && ${check}`, { authorizer, minor: 31 }).told, true)
})
