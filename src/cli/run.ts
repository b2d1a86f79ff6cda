import { basename } from 'node:path'
import { Command, CommanderError, Option } from 'commander'
import { PROFILES } from '../engines/policy/selection.ts'
import { clean } from '../report/text.ts'
import { registerAccess } from './commands/access/register.ts'
import { registerTraffic } from './commands/traffic/register.ts'
import { EXIT, UsageError } from './exit.ts'
import { FAIL_ON } from './fail-on.ts'
import {
  atLeastOne,
  type CommonFlags,
  collect,
  identities,
  minorVersion,
  podSecurityVersion,
  proving,
  reading,
  small,
} from './options.ts'
import { VERSION } from './version.ts'

/** Runs the command line; gives its exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  let code: number = EXIT.ok
  const program = new Command()
    .name(basename(process.argv[1] ?? '').startsWith('kubectl-') ? 'kubectl bulkhead' : 'bulkhead')
    .description('Shows how far a breach of any application or credential in a Kubernetes cluster would spread.')
    .version(VERSION)
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride()
  const command = (
    name: string,
    text: string,
    formats: string,
    act: (flags: CommonFlags & Record<string, unknown>, args: readonly string[]) => Promise<number>,
  ): Command =>
    reading(program.command(name).description(text), formats).action(async (...given: unknown[]) => {
      const flags = given.at(-2) as CommonFlags & Record<string, unknown>
      code = await act(
        { ...flags, output: flags.output ?? [] },
        given.slice(0, -2).filter((each) => typeof each === 'string') as string[],
      )
    })

  const scanning = (made: Command): Command => identities(proving(made))

  scanning(
    command('scan', 'the main job: read, map, judge, rank, prove', 'table, wide, json, yaml, md, html', async (flags) =>
      (await import('./commands/scan.ts')).scan(flags),
    ),
  )
    .option('--steps <count>', 'most steps of the plan (default: 10)', small)
    .option('--no-plan', 'only map and judge')
    .addOption(
      new Option('--fail-on <severity>', 'exit 1 when there is a finding at least this grave').choices([
        'critical',
        'high',
        'medium',
        'low',
        'none',
      ]),
    )
    .option('--graph', 'with -o json: carry the graph, as the HTML report does')
  command('apps', 'the applications, and how each was found', 'table, json, yaml, name', async (flags) =>
    (await import('./commands/apps.ts')).apps(flags),
  )
  identities(
    command('radius', 'what each entry controls and is in contact with', 'table, json', async (flags, [application]) =>
      (await import('./commands/radius.ts')).radius(flags, application),
    ),
  ).argument('[app]', 'only entries of this application, or this entry')
  identities(
    command('path', 'the best way from one thing to another', 'table, json', async (flags, [from, to]) =>
      (await import('./commands/path.ts')).path(flags, from ?? '', to ?? ''),
    ),
  )
    .argument('<from>', 'a workload, a subject (user:NAME, group:NAME, sa:NAMESPACE/NAME), an id')
    .argument('<to>', 'an asset, a workload, a node, an id')
  identities(
    command('graph', 'every node and edge with its evidence', 'json, dot', async (flags) =>
      (await import('./commands/graph.ts')).graph(flags),
    ),
  )

  scanning(
    command(
      'fix',
      'the changes of the plan, or of checks, as patches of your files or objects to apply',
      'diff, yaml, json, name',
      async (flags) => (await import('./commands/fix.ts')).fix(flags),
    ),
  )
    .option('--plan <count>', 'only the first steps of the plan', atLeastOne)
    .option('--id <id>', 'only this fix; may be given again', collect)
    .option('-w, --write <folder>', 'write patches and objects there, a folder for each owner')
    .option('--in-place', 'change the files that were read')
    .addOption(new Option('--profile <name>', 'fix what fails the checks of this profile').choices(PROFILES))
    .option('--profile-version <v1.N>', 'the version of Pod Security (default: latest)', podSecurityVersion)
    .option('--checks <ids>', 'fix what fails these checks, separated by commas; may be given again', collect)
    .option('--policy <path>', 'policies of your own and their fixes; may be given again', collect)
    .option('--exceptions <path>', 'with --profile or --checks: what was accepted is left alone', collect)
    .option('--polaris-config <file>', 'with --profile or --checks: a configuration of Polaris')
  scanning(
    command('prove', 'replay history against any change', 'table, json', async (flags) =>
      (await import('./commands/prove.ts')).prove(flags),
    ),
  )
    .option('--fix <path>', 'file or folder of objects as they would be applied; may be given again', collect)
    .option('--delete <id>', 'KIND/NAMESPACE/NAME of what would be deleted; may be given again', collect)

  const policy = program.command('policy').description('checks and users’ own policies over objects')
  reading(
    policy.command('eval').description('what the checks say of every object'),
    'table, wide, json, yaml, csv, name, md, sarif, junit, github, polaris',
  )
    .addOption(new Option('--profile <name>', 'which checks are asked (default: default)').choices(PROFILES))
    .option('--profile-version <v1.N>', 'the version of Pod Security (default: latest)', podSecurityVersion)
    .option('--checks <ids>', 'only these, separated by commas; may be given again', collect)
    .option('--policy <path>', 'policies of your own, with bindings and params; may be given again', collect)
    .option('--all-results', 'also what passes')
    .option('--exceptions <path>', 'what was accepted, by whom and until when; may be given again', collect)
    .option('--polaris-config <file>', 'a configuration of Polaris: severities, exemptions, custom checks')
    .option('--baseline <file>', 'an earlier result as JSON: what failed then does not count for --fail-on')
    .addOption(
      new Option('--fail-on <severity>', 'exit 1 when something fails that is at least this grave').choices(FAIL_ON),
    )
    .action(async (flags: CommonFlags) => {
      code = await (await import('./commands/policy/eval.ts')).evaluate({ ...flags, output: flags.output ?? [] })
    })

  policy
    .command('list')
    .description('the checks that there are')
    .addOption(new Option('--profile <name>', 'only those of this profile (default: all)').choices(PROFILES))
    .option('--profile-version <v1.N>', 'the version of Pod Security (default: latest)', podSecurityVersion)
    .option('--policy <path>', 'also policies of your own; may be given again', collect)
    .option(
      '-o, --output <format>',
      'table, json, name, md; FORMAT=FILE writes a file, and may be given again',
      collect,
    )
    .option('--output-file <path>', 'write the output there')
    .action(async (flags: { readonly output?: readonly string[] }) => {
      code = await (await import('./commands/policy/list.ts')).list(flags)
    })
  policy
    .command('export')
    .description('policies and bindings for a cluster, ready to apply')
    .addOption(new Option('--profile <name>', 'which policies (default: default)').choices(PROFILES))
    .option('--profile-version <v1.N>', 'the version of Pod Security (default: latest)', podSecurityVersion)
    .option('--checks <ids>', 'only these, separated by commas; may be given again', collect)
    .addOption(new Option('--action <name>', 'what a failure does (default: Audit)').choices(['Audit', 'Warn', 'Deny']))
    .option('--with-fixes', 'also the policies that fix what fails')
    .option('--exclude-namespace <name>', 'where they do not hold; may be given again', collect)
    .option('--kubernetes-version <v1.N>', 'of the cluster (default: v1.36)', minorVersion)
    .option('-o, --output <format>', 'yaml, json, name; FORMAT=FILE writes a file, and may be given again', collect)
    .option('--output-file <path>', 'write the output there')
    .option('-q, --quiet', 'no notes on standard error')
    .action(async (flags: { readonly output?: readonly string[] }) => {
      const { exportPolicies } = await import('./commands/policy/export.ts')
      code = await exportPolicies({ ...flags, output: flags.output ?? [] })
    })
  policy
    .command('import')
    .description('what other tools accept, as Exception objects; their own checks as policies')
    .argument('<file...>', 'configuration of Polaris or kube-linter, exceptions of Kubescape, .trivyignore')
    .requiredOption('--owner <name>', 'who answers for what is taken over')
    .option('--expires <day>', 'until when it holds, where its source does not say: YYYY-MM-DD (default: never)')
    .option('--output-file <path>', 'write the output there')
    .option('-q, --quiet', 'no notes on standard error')
    .action(async (files: readonly string[], flags: { readonly owner: string }) => {
      code = await (await import('./commands/policy/import.ts')).importSettings(files, flags)
    })
  policy
    .command('test')
    .description('runs the examples beside policies: good.yaml, bad.yaml, fix.yaml')
    .argument('<path...>', 'folders with a policy.yaml, at any depth')
    .option(
      '--kubernetes-version <v1.N>',
      'whose language holds (default: v1.36, or what the policy says)',
      minorVersion,
    )
    .option('-o, --output <format>', 'table, json; FORMAT=FILE writes a file, and may be given again', collect)
    .option('--output-file <path>', 'write the output there')
    .option('-q, --quiet', 'no notes on standard error')
    .action(async (paths: readonly string[], flags: { readonly output?: readonly string[] }) => {
      const { testPolicies } = await import('./commands/policy/test.ts')
      code = await testPolicies(paths, { ...flags, output: flags.output ?? [] })
    })

  registerAccess(program, (exit) => {
    code = exit
  })
  registerTraffic(program, (exit) => {
    code = exit
  })

  try {
    await program.parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.code === 'commander.excessArguments')
        process.stderr.write('what to read is named by -f: -f FOLDER -R\n')
      return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    }
    if (error instanceof UsageError) {
      process.stderr.write(`${program.name()}: ${clean(error.message)}\n`)
      return EXIT.usage
    }
    throw error
  }
}
