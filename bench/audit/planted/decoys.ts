import { type AuditJson, FIRST, SPAN_MS } from '../events.ts'
import { hex, pick, uuid } from '../world.ts'
import { request, times, type Who } from './request.ts'

type Draw = () => number
const DAY = 86_400_000
const HOUR = 3_600_000
const MINUTE = 60_000
const KUBECTL = 'kubectl/v1.35.1 (darwin/arm64) kubernetes/1234567'

/** What looks like an incident and is none: of nobody here anything may be told. */
export function decoys(draw: Draw): readonly AuditJson[] {
  return [
    ...laptop(draw),
    ...vpn(draw),
    ...pool(draw),
    ...manyTools(draw),
    ...rotation(draw),
    ...highlyAvailable(draw),
    ...rollout(draw),
    ...restarted(draw),
    ...newNodes(draw),
    ...operator(draw),
    ...deployments(draw),
    ...refusedForever(draw),
    ...proxy(draw),
    ...ciSessions(draw),
    ...hiddenBehindNat(draw),
    ...dualStack(draw),
  ]
}

function human(name: string, source: string, more: Partial<Who> = {}): Who {
  return {
    user: `oidc:${name}@example.com`,
    groups: ['oidc:developers', 'system:authenticated'],
    source,
    agent: KUBECTL,
    ...more,
  }
}

const PODS = { verb: 'list', resource: 'pods', namespace: 'team-1' } as const

/** At home in the morning, at work by day, on a train in between, each on its own. */
function laptop(draw: Draw): AuditJson[] {
  const credential = `X509SHA256=${hex(draw).repeat(8)}`
  return Array.from({ length: 14 }, (_, day) => FIRST + day * DAY).flatMap((day) =>
    (
      [
        [6, 7.5, '192.0.2.10'],
        [7.6, 8.2, `198.18.${Math.floor(draw() * 200)}.5`],
        [8.5, 12, '198.51.100.40'],
        [12.1, 12.6, '203.0.113.30'],
        [13, 17, '198.51.100.41'],
        [17.2, 17.9, `198.18.${Math.floor(draw() * 200)}.6`],
        [18.5, 22, '192.0.2.10'],
      ] as const
    ).flatMap(([from, to, source]) =>
      times(day + from * HOUR, day + to * HOUR, 12, draw).map((time) =>
        request(human('mobile', source, { credential }), PODS, time, draw),
      ),
    ),
  )
}

/** A tunnel that is opened and closed now and then. */
function vpn(draw: Draw): AuditJson[] {
  return Array.from({ length: 10 }, (_, day) => FIRST + day * DAY + 9 * HOUR).flatMap((start) =>
    times(start, start + 8 * HOUR, 60, draw).map((time) => {
      const inTunnel = time > start + 2 * HOUR && time < start + 6 * HOUR
      return request(human('tunnel', inTunnel ? '10.8.0.4' : '192.0.2.60'), PODS, time, draw)
    }),
  )
}

/** An office whose way out has two addresses, in different networks, by turns. */
function pool(draw: Draw): AuditJson[] {
  return Array.from({ length: 6 }, (_, at) => `pooled-${at}`).flatMap((name) =>
    times(FIRST + 2 * DAY, FIRST + 2 * DAY + 6 * HOUR, 80, draw).map((time) =>
      request(human(name, pick(['198.51.100.200', '203.0.113.200'], draw)), PODS, time, draw),
    ),
  )
}

/** kubectl, k9s and helm of one laptop, and a container on it. */
function manyTools(draw: Draw): AuditJson[] {
  const agents = [
    KUBECTL,
    'k9s/v0.50.1 (darwin/arm64) kubernetes/$Format',
    'Helm/3.17.0',
    'kubectl/v1.34.0 (linux/arm64) kubernetes/abc',
  ]
  return times(FIRST + DAY, FIRST + DAY + 8 * HOUR, 200, draw).map((time) =>
    request(human('tools', '192.0.2.90', { agent: pick(agents, draw) }), PODS, time, draw),
  )
}

/** One certificate takes the place of the other, with an hour in which both are used. */
function rotation(draw: Draw): AuditJson[] {
  const [old, next] = [hex(draw).repeat(8), hex(draw).repeat(8)]
  const change = FIRST + 7 * DAY
  return times(FIRST + HOUR, FIRST + SPAN_MS - HOUR, 200, draw).map((time) => {
    const isNew = time > change + HOUR || (time > change && draw() < 0.5)
    return request(
      human('renewed', '192.0.2.120', { credential: `X509SHA256=${isNew ? next : old}` }),
      PODS,
      time,
      draw,
    )
  })
}

