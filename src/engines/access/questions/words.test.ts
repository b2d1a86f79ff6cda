import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isUrlRequest } from '../../../authz/rules.ts'
import { clusterOf } from '../../../cluster/testing.ts'
import { type Question, questionOf, type Words } from './words.ts'

const cluster = clusterOf(
  `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: widgets.shop.example.com }
spec:
  group: shop.example.com
  scope: Namespaced
  names: { plural: widgets, singular: widget, kind: Widget, shortNames: [wd, po] }
  versions: [{ name: v1, served: true, storage: true, subresources: { scale: {} } }]
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: regions.shop.example.com }
spec:
  group: shop.example.com
  scope: Cluster
  names: { plural: regions, kind: Region }
`,
  { version: 'v1.36' },
)

function ask(words: Partial<Words>, scope: 'one' | 'each' = 'one'): Question {
  return questionOf({ verb: 'get', resource: 'pods', ...words }, cluster, scope)
}

/** `group|resource|subresource|namespace|name`. */
function asked(words: Partial<Words>, scope: 'one' | 'each' = 'one'): string {
  const [first] = ask(words, scope).asked
  const request = first?.request
  if (!request) return 'nothing'
  if (isUrlRequest(request)) return `${request.verb} ${request.path}`
  const { group, resource, subresource, namespace, name } = request
  return [group, resource, subresource, namespace, name, ...(first.each ? [first.each] : [])].join('|')
}

