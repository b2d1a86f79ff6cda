import { type Command, Option } from 'commander'
import { FAIL_ON } from '../../fail-on.ts'
import { type CommonFlags, collect, identities, proving, reading, share } from '../../options.ts'

/** What tells who is who, beside the objects of the cluster. */
export interface IdentityFlags extends CommonFlags {
  readonly history?: readonly string[]
  /** The groups that a user is asked about with, beside those that are known of it. */
  readonly group?: readonly string[]
}

type Flags = IdentityFlags & Record<string, unknown>
type Act = (flags: Flags, args: readonly string[]) => Promise<number>

/** Elsewhere `-n` says only where objects go that name no namespace; here it asks in one as well. */
function inNamespace(command: Command, what: string): Command {
  const option = command.options.find(({ long }) => long === '--namespace')
  if (option) option.description = `${what}, and where objects go that name none`
  return command
}

function asking(command: Command): Command {
  return identities(inNamespace(command, 'the namespace that is asked about'))
    .option('--history <path>', 'audit logs, from which groups are learned; may be given again', collect)
    .option('-A, --all-namespaces', 'for all namespaces at once: what holds in one of them does not count')
    .option('--as-of <time>', 'for grants that expire: YYYY-MM-DD, or with a time (default: now)')
}

/** `access …`: one command a question. */
export function registerAccess(program: Command, done: (code: number) => void): void {
  const access = program.command('access').description('who can, who did, who should no longer')
  const command = (name: string, text: string, formats: string, act: Act): Command =>
    reading(access.command(name).description(text), formats).action(async (...given: unknown[]) => {
      const flags = given.at(-2) as Flags
      const args = given.slice(0, -2).flatMap((each) => (Array.isArray(each) ? each : [each]))
      done(
        await act(
          { ...flags, output: flags.output ?? [] },
          args.filter((each): each is string => typeof each === 'string'),
        ),
      )
    })

  asking(
    command('can', 'whether a subject may, and by which bindings', 'table, json, yaml', async (flags, args) =>
      (await import('./can.ts')).can(flags, args),
    ),
  )
    .argument('<subject>', 'user:NAME, group:NAME, sa:NAMESPACE/NAME')
    .argument('<verb>', 'get, list, create, … as rules name it')
    .argument('<resource>', 'pods, pods/exec, deployments.apps, secrets/NAME, or a path: /metrics')
    .option('--group <name>', 'a group of the user, as kubectl has --as-group; may be given again', collect)
    .option('--subresource <name>', 'of the resource, as kubectl has it')

  asking(
    command(
      'who-can',
      'every subject that may, and by which bindings',
      'table, json, yaml, csv, name',
      async (flags, args) => (await import('./who-can.ts')).whoCan(flags, args),
    ),
  )
    .argument('<verb>', 'get, list, create, … as rules name it')
    .argument('<resource>', 'pods, pods/exec, deployments.apps, secrets/NAME, or a path: /metrics')
    .option('--subresource <name>', 'of the resource, as kubectl has it')

  asking(
    command('rules', 'all that a subject may, and by which bindings', 'table, json, yaml, csv', async (flags, args) =>
      (await import('./rules.ts')).rules(flags, args),
    ),
  )
    .argument('<subject>', 'user:NAME, group:NAME, sa:NAMESPACE/NAME')
    .option('--group <name>', 'a group of the user, as kubectl has --as-group; may be given again', collect)

  identities(
    inNamespace(
      command(
        'used',
        'what a subject was granted and what it used; who touched an object',
        'table, json, yaml, csv',
        async (flags, args) => (await import('./used.ts')).used(flags, args),
      ),
      'the namespace of --on',
    ),
  )
    .argument('[subject]', 'user:NAME, group:NAME, sa:NAMESPACE/NAME (default: everybody)')
    .option('--history <path>', 'audit logs; may be given again', collect)
    .option('--on <resource>', 'only what was done to this: secrets/NAME, pods, deployments.apps/NAME; -n says where')
    .option('--since <time>', 'only from then on: YYYY-MM-DD, or with a time')
    .option('--until <time>', 'only before then')

  proving(
    identities(
      command(
        'minimize',
        'roles and bindings that grant what was used, with the proof that they break nothing',
        'yaml, json, diff, table',
        async (flags, args) => (await import('./minimize.ts')).minimize(flags, args),
      ),
    ),
  )
    .argument('[subject...]', 'user:NAME, group:NAME, sa:NAMESPACE/NAME')
    .option('--all', 'every subject of the history')
    .option(
      '--keep <name>',
      'a binding, subject, or policy or role of a cloud that stays as it is (break-glass); may be given again',
      collect,
    )
    .option('-w, --write <folder>', 'write objects and patches of your files there')
    .option('--max-spare <share>', 'most that a general rule may grant beyond what was used (default: 0.05)', share)

  identities(
    command(
      'offboard',
      'all that a person holds, one change that ends it, and what cannot be ended',
      'table, json, yaml',
      async (flags, args) => (await import('./offboard.ts')).offboard(flags, args),
    ),
  )
    .argument('<subject>', 'user:NAME, group:NAME, sa:NAMESPACE/NAME')
    .option('--history <path>', 'audit logs; may be given again', collect)
    .option('-w, --write <folder>', 'write objects and patches of your files there')

  identities(
    command(
      'findings',
      'shared, stolen, dormant and departed credentials; wide and dangling grants',
      'table, json, csv, sarif',
      async (flags) => (await import('./findings.ts')).findings(flags),
    ),
  )
    .option('--history <path>', 'audit logs; may be given again', collect)
    .option('--as-of <time>', 'what is late or has left by then: YYYY-MM-DD (default: the last record)')
    .addOption(
      new Option('--fail-on <severity>', 'exit 1 when there is a finding at least this grave').choices(FAIL_ON),
    )

  command(
    'expand',
    'RBACDefinitions of rbac-manager as the bindings and accounts that they make',
    'yaml, json, table',
    async (flags) => (await import('./expand.ts')).expand(flags),
  )
    .option(
      '--against <path>',
      'what the cluster has: told is what would be created, changed, deleted; may be given again',
      collect,
    )
    .option('--history <path>', 'audit logs: who would lose what was used; may be given again', collect)
    .option('--as-of <time>', 'for grants that expire: YYYY-MM-DD, or with a time (default: now)')
}
