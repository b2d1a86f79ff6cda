import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { addressesOf } from '../../cluster/addresses.ts'
import { at, type Json } from '../../cluster/json.ts'
import { connection } from '../../engines/network/connection.ts'
import { networkModel } from '../../engines/network/model.ts'
import { admitsPort, type Protocol } from '../../engines/network/ports.ts'
import { type Manifest, made, namespace, workload } from '../../engines/network/testing.ts'
import { isolate } from './isolate.ts'
import { recorded, type World, worldOf } from './testing.ts'

const text = (...manifests: readonly Manifest[]): string =>
  manifests.map((each) => JSON.stringify(each)).join('\n---\n')

const space = [namespace('web'), workload('web/a'), workload('web/b')]
const node = made('/n1', 'v1', 'Node', { status: { addresses: [{ type: 'InternalIP', address: '172.18.0.9' }] } })

function spec(of: World, id: string): Json | undefined {
  return at(of.fix(id).changes[0]?.object.body, 'spec')
}

describe('recorded ends', () => {
  const addresses = recorded('web/a > 203.0.113.7 TCP 443', 'web/a > 2001:db8::1 TCP 443', 'web/a > 10.9.0.1 TCP 5432')

  test('addresses are single blocks, and the note says that names change', () => {
    const of = worldOf(text(...space), isolate, addresses)
    const egress = JSON.stringify(at(spec(of, 'isolate-web-a'), 'egress'))
    for (const cidr of ['203.0.113.7/32', '2001:db8::1/128', '10.9.0.1/32']) assert.ok(egress.includes(cidr), cidr)
    assert.ok(of.fix('isolate-web-a').notes.some((note) => note.includes('where they answer for a name')))
  })

  test('of a workload that calls hosts by name, the internet is admitted on the recorded ports', () => {
    const calls = workload('web/a', {
      spec: { containers: [{ name: 'm', image: 'm', env: [{ name: 'URL', value: 'https://api.stripe.com' }] }] },
    })
    const of = worldOf(text(namespace('web'), calls), isolate, addresses)
    const egress = JSON.stringify(at(spec(of, 'isolate-web-a'), 'egress'))
    assert.ok(egress.includes('"0.0.0.0/0","except"') && !egress.includes('203.0.113.7/32'))
    assert.ok(egress.includes('10.9.0.1/32'))
  })

  test('nodes are their addresses, and probes need none', () => {
    const used = recorded('node n1 > web/a TCP 30000', 'web/a > node n1 TCP 10250')
    const of = worldOf(text(...space, node), isolate, used)
    assert.equal(JSON.stringify(spec(of, 'isolate-web-a')).split('172.18.0.9/32').length - 1, 2)
    const probed = workload('web/a', { ports: [8080] })
    const unknown = worldOf(text(namespace('web'), probed), isolate, recorded('node n1 > web/a TCP 8080'))
    assert.deepEqual(at(spec(unknown, 'isolate-web-a'), 'ingress'), [])
  })

  test('its own node, where it was seen to run, needs no rule', () => {
    const live = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a', namespace: 'web', labels: { app: 'a' } },
      spec: { nodeName: 'n1', containers: [{ name: 'm', image: 'm' }] },
      status: { phase: 'Running' },
    }
    const used = recorded('node n1 > Pod/web/a TCP 8080')
    const of = worldOf(text(namespace('web'), live, node), isolate, used)
    assert.deepEqual(at(spec(of, 'isolate-web-a'), 'ingress'), [])
  })

  test('what is not known is told and not guessed; what no policy can name is told', () => {
    const of = worldOf(text(...space), isolate, recorded('unknown 10.0.0.9 > web/a TCP 80', 'web/b > web/a ICMP 0'))
    const fix = of.fix('isolate-web-a')
    assert.deepEqual(at(spec(of, 'isolate-web-a'), 'ingress'), [])
    assert.ok(fix.notes.some((note) => note.includes('10.0.0.9')) && fix.notes.some((note) => note.includes('ICMP')))
  })

  test('a workload that is gone is told', () => {
    const of = worldOf(text(...space), isolate, recorded('web/gone > web/a TCP 80'))
    assert.ok(of.fix('isolate-web-a').notes.some((note) => note.includes('web/gone is no longer in the cluster')))
  })

  test('no recorded traffic closes a direction, since it was looked for', () => {
    const of = worldOf(text(...space), isolate, recorded())
    assert.deepEqual(at(spec(of, 'isolate-web-a'), 'policyTypes'), ['Ingress', 'Egress'])
    assert.deepEqual(at(spec(of, 'isolate-web-a'), 'ingress'), [])
  })
})

const NAMES = ['web/a', 'web/b', 'ops/a', 'ops/c', 'ops/d']
const OUTSIDE = ['203.0.113.7', '198.51.100.20']
const PORTS = [80, 53, 8080]

const labels = fc.record({ app: fc.constantFrom('x', 'y'), tier: fc.constantFrom('one', 'two') })
const line = fc
  .tuple(
    fc.constantFrom(...NAMES, ...OUTSIDE),
    fc.constantFrom(...NAMES, ...OUTSIDE),
    fc.constantFrom('TCP', 'UDP'),
    fc.constantFrom(...PORTS),
  )
  .map(([from, to, protocol, port]) => `${from} > ${to} ${protocol} ${port}`)

test('every recorded connection stays admitted, and in an isolated direction no other', () => {
  fc.assert(
    fc.property(
      fc.array(labels, { minLength: NAMES.length, maxLength: NAMES.length }),
      fc.array(line, { maxLength: 12 }),
      fc.boolean(),
      (all, lines, closed) => {
        const pods = NAMES.map((name, at) => workload(name, { labels: { ...all[at], id: name.replace('/', '-') } }))
        const deny = made('ops/deny', 'networking.k8s.io/v1', 'NetworkPolicy', {
          spec: { podSelector: {}, policyTypes: ['Ingress'] },
        })
        const manifests = [namespace('web'), namespace('ops'), ...pods, ...(closed ? [deny] : [])]
        const before = worldOf(text(...manifests), isolate, recorded(...lines))
        const after = before.after(...before.fixes.filter(({ changes }) => changes.length === 1).map(({ id }) => id))
        const [old, now] = [networkModel(before.analysis.cluster), networkModel(after.analysis.cluster)]
        const end = (name: string) =>
          name.includes('/') ? { workload: `Deployment/${name}` } : { addresses: addressesOf([name]) }
        for (const from of NAMES.concat(OUTSIDE)) {
          for (const to of NAMES.concat(OUTSIDE)) {
            if (from === to || (OUTSIDE.includes(from) && OUTSIDE.includes(to))) continue
            for (const protocol of ['TCP', 'UDP'] as const satisfies readonly Protocol[]) {
              for (const port of PORTS) {
                const was = admitsPort(connection(old, end(from), end(to)).ports, protocol, port)
                const is = admitsPort(connection(now, end(from), end(to)).ports, protocol, port)
                const wanted = was && lines.includes(`${from} > ${to} ${protocol} ${port}`)
                assert.equal(is, wanted, `${from} > ${to} ${protocol} ${port}`)
              }
            }
          }
        }
        assert.deepEqual(after.fixes, [])
      },
    ),
    { numRuns: 40 },
  )
})
