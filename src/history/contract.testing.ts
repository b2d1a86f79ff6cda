import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Cluster } from '../cluster/cluster.ts'
import { clusterOf } from '../cluster/testing.ts'
import type { Access, Connection, Coverage, History, SourceCoverage } from './history.ts'

/** A history of what these files hold (name to text), of this cluster. */
export type MakeHistory = (files: Readonly<Record<string, string>>, cluster: Cluster) => Promise<History>

/** What a store cannot hold, or files cannot show, and why. */
export interface Skip {
  readonly test: string
  readonly reason: string
}

export const EMPTY_CLUSTER = clusterOf('')
export const SHOP = clusterOf(`apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web}]}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: db}]}}
`)

/** `HH:MM:SS` of the first of May 2026, or milliseconds since its midnight. */
export function clock(time: string | number): string {
  return new Date(Date.UTC(2026, 4, 1) + (typeof time === 'number' ? time : Date.parse(`1970-01-01T${time}Z`)))
    .toISOString()
    .replace('Z', '456Z')
}

export function event(id: string, time: string | number, fields: object = {}): object {
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: id,
    stage: 'ResponseComplete',
    requestURI: '/api/v1/namespaces/shop/secrets/db',
    verb: 'get',
    user: { username: 'alice', groups: ['dev', 'system:authenticated'] },
    userAgent: 'kubectl',
    objectRef: { resource: 'secrets', namespace: 'shop', name: 'db', apiVersion: 'v1' },
    responseStatus: { metadata: {}, code: 200 },
    requestReceivedTimestamp: clock(time),
    stageTimestamp: clock(time),
    annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': 'RBAC: …' },
    ...fields,
  }
}

export function flow(time: string | number, fields: object = {}): object {
  return {
    flow: {
      time: clock(time),
      verdict: 'FORWARDED',
      IP: { source: '10.0.0.1', destination: '10.0.0.2', ipVersion: 'IPv4' },
      l4: { TCP: { source_port: 40_000, destination_port: 5432, flags: { SYN: true } } },
      source: pod('web-6b746f74dc-9rcxx', 'web'),
      destination: pod('db-0', 'db'),
      Type: 'L3_L4',
      node_name: 'worker-1',
      traffic_direction: 'EGRESS',
      is_reply: false,
      ...fields,
    },
    node_name: 'worker-1',
    time: clock(time),
  }
}

export function pod(name: string, app: string): object {
  return { identity: 5000, namespace: 'shop', labels: [`k8s:app=${app}`], pod_name: name }
}

export function linesOf(...records: readonly (object | string)[]): string {
  return records.map((each) => `${typeof each === 'string' ? each : JSON.stringify(each)}\n`).join('')
}

export async function accessesOf(history: History): Promise<readonly Access[]> {
  const all: Access[] = []
  for await (const batch of history.accesses()) all.push(...batch)
  return all
}

export async function connectionsOf(history: History): Promise<readonly Connection[]> {
  const all: Connection[] = []
  for await (const batch of history.connections()) all.push(...batch)
  return all
}

export function sourceOf(coverage: Coverage, kind: SourceCoverage['kind']): SourceCoverage {
  const source = coverage.sources.find((each) => each.kind === kind)
  assert.ok(source, `no source of ${kind}`)
  return source
}

