import { type Compiled, compile, type Fields, kubernetesEnv, Meter, type Value } from '../src/cel/cel.ts'
import { DYN, mapOf, STRING } from '../src/cel/type.ts'

/** The pod of `EXPRESSIONS`: two containers, an init container, a projected token. */
const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'web-5d8f',
    namespace: 'shop',
    labels: { app: 'web', 'app.kubernetes.io/name': 'web', tier: 'front' },
  },
  spec: {
    serviceAccountName: 'web',
    automountServiceAccountToken: false,
    hostNetwork: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    initContainers: [{ name: 'migrate', image: 'registry.example.com/shop/migrate:2.4.1' }],
    containers: [
      {
        name: 'web',
        image: 'registry.example.com/shop/web:2.4.1',
        ports: [{ containerPort: 8080 }],
        resources: { limits: { cpu: '500m', memory: '256Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
      {
        name: 'proxy',
        image: 'registry.example.com/mesh/proxy:1.9.0',
        resources: { limits: { cpu: '200m', memory: '128Mi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
        },
      },
    ],
  },
}

/** Ten expressions as policies have them, one a family. */
export const EXPRESSIONS: Readonly<Record<string, string>> = {
  comparison: "object.metadata.namespace != 'kube-system' && object.spec.containers.size() <= 10",
  has: '!has(object.spec.hostNetwork) || !object.spec.hostNetwork',
  'all over containers':
    'object.spec.containers.all(c, has(c.securityContext) && has(c.securityContext.allowPrivilegeEscalation) && c.securityContext.allowPrivilegeEscalation == false)',
  'string and regex functions':
    "object.metadata.name.startsWith('web-') && object.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
  'optional field': "object.spec.?securityContext.?seccompProfile.?type.orValue('') in ['RuntimeDefault', 'Localhost']",
  quantity: "quantity(object.spec.containers[0].resources.limits.memory).isLessThan(quantity('1Gi'))",
  sets: "sets.contains(['NET_BIND_SERVICE'], object.spec.containers[1].securityContext.capabilities.add)",
  'two-variable comprehension': "object.metadata.labels.all(k, v, k.size() < 64 && v != '')",
  ternary: "object.spec.serviceAccountName == 'default' ? object.spec.automountServiceAccountToken == false : true",
  variables: "variables.containers.exists(c, !c.image.contains(':')) == false",
}

/** What evaluating one expression over and over took, in CPU time of this process. */
export interface Rate {
  readonly name: string
  readonly perSecond: number
  readonly cost: number
}

/** Evaluates each expression for about `seconds` of CPU time, with cost accounting. */
export function measureCel(seconds = 0.3): readonly Rate[] {
  const env = kubernetesEnv({
    minor: 36,
    variables: new Map([
      ['object', DYN],
      ['variables', mapOf(STRING, DYN)],
    ]),
  })
  const containers = compile('object.spec.containers + object.spec.?initContainers.orValue([])', env)
    .program as Compiled
  return Object.entries(EXPRESSIONS).map(([name, text]) => {
    const { program, issues } = compile(text, env)
    if (program === undefined) throw new Error(`${text}: ${JSON.stringify(issues)}`)
    const run = (): number => evaluate(program, containers)
    for (let i = 0; i < 20_000; i++) run()
    const cost = run()
    const start = process.cpuUsage()
    let count = 0
    let spent = 0
    while (spent < seconds * 1e6) {
      for (let i = 0; i < 5_000; i++) if (run() !== cost) throw new Error(`${text}: the cost changed`)
      count += 5_000
      spent = process.cpuUsage(start).user + process.cpuUsage(start).system
    }
    return { name, perSecond: (count / spent) * 1e6, cost }
  })
}

/** One evaluation: a new activation with lazy variables and a new meter, as admission makes them. */
function evaluate(program: Compiled, containers: Compiled): number {
  let kept: Value | undefined
  const variables: Fields = {
    fields: true,
    get: (name) => {
      if (name !== 'containers') return undefined
      kept ??= containers.run([POD, undefined], new Meter())
      return kept
    },
  }
  const meter = new Meter()
  if (program.run([POD, variables], meter) !== true) throw new Error('a policy of the benchmark denies its pod')
  return meter.cost
}

/** Evaluations a CPU second when each expression is evaluated equally often. */
export function meanRate(rates: readonly Rate[]): number {
  return rates.length / rates.reduce((sum, { perSecond }) => sum + 1 / perSecond, 0)
}

if (import.meta.main) {
  const rates = measureCel()
  for (const { name, perSecond, cost } of rates) {
    console.log(
      `${name.padEnd(28)} ${Math.round(perSecond).toLocaleString('en').padStart(12)} evaluations/s, cost ${cost}`,
    )
  }
  console.log(`${'mean'.padEnd(28)} ${Math.round(meanRate(rates)).toLocaleString('en').padStart(12)} evaluations/s`)
}