describe('words of a question', () => {
  test('are resources, kinds and short names as kubectl has them', () => {
    for (const word of ['pods', 'po', 'pod', 'Pod', 'PODS', 'pods.v1.'])
      assert.equal(asked({ resource: word, namespace: 'shop' }), '|pods||shop|', word)
    for (const word of [
      'deploy',
      'deployments',
      'Deployment',
      'deployments.apps',
      'deployments.v1.apps',
      'deploy.apps',
    ])
      assert.equal(asked({ resource: word, namespace: 'shop' }), 'apps|deployments||shop|', word)
    assert.equal(asked({ resource: 'roles.rbac', namespace: 'shop' }), 'rbac.authorization.k8s.io|roles||shop|')
    assert.equal(asked({ resource: 'roles.rbac.authorization.k8s.io' }), 'rbac.authorization.k8s.io|roles||default|')
    assert.equal(asked({ resource: 'events' }), '|events||default|')
    assert.equal(asked({ resource: 'events.events.k8s.io' }), 'events.k8s.io|events||default|')
    assert.equal(asked({ resource: 'ing' }), 'networking.k8s.io|ingresses||default|')
    assert.equal(asked({ resource: 'pods.metrics.k8s.io' }), 'metrics.k8s.io|pods||default|')
  })

  test('are custom resources by their definitions, after those of Kubernetes', () => {
    for (const word of [
      'wd',
      'widget',
      'Widget',
      'widgets.shop.example.com',
      'widgets.v1.shop.example.com',
      'widgets.shop',
    ])
      assert.equal(asked({ resource: word, namespace: 'a' }), 'shop.example.com|widgets||a|', word)
    assert.equal(asked({ resource: 'widgets/scale' }), 'shop.example.com|widgets|scale|default|')
    assert.equal(asked({ resource: 'regions', namespace: 'a' }), 'shop.example.com|regions|||')
  })

  test('that nobody knows are asked as written, and it is said', () => {
    assert.equal(asked({ resource: 'Foos.v1beta1.example.org', namespace: 'a' }), 'example.org|Foos||a|')
    assert.equal(asked({ resource: 'foos/bar', namespace: 'a' }), '|foos||a|bar')
    assert.equal(asked({ resource: 'foos/status', namespace: 'a' }), '|foos|status|a|')
    assert.match(
      ask({ resource: 'foos.example.org', namespace: 'a' }).notes.join(),
      /has a resource foos\.example\.org/,
    )
    assert.deepEqual(ask({ resource: 'pods', namespace: 'a' }).notes, [])
    for (const word of ['constructor', '__proto__', 'toString.valueOf'])
      assert.equal(ask({ resource: word, namespace: 'a' }).asked.length, 1, word)
  })

  test('name subresources and objects', () => {
    assert.equal(asked({ resource: 'pods/exec', namespace: 'a' }), '|pods|exec|a|')
    assert.equal(asked({ resource: 'pods/web', namespace: 'a' }), '|pods||a|web')
    assert.equal(asked({ resource: 'pods/web/exec', namespace: 'a' }), '|pods|exec|a|web')
    assert.equal(asked({ resource: 'pods/web', subresource: 'log', namespace: 'a' }), '|pods|log|a|web')
    assert.equal(asked({ resource: 'pods/exec', subresource: '', namespace: 'a' }), '|pods||a|exec')
    assert.equal(asked({ resource: 'secrets/status', namespace: 'a' }), '|secrets||a|status')
    assert.equal(asked({ resource: 'pods/*', namespace: 'a' }), '|pods|*|a|')
    assert.equal(asked({ resource: 'sa/web/token', namespace: 'a', verb: 'create' }), '|serviceaccounts|token|a|web')
    assert.equal(
      asked({ resource: 'userextras.authentication.k8s.io/scopes' }),
      'authentication.k8s.io|userextras|scopes||',
    )
    assert.equal(
      asked({ resource: 'signers/kubernetes.io/kubelet-serving', verb: 'approve' }),
      'certificates.k8s.io|signers|||kubernetes.io/kubelet-serving',
    )
    assert.equal(asked({ resource: 'users/alice', verb: 'impersonate' }), '|users|||alice')
    assert.equal(asked({ resource: '*/scale', namespace: 'a' }), '*|*|scale|a|')
    assert.equal(asked({ resource: '*', namespace: 'a' }), '*|*||a|')
    assert.equal(asked({ resource: '*.apps', namespace: 'a' }), 'apps|*||a|')
  })

  test('of a signer ask for its whole domain too, as admission does', () => {
    const names = (words: Partial<Words>): readonly string[] =>
      ask(words).asked.map(({ request }) => (isUrlRequest(request) ? '' : request.name))
    const signer = 'signers/kubernetes.io/kubelet-serving'
    for (const verb of ['approve', 'sign', 'attest'])
      assert.deepEqual(names({ resource: signer, verb }), ['kubernetes.io/kubelet-serving', 'kubernetes.io/*'])
    assert.deepEqual(names({ resource: signer, verb: 'get' }), ['kubernetes.io/kubelet-serving'])
    assert.deepEqual(names({ resource: 'signers/kubernetes.io/*', verb: 'sign' }), ['kubernetes.io/*'])
    assert.deepEqual(names({ resource: 'signers', verb: 'sign' }), [''])
  })

  test('have no query in their path', () => {
    assert.equal(asked({ resource: '/healthz?verbose=1' }), 'get /healthz')
    assert.match(ask({ resource: '/healthz?verbose=1' }).notes.join(), /asked for \/healthz/)
  })

  test('have the name that the authorizer sees', () => {
    assert.equal(asked({ verb: 'list', resource: 'secrets/db', namespace: 'a' }), '|secrets||a|db')
    assert.match(ask({ verb: 'list', resource: 'secrets/db', namespace: 'a' }).notes.join(), /metadata\.name=db/)
    assert.equal(asked({ verb: 'create', resource: 'secrets/db', namespace: 'a' }), '|secrets||a|')
    assert.equal(asked({ verb: 'create', resource: 'pods/web/eviction', namespace: 'a' }), '|pods|eviction|a|web')
    assert.equal(asked({ verb: 'deletecollection', resource: 'secrets/db', namespace: 'a' }), '|secrets||a|')
  })

  test('are in the namespace of -n, else default; of the cluster where nothing else is', () => {
    assert.equal(asked({}), '|pods||default|')
    assert.match(ask({}).notes.join(), /namespace default/)
    assert.equal(asked({ all: true }), '|pods|||')
    assert.equal(asked({}, 'each'), '|pods||||namespace')
    assert.equal(asked({ all: true }, 'each'), '|pods|||')
    assert.equal(asked({ resource: 'nodes', namespace: 'a' }), '|nodes|||')
    assert.match(ask({ resource: 'nodes', namespace: 'a' }).notes.join(), /in no namespace/)
  })

  test('for a Namespace are in the namespace of that name', () => {
    assert.equal(asked({ resource: 'ns/shop', namespace: 'other' }), '|namespaces||shop|shop')
    assert.equal(asked({ resource: 'namespaces', verb: 'list' }), '|namespaces|||')
    assert.equal(asked({ resource: 'namespaces/shop', verb: 'list' }), '|namespaces|||shop')
    assert.equal(asked({ resource: 'namespaces', verb: 'create' }), '|namespaces|||')
    assert.equal(asked({ resource: 'namespaces', verb: 'get' }, 'each'), '|namespaces||||name')
    assert.equal(asked({ resource: 'namespaces', verb: 'get' }), '|namespaces|||')
  })

  test('are paths, and paths of a kubelet', () => {
    assert.equal(asked({ resource: '/metrics', namespace: 'a' }), 'get /metrics')
    const { asked: requests, notes } = ask({ resource: 'kubelet://worker/pods' })
    assert.deepEqual(
      requests.map(({ request }) => (isUrlRequest(request) ? '' : `${request.subresource} ${request.name}`)),
      ['pods worker', 'proxy worker'],
    )
    assert.match(notes.join(), /get nodes\/worker\/pods, or get nodes\/worker\/proxy/)
    assert.equal(asked({ resource: 'kubelet:/exec/a/b/c', verb: 'create' }), '|nodes|proxy||')
  })
})