/** A scheduler on each of three machines of the control plane, each with its certificate. */
function highlyAvailable(draw: Draw): AuditJson[] {
  const members = ['10.0.1.10', '10.0.2.10', '10.0.3.10'].map((source) => ({
    user: 'system:kube-scheduler',
    groups: ['system:authenticated'],
    credential: `X509SHA256=${hex(draw).repeat(8)}`,
    source,
    agent: 'kube-scheduler/v1.35.0 (linux/amd64) kubernetes/abc/leader-election',
  }))
  return times(FIRST + HOUR, FIRST + SPAN_MS - HOUR, 600, draw).map((time) =>
    request(
      pick(members, draw),
      {
        verb: 'get',
        resource: 'leases',
        group: 'coordination.k8s.io',
        namespace: 'kube-system',
        name: 'kube-scheduler',
      },
      time,
      draw,
    ),
  )
}

function account(namespace: string, name: string, pod: string, source: string, draw: Draw): Who {
  return {
    user: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    credential: `JTI=${uuid(draw)}`,
    pod: { name: pod, uid: uuid(draw), node: `node-${Math.floor(draw() * 90)}` },
    source,
    agent: `${name}/v1.0.0 (linux/amd64) client-go/v0.35.0`,
  }
}

/** Three replicas, made anew each day, on whatever node and address. */
function rollout(draw: Draw): AuditJson[] {
  return Array.from({ length: 13 }, (_, day) => FIRST + day * DAY).flatMap((day) =>
    Array.from({ length: 3 }, () => `10.140.${Math.floor(draw() * 200)}.${1 + Math.floor(draw() * 250)}`).flatMap(
      (source) => {
        const pod = `rolling-${hex(draw).slice(0, 8)}-${hex(draw).slice(0, 5)}`
        const who = account('team-2', 'rolling', pod, source, draw)
        return [
          ...times(day + HOUR, day + 25 * HOUR, 30, draw).map((time) =>
            request(
              { ...who, credential: `JTI=${uuid(draw)}` },
              { verb: 'list', resource: 'endpoints', namespace: 'team-2' },
              time,
              draw,
            ),
          ),
          request(
            {
              user: `system:node:${who.pod?.node}`,
              groups: ['system:nodes', 'system:authenticated'],
              source: '10.0.9.9',
              agent: 'kubelet/v1.35.0 (linux/amd64)',
            },
            { verb: 'delete', resource: 'pods', namespace: 'team-2', name: pod },
            day + 26 * HOUR,
            draw,
          ),
        ]
      },
    ),
  )
}

/** A node that was started again: its pods keep their uids and have other addresses. */
function restarted(draw: Draw): AuditJson[] {
  const who = account('team-3', 'steady', 'steady-0', '10.141.7.4', draw)
  const change = FIRST + 5 * DAY
  return times(FIRST + HOUR, FIRST + SPAN_MS - HOUR, 120, draw).map((time) =>
    request(
      time > change ? { ...who, source: '10.141.9.77' } : who,
      { verb: 'list', resource: 'endpoints', namespace: 'team-3' },
      time,
      draw,
    ),
  )
}

/** New nodes fetch what their pods need, all of it at once. */
function newNodes(draw: Draw): AuditJson[] {
  return Array.from({ length: 5 }, (_, at) => FIRST + (4 + at) * DAY).flatMap((start, node) =>
    times(start, start + 3 * MINUTE, 40, draw).map((time, index) =>
      request(
        {
          user: `system:node:scaled-${node}`,
          groups: ['system:nodes', 'system:authenticated'],
          source: `10.0.30.${node + 1}`,
          agent: 'kubelet/v1.35.0 (linux/amd64)',
        },
        { verb: 'get', resource: 'secrets', namespace: `team-${1 + (index % 20)}`, name: `app-${index}-db` },
        time,
        draw,
      ),
    ),
  )
}

/** An operator that is installed while the log is written, and goes on as it began. */
function operator(draw: Draw): AuditJson[] {
  const who = account('operators', 'certificates', 'certificates-5d4f8c7b9-abcde', '10.142.1.8', draw)
  const start = FIRST + 6 * DAY
  const round = (at: number, verb: string): AuditJson[] =>
    times(at, at + 2 * MINUTE, 20, draw).map((time, index) =>
      request(who, { verb, resource: 'secrets', namespace: `team-${1 + index}` }, time, draw),
    )
  return [
    round(start, 'list'),
    ...Array.from({ length: 20 }, (_, at) => round(start + (2 * at + 1) * HOUR, 'watch')),
  ].flat()
}

