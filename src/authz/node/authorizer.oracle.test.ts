import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { buildCluster } from '../../cluster/cluster.ts'
import { readInputs } from '../../observe/files/read.ts'
import type { Request } from '../rules.ts'
import { nodeAuthorizer } from './authorizer.ts'

interface Vectors {
  readonly kubernetes: string
  readonly namespaces: readonly string[]
  readonly names: readonly string[]
  readonly verbs: readonly string[]
  readonly resources: Readonly<Record<string, readonly string[]>>
  readonly others: Readonly<Record<string, Answers>>
  readonly cases: readonly [Answers]
}
type Answers = Readonly<Record<string, 'all' | readonly string[] | null>>

const oracle = new URL('../../../oracle/', import.meta.url)
const vectors = JSON.parse(readFileSync(new URL('vectors/node.json', oracle), 'utf8')) as Vectors
const { objects } = await readInputs([new URL('node/objects.yaml', oracle).pathname])

const NODES = ['system:nodes', 'system:authenticated']
const PEOPLE = [
  { user: 'system:node:one', groups: NODES },
  { user: 'system:node:two', groups: NODES },
  { user: 'system:node:unseen', groups: NODES },
  { user: 'system:node:', groups: NODES },
  { user: 'system:node:one-not-grouped', groups: ['system:authenticated'] },
  { user: 'one', groups: NODES },
]

function* questions(): Generator<{ readonly key: string; readonly places: readonly (readonly [string, Request])[] }> {
  yield { key: 'get //' + '/healthz', places: [['/', { verb: 'get', path: '/healthz' }]] }
  for (const [group, texts] of Object.entries(vectors.resources)) {
    for (const text of texts) {
      const [resource = '', subresource = ''] = text.split('/')
      for (const verb of vectors.verbs)
        yield {
          key: `${verb} ${group}/${resource}/${subresource}`,
          places: vectors.namespaces.flatMap((namespace) =>
            vectors.names.map(
              (name) => [`${namespace}/${name}`, { verb, group, resource, subresource, namespace, name }] as const,
            ),
          ),
        }
    }
  }
}

describe('the Node authorizer', () => {
  for (const release of [vectors.kubernetes, ...Object.keys(vectors.others)]) {
    test(`agrees with Kubernetes ${release}`, () => {
      const authorizer = nodeAuthorizer(buildCluster({ objects, version: `v${release}` }))
      const expected = { ...vectors.cases[0], ...vectors.others[release] }
      let count = 0
      for (const who of PEOPLE) {
        for (const { key, places } of questions()) {
          const allowed = places.flatMap(([place, request]) =>
            [...authorizer.grants(who, request)].length > 0 ? [place] : [],
          )
          const ours = allowed.length === places.length ? 'all' : allowed
          assert.deepEqual(ours, expected[`${who.user} ${key}`] ?? [], `${who.user} ${key}`)
          count += places.length
        }
      }
      assert.ok(count > 200_000, `only ${count} requests were asked`)
    })
  }

  test('lists as rules what it allows, and names as holders whom it allows', () => {
    const authorizer = nodeAuthorizer(buildCluster({ objects, version: 'v1.36' }))
    const [one] = PEOPLE as [(typeof PEOPLE)[number]]
    const rules = [...authorizer.rulesFor(one, undefined)]
    const secrets = rules.filter(({ rule }) => rule.resources.includes('secrets'))
    assert.deepEqual(
      new Set(secrets.flatMap(({ rule }) => rule.resourceNames)),
      new Set(
        vectors.names.filter((name) =>
          ['shop', 'kube-node-lease'].some(
            (namespace) =>
              [
                ...authorizer.grants(one, {
                  verb: 'get',
                  group: '',
                  resource: 'secrets',
                  subresource: '',
                  namespace,
                  name,
                }),
              ].length > 0,
          ),
        ),
      ),
    )
    const asked = { verb: 'get', group: '', resource: 'configmaps', subresource: '', namespace: '', name: 'env-config' }
    const holders = [...authorizer.holders({ request: asked, each: 'namespace' })]
    assert.deepEqual(holders.map(({ subject, namespace }) => `${subject.name} in ${namespace}`).sort(), [
      'system:node:one in shop',
      'system:node:two in kube-node-lease',
    ])
  })
})