/** What every `History` does. */
export function historyContract(make: MakeHistory, skips: readonly Skip[] = []): void {
  const check = (name: string, run: () => Promise<void>): void => {
    const skip = skips.find((each) => each.test === name)?.reason ?? false
    test(name, { skip }, run)
  }

  describe('History', () => {
    check('tells an access as the authorizer saw it', async () => {
      const history = await make({ 'audit.log': linesOf(event('a', '10:00:00')) }, EMPTY_CLUSTER)
      const [access] = await accessesOf(history)
      assert.ok(access)
      const told: Omit<Access, 'raw' | 'place'> = {
        id: 'a',
        time: Date.parse('2026-05-01T10:00:00Z'),
        end: Date.parse('2026-05-01T10:00:00Z'),
        user: 'alice',
        groups: ['dev', 'system:authenticated'],
        verb: 'get',
        resource: 'secrets',
        group: '',
        subresource: '',
        namespace: 'shop',
        name: 'db',
        path: '/api/v1/namespaces/shop/secrets/db',
        query: '',
        waited: 0,
        decision: 'allow',
        reason: 'RBAC: …',
        credential: '',
        session: '',
        issued: '',
        sources: [],
        code: 200,
        dryRun: false,
        userAgent: 'kubectl',
      }
      for (const [field, value] of Object.entries(told)) assert.deepEqual(access[field as keyof Access], value, field)
      assert.deepEqual([access.impersonator, access.pod, access.review], [undefined, undefined, undefined])
      assert.equal(access.place.line, 1)
      assert.ok(access.place.file.endsWith('audit.log'))
      assert.ok(access.raw().includes('"auditID":"a"'))
    })

    check('tells a request once, whatever stages of it were recorded', async () => {
      const started = { stage: 'ResponseStarted', verb: 'watch', objectRef: { resource: 'pods' } }
      const history = await make(
        {
          'audit.log': linesOf(
            event('watch', '10:00:00', started),
            event('get', '10:00:01', { stage: 'RequestReceived', annotations: {} }),
            event('get', '10:00:01'),
            event('open', '10:00:02', started),
            event('panic', '10:00:03', { stage: 'Panic', responseStatus: { code: 500 } }),
            event('watch', '10:00:00', { ...started, stage: 'ResponseComplete', stageTimestamp: clock('10:09:00') }),
          ),
        },
        EMPTY_CLUSTER,
      )
      const accesses = await accessesOf(history)
      assert.deepEqual(accesses.map((each) => each.id).sort(), ['get', 'open', 'panic', 'watch'])
      const watch = accesses.find((each) => each.id === 'watch')
      assert.equal((watch?.end ?? 0) - (watch?.time ?? 0), 9 * 60_000)
      assert.equal(accesses.find((each) => each.id === 'get')?.decision, 'allow')
      assert.equal(sourceOf(history.coverage(), 'audit').records, 4)
    })

    check('keeps no body and no token', async () => {
      const secret = { data: { password: 'aHVudGVyMg==' }, spec: { token: 'aHVudGVyMg==' } }
      const told = { level: 'RequestResponse', requestObject: secret, responseObject: secret }
      const http = { type: 'REQUEST', http: { url: 'http://db/?token=hunter2', headers: [{ value: 'hunter2' }] } }
      const history = await make(
        {
          'audit.log': linesOf(event('a', '10:00:00', told)),
          'flows.log': linesOf(flow('10:00:00', { l7: http, Summary: 'HTTP/1.1 GET http://db/?token=hunter2' })),
        },
        SHOP,
      )
      for (const record of [...(await accessesOf(history)), ...(await connectionsOf(history))]) {
        const texts = `${record.raw()} ${JSON.stringify(record)}`
        assert.ok(!/aHVudGVyMg|hunter2/.test(texts), texts)
      }
    })

    check('tells connections from the client to the server, between workloads', async () => {
      const reply = {
        is_reply: true,
        IP: { source: '10.0.0.2', destination: '10.0.0.1' },
        l4: { TCP: { source_port: 5432, destination_port: 40_000, flags: { ACK: true } } },
        source: pod('db-0', 'db'),
        destination: pod('web-6b746f74dc-9rcxx', 'web'),
      }
      const history = await make(
        { 'flows.log': linesOf(flow('10:00:00'), flow('10:00:01', reply), flow('10:00:02', { verdict: 'DROPPED' })) },
        SHOP,
      )
      const connections = await connectionsOf(history)
      for (const { source, destination, protocol, port } of connections)
        assert.deepEqual(
          { source, destination, protocol, port },
          {
            source: { kind: 'workload', workload: 'Deployment/shop/web', pod: 'web-6b746f74dc-9rcxx' },
            destination: { kind: 'workload', workload: 'StatefulSet/shop/db', pod: 'db-0' },
            protocol: 'TCP',
            port: 5432,
          },
        )
      assert.deepEqual(
        connections.map((each) => each.verdict),
        ['forwarded', 'forwarded', 'dropped'],
      )
    })

    check('reads anew at each call, in batches that are never empty', async () => {
      const files = { 'audit.log': linesOf(event('a', 0)), 'flows.log': linesOf(flow(0)) }
      const history = await make(files, SHOP)
      for (let count = 0; count < 2; count++) {
        for await (const batch of history.accesses()) assert.equal(batch.length, 1)
        for await (const batch of history.connections()) assert.equal(batch.length, 1)
        assert.deepEqual(
          history.coverage().sources.map((each) => each.records),
          [1, 1],
        )
      }
    })

    check('covers what was recorded, what was not read, and what was lost', async () => {
      const history = await make(
        {
          'audit.log': linesOf(
            event('a', '10:00:00'),
            'this is no record',
            event('b', '11:00:00', { objectRef: { resource: 'pods', subresource: 'exec' }, verb: 'create' }),
            event('c', '11:00:01', { level: 'Request', objectRef: undefined, requestURI: '/healthz' }),
          ),
          'flows.log': linesOf(
            flow('10:00:00', { source: { namespace: 'shop', pod_name: 'gone-1', labels: [] } }),
            { lost_events: { source: 'HUBBLE_RING_BUFFER', num_events_lost: '17' }, time: clock('10:00:01') },
            flow('10:00:02', { l4: { ICMPv4: { type: 8 } } }),
          ),
        },
        SHOP,
      )
      await accessesOf(history)
      await connectionsOf(history)
      const audit = sourceOf(history.coverage(), 'audit')
      assert.deepEqual([audit.records, audit.unread, audit.levels], [3, 1, { Metadata: 2, Request: 1 }])
      assert.deepEqual([...audit.shown.keys()], ['get /secrets', 'create /pods/exec', 'get /'])
      assert.equal(audit.problems[0]?.line, 2)
      assert.equal(audit.from, Date.parse('2026-05-01T10:00:00Z'))
      assert.equal(audit.to, Date.parse('2026-05-01T11:00:01Z'))
      const flows = sourceOf(history.coverage(), 'flows')
      assert.deepEqual([flows.records, flows.unread], [1, 0])
      assert.deepEqual(
        [flows.unresolved, flows.leftOut, flows.nodes],
        [{ 'unknown pod': 1 }, { icmp: 1 }, ['worker-1']],
      )
      assert.deepEqual(
        flows.lost.map(({ count, place }) => [count, place.line]),
        [[17, 2]],
      )
    })

    check('finds the hours in which a busy source shows nothing', async () => {
      const minutes = (from: number, to: number): object[] =>
        Array.from({ length: to - from }, (_, index) => event(`${from + index}`, (from + index) * 60_000))
      const busy = await make({ 'audit.log': linesOf(...minutes(0, 300), ...minutes(420, 600)) }, EMPTY_CLUSTER)
      await accessesOf(busy)
      const [gap, ...rest] = sourceOf(busy.coverage(), 'audit').gaps
      assert.deepEqual(rest, [])
      assert.equal((gap?.to ?? 0) - (gap?.from ?? 0), 121 * 60_000)
      const wrong = event('wrong', 0, {
        requestReceivedTimestamp: '1970-01-01T00:01:00.000000Z',
        stageTimestamp: '1970-01-01T00:01:00.000000Z',
      })
      const odd = await make({ 'audit.log': linesOf(wrong, ...minutes(0, 300), ...minutes(420, 600)) }, EMPTY_CLUSTER)
      await accessesOf(odd)
      const source = sourceOf(odd.coverage(), 'audit')
      assert.deepEqual([source.gaps, source.from], [sourceOf(busy.coverage(), 'audit').gaps, Date.parse(clock(0))])
      assert.deepEqual([source.outlying?.count, source.outlying?.time, source.outlying?.place?.line], [1, 60_000, 1])
      const quiet = await make({ 'audit.log': linesOf(event('a', 0), event('b', '09:00:00')) }, EMPTY_CLUSTER)
      await accessesOf(quiet)
      assert.deepEqual(sourceOf(quiet.coverage(), 'audit').gaps, [])
    })
  })
}
