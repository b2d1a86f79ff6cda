import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { at } from '../../cluster/json.ts'
import type { Edge } from '../../engines/engine.ts'
import { reachesApiServer } from '../../engines/network/api-server.ts'
import { networkModel } from '../../engines/network/model.ts'
import { type Analysis, analyse } from '../../loop.ts'
import { readInputs } from '../../observe/files/read.ts'
import { accessProposers } from '../access/access.ts'
import { isolate } from './isolate.ts'
import { contextOf, world } from './testing.ts'

const root = process.env.BULKHEAD_CORPUS ?? fileURLToPath(new URL('../../../../shared/corpus', import.meta.url))
const skip = existsSync(root) ? false : `no corpus at ${root} (set BULKHEAD_CORPUS)`

const scan = async (name: string): Promise<Analysis> =>
  analyse(await readInputs([join(root, name)], { recursive: true }))

const control = (analysis: Analysis): Set<string> =>
  new Set(
    analysis.edges
      .filter((edge) => edge.chance === 1 && !edge.from.startsWith('Reach/') && !edge.to.startsWith('Reach/'))
      .map(({ kind, from, to }: Edge) => `${kind} ${from} ${to}`),
  )

describe('the corpora', { skip }, () => {
  for (const name of ['kubernetes-goat', 'istio-bookinfo', 'argo-cd', 'bank-of-anthos', 'online-boutique']) {
    test(`${name}: every fix lowers the risk or leaves it, and adds no control edge`, async () => {
      const analysis = await scan(name)
      const before = control(analysis)
      for (const proposer of [isolate, ...accessProposers]) {
        const all = world(analysis, proposer)
        for (const { id } of all.fixes) {
          const after = all.after(id)
          assert.ok(after.analysis.risk.total <= analysis.risk.total + 1e-9, `${id} ${after.analysis.risk.total}`)
          for (const edge of control(after.analysis)) assert.ok(before.has(edge), `${id} adds ${edge}`)
          assert.ok(!after.fixes.some((fix) => fix.id === id), `${id} is proposed again`)
          assert.deepEqual(networkModel(after.analysis.cluster).invalid, [])
        }
      }
    })
  }

  test('isolating all of them leaves who needs the API server its way there, and its exposure', async () => {
    const analysis = await scan('bank-of-anthos')
    const all = world(analysis, isolate)
    const ids = all.fixes.filter(({ changes }) => changes.length === 1).map(({ id }) => id)
    assert.ok(ids.length > 5)
    const after = all.after(...ids)
    const exposed = (each: Analysis): readonly string[] =>
      each.edges.filter(({ from }) => from.startsWith('Internet/')).map(({ kind, to }) => `${kind} ${to}`)
    assert.deepEqual(exposed(after.analysis), exposed(analysis))
    assert.ok(after.analysis.risk.total < analysis.risk.total)
    const model = networkModel(after.analysis.cluster)
    for (const workload of after.analysis.cluster.workloads)
      assert.notEqual(reachesApiServer(model, workload).truth, 'no')
  })

  test('argo-cd: where its own policies isolate ingress, only egress is open to a fix', async () => {
    const context = contextOf(await scan('argo-cd'))
    const { isolated, sets } = context.network
    let count = 0
    for (const { changes, around = [] } of isolate.propose(context)) {
      const members = around.flatMap((id) => context.network.membersOf(id))
      if (!members.some(({ index }) => sets.has(isolated.ingress.may, index))) continue
      count++
      for (const { object } of changes) assert.deepEqual(at(object.body, 'spec', 'policyTypes'), ['Egress'])
    }
    assert.ok(count > 3)
  })
})
