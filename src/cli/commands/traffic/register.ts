import { type Command, InvalidArgumentError, Option } from 'commander'
import { FAIL_ON } from '../../fail-on.ts'
import { type CommonFlags, collect, reading } from '../../options.ts'

export interface TrafficFlags extends CommonFlags {
  /** Access logs, audit logs or flow logs, as the command needs them. */
  readonly history?: readonly string[]
}

type Flags = TrafficFlags & Record<string, unknown>
type Act = (flags: Flags, args: readonly string[]) => Promise<number>

/** `traffic …`: one command a question. */
export function registerTraffic(program: Command, done: (code: number) => void): void {
  const traffic = program
    .command('traffic')
    .description('limits that work, worst-case bill, runaway clients, load tests')
  const act =
    (run: Act) =>
    async (...given: unknown[]): Promise<void> => {
      const flags = given.at(-2) as Flags
      const args = given.slice(0, -2).flatMap((each) => (Array.isArray(each) ? each : [each]))
      done(
        await run(
          { ...flags, output: flags.output ?? [] },
          args.filter((each): each is string => typeof each === 'string'),
        ),
      )
    }
  const command = (name: string, text: string, formats: string, run: Act): Command =>
    reading(traffic.command(name).description(text), formats).action(act(run))
  const failing = (made: Command): Command =>
    made.addOption(
      new Option('--fail-on <severity>', 'exit 1 when there is a finding at least this grave').choices(FAIL_ON),
    )

  failing(
    command(
      'routes',
      'every route from outside, and whether its limits work',
      'table, wide, json, yaml, csv, md',
      async (flags) => (await import('./routes.ts')).routes(flags),
    ),
  )
    .option('--capacity <file>', 'what `traffic probe -o json` measured; may be given again', collect)
    .option('--ranges <file>', 'address ranges of whoever stands in front (default: those shipped)', collect)
  command(
    'migrate',
    'what limits a move away from ingress-nginx would lose, and what keeps them',
    'table, json, yaml, md',
    async (flags) => (await import('./migrate.ts')).migrate(flags),
  ).addOption(
    new Option('--to <product>', 'where to')
      .choices(['envoy-gateway', 'traefik', 'f5-nginx', 'haproxy'])
      .default('envoy-gateway'),
  )
  command(
    'limits',
    'limits from recorded traffic, with the proof that they refuse no legitimate request',
    'table, json, yaml, diff',
    async (flags) => (await import('./limits.ts')).limits(flags),
  )
    .option('--history <path>', 'access logs of nginx, Envoy, HAProxy, Traefik or ALB; may be given again', collect)
    .option('--log-format <text>', 'the log_format of nginx, or the format of Envoy, where it is your own')
    .option('--headroom <factor>', 'times the p99.9 of what one client did (default: 2)', factor)
    .option('--to <product>', 'for which engine (default: the one of the route)')
    .option('--enforce', 'not in shadow mode first, where the engine has one')
  command(
    'replay',
    'which recorded requests the limits of today, or of objects to come, would have refused',
    'table, json',
    async (flags) => (await import('./replay.ts')).replay(flags),
  )
    .option('--history <path>', 'access logs; may be given again', collect)
    .option('--log-format <text>', 'the log_format of nginx, or the format of Envoy, where it is your own')
    .option('--limit <text>', 'one limit instead of those of the input: `nginx rate=10r/s burst=50`')
  failing(
    command(
      'bounds',
      'the most that everything can grow, what caps it, and the worst bill',
      'table, wide, json, yaml, csv, md',
      async (flags) => (await import('./bounds.ts')).bounds(flags),
    ),
  )
    .option('--prices <file>', 'prices of your own: instance types, vCPU, memory, storage, load balancers')
    .option('--history <path>', 'audit logs, from which peaks are learned; may be given again', collect)
    .option('--headroom <factor>', 'caps are the recorded peak times this (default: 1.5)', factor)
    .option('--caps', 'print the objects that cap what is unbounded, instead of the report')
    .option('--cloud <path>', 'exports of node groups of EKS, GKE or AKS; may be given again', collect)
  command(
    'apiserver',
    'who loads the API server, and what would cap it',
    'table, wide, json, yaml, csv',
    async (flags) => (await import('./apiserver.ts')).apiserver(flags),
  )
    .option('--history <path>', 'audit logs; may be given again', collect)
    .option(
      '--cap <subject>',
      'the FlowSchema and PriorityLevelConfiguration that cap it: sa:NAMESPACE/NAME, user:NAME',
    )
    .option(
      '--shares <count>',
      'its nominalConcurrencyShares (default: what it needed while it did not flood, twice; else 1)',
    )
    .option(
      '--server-seats <count>',
      'max-requests-inflight and max-mutating-requests-inflight together (default: 600)',
    )
  command('front', 'who stands in front, and whether there is a second door', 'table, json, yaml', async (flags) =>
    (await import('./front.ts')).front(flags),
  )
    .option('--ranges <file>', 'address ranges of whoever stands in front (default: those shipped)', collect)
    .option('--history <path>', 'flow logs or access logs, to tell who would be shut out; may be given again', collect)
    .option('--fix', 'print the objects that lock the origin, instead of the report')
  command(
    'overload',
    'what one noisy client, one pod or one runaway deployment can exhaust',
    'table, json, yaml',
    async (flags) => (await import('./overload.ts')).overload(flags),
  )
  traffic
    .command('probe')
    .description('finds the capacity of a staging service by load, against its limit and its autoscaler')
    .argument('<url>', 'loopback, or a host that --allow names and that serves the token')
    .option('--allow <file>', 'hosts that may be loaded, and the token that each serves')
    .option('--max-requests <count>', 'no more than these (default: 5000)', whole(50, 1_000_000))
    .option('--max-seconds <count>', 'no longer than this (default: 60)', whole(5, 3_600))
    .option('--max-in-flight <count>', 'no more than these at once (default: 256)', whole(1, 4_096))
    .option('--timeout <seconds>', 'an answer that takes longer is an error (default: 10)', whole(1, 300))
    .option('--header <text>', '`Name: value`, sent with every request; may be given again', collect)
    .option('--limit-code <code>', 'answers of a limit, besides 429; may be given again', codes)
    .option('--pods <count>', 'how many pods answer at the URL', whole(1, 100_000))
    .option(
      '-f, --filename <path>',
      'the cluster, for the limits and autoscalers of the route; may be given again',
      collect,
    )
    .option('-R, --recursive', 'read folders inside folders')
    .option('--route <id>', 'which route of the cluster the URL stands for')
    .option('--k6 <file>', 'write a script for k6 instead of sending anything')
    .option('-o, --output <format>', 'table, json, html; FORMAT=FILE writes a file, and may be given again', collect)
    .option('--output-file <path>', 'write the output there')
    .option('-q, --quiet', 'no notes on standard error')
    .option('--no-progress', 'no progress on standard error')
    .action(act(async (flags, args) => (await import('./probe.ts')).probe(flags, args)))
}

function factor(value: string): number {
  const count = Number(value)
  if (!(count >= 1 && count <= 100)) throw new InvalidArgumentError('expected a factor from 1 to 100')
  return count
}

function whole(least: number, most: number): (value: string) => number {
  return (value) => {
    const count = Number(value)
    if (!Number.isInteger(count) || count < least || count > most)
      throw new InvalidArgumentError(`expected a whole number from ${least} to ${most}`)
    return count
  }
}

function codes(value: string, before: readonly number[] | undefined): readonly number[] {
  return [...(before ?? []), whole(400, 599)(value)]
}
