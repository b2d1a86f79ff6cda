import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildCluster } from '../../cluster/cluster.ts'
import { Ends } from './ends.ts'

test('the address of nobody is one that is not told, and nothing outside of the cluster', () => {
  const ends = new Ends(buildCluster({ objects: [] }))
  for (const address of ['0.0.0.0', '::', '0:0:0:0:0:0:0:0'])
    assert.deepEqual(ends.resolve({ endpoint: {}, address, port: 80, reporter: 'worker-1', time: 0 }), {
      kind: 'unresolved',
      why: 'masked',
      namespace: '',
      address,
    })
})