/** A pipeline that deploys everything each night, reading the releases. */
function deployments(draw: Draw): AuditJson[] {
  const who: Who = {
    user: 'ci-deployer',
    groups: ['ci', 'system:authenticated'],
    source: '198.51.100.250',
    agent: 'Helm/3.17.0',
  }
  return Array.from({ length: 14 }, (_, day) => FIRST + day * DAY + 2 * HOUR).flatMap((start, day) =>
    times(start, start + 8 * MINUTE, 30, draw).map((time, index) =>
      request(
        who,
        {
          verb: 'get',
          resource: 'secrets',
          namespace: `team-${1 + (index % 10)}`,
          name: `sh.helm.release.v1.app-${index}.v${day}`,
        },
        time,
        draw,
      ),
    ),
  )
}

/** A controller without half of its rights asks again every few minutes, for ever. */
function refusedForever(draw: Draw): AuditJson[] {
  const who = account('team-4', 'half', 'half-0', '10.142.2.8', draw)
  const kinds = [
    'secrets',
    'nodes',
    'events',
    'leases',
    'services',
    'endpoints',
    'namespaces',
    'configmaps',
    'pods',
    'replicationcontrollers',
  ]
  return Array.from({ length: 300 }, (_, at) => FIRST + HOUR + at * HOUR).flatMap((start) =>
    kinds.map((resource, index) =>
      request(who, { verb: 'list', resource, namespace: 'team-4', denied: true }, start + index * 2000, draw),
    ),
  )
}

/** What lets people in asks as them, from the first hour on. */
function proxy(draw: Draw): AuditJson[] {
  const who = account('access', 'proxy', 'proxy-0', '10.142.3.8', draw)
  return times(FIRST + HOUR, FIRST + SPAN_MS - HOUR, 300, draw).map((time) =>
    draw() < 0.4
      ? request(
          who,
          { verb: 'get', resource: 'leases', group: 'coordination.k8s.io', namespace: 'access', name: 'proxy' },
          time,
          draw,
        )
      : request(
          { ...who, as: { user: `person-${Math.floor(draw() * 20)}`, groups: ['developers', 'system:authenticated'] } },
          PODS,
          time,
          draw,
        ),
  )
}

/** A role of AWS that a pipeline takes on, each run under a name that it makes up. */
function ciSessions(draw: Draw): AuditJson[] {
  return times(FIRST + HOUR, FIRST + SPAN_MS - HOUR, 60, draw).map((time) =>
    request(
      {
        user: 'pipeline',
        groups: ['ci', 'system:authenticated'],
        source: '198.51.100.251',
        agent: 'Helm/3.17.0',
        extra: {
          sessionName: [`botocore-session-${Math.floor(time / 1000)}`],
          accessKeyId: [`ASIA${hex(draw).toUpperCase()}`],
        },
      },
      { verb: 'list', resource: 'pods', namespace: 'team-5' },
      time,
      draw,
    ),
  )
}

/** Pods whose requests leave the cluster by one gateway, and now and then do not. */
function hiddenBehindNat(draw: Draw): AuditJson[] {
  const pods = Array.from({ length: 8 }, (_, at) =>
    account('team-6', `nat-${at}`, `nat-${at}-0`, `10.143.0.${10 + at}`, draw),
  )
  return times(FIRST + HOUR, FIRST + SPAN_MS - HOUR, 4000, draw).map((time, index) => {
    const who = pods[index % pods.length] as Who
    return request(
      draw() < 0.5 ? { ...who, source: '203.0.113.99' } : who,
      { verb: 'list', resource: 'endpoints', namespace: 'team-6' },
      time,
      draw,
    )
  })
}

/** People with both families of addresses. */
function dualStack(draw: Draw): AuditJson[] {
  return Array.from({ length: 4 }, (_, at) => at).flatMap((at) =>
    times(FIRST + 3 * DAY, FIRST + 3 * DAY + 5 * HOUR, 60, draw).map((time) =>
      request(
        human(`dual-${at}`, draw() < 0.5 ? `192.0.2.${150 + at}` : `2001:db8:${at}::${1 + at}`),
        PODS,
        time,
        draw,
      ),
    ),
  )
}
