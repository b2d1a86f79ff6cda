import { type Command, InvalidArgumentError, Option } from 'commander'

/** What every command that reads a cluster takes, with kubectl's names. */
export interface CommonFlags {
  readonly filename?: readonly string[]
  readonly recursive?: boolean
  readonly namespace?: string
  readonly output: readonly string[]
  readonly outputFile?: string
  readonly weights?: string
  readonly config?: string
  readonly kubernetesVersion?: string
  readonly enforced: 'yes' | 'no' | 'assume'
  readonly allowPartial?: boolean
  readonly trustTree?: boolean
  readonly maxInput?: number
  readonly maxObjects?: number
  readonly quiet?: boolean
  readonly progress: boolean
  /** Exports of AWS, Google Cloud, Azure, or a Terraform state. */
  readonly cloud?: readonly string[]
  /** People, their groups and who has left: CSV, or SCIM as JSON. */
  readonly directory?: readonly string[]
  /** What the API server puts before the directory's names of users and of groups. */
  readonly userPrefix?: readonly string[]
  readonly groupPrefix?: readonly string[]
}

export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  if (value === '') throw new InvalidArgumentError('it is empty')
  return [...(before ?? []), value]
}

export function minorVersion(value: string): string {
  if (!/^v?1\.\d{1,3}(\.|$|[-+])/.test(value)) throw new InvalidArgumentError('expected v1.N, as in v1.36')
  return value
}

export function namespace(value: string): string {
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(value) || value.length > 63)
    throw new InvalidArgumentError('expected the name of a namespace')
  return value
}

export function podSecurityVersion(value: string): string {
  if (value !== 'latest' && !/^v1\.\d{1,3}$/.test(value)) throw new InvalidArgumentError('expected v1.N or latest')
  return value
}

export function mebibytes(value: string): number {
  const count = Number(value)
  if (!Number.isInteger(count) || count < 1 || count > 4096)
    throw new InvalidArgumentError('expected a number of MiB from 1 to 4096')
  return count
}

export function objectCount(value: string): number {
  const count = Number(value)
  if (!Number.isInteger(count) || count < 1 || count > 100_000_000)
    throw new InvalidArgumentError('expected a number of objects')
  return count
}

export function share(value: string): number {
  const count = Number(value)
  if (!(count >= 0 && count <= 1)) throw new InvalidArgumentError('expected a number from 0 to 1')
  return count
}

export function small(value: string): number {
  const count = Number(value)
  if (!Number.isInteger(count) || count < 0 || count > 1000)
    throw new InvalidArgumentError('expected a number from 0 to 1000')
  return count
}

export function atLeastOne(value: string): number {
  const count = small(value)
  if (count === 0) throw new InvalidArgumentError('expected a number from 1 to 1000')
  return count
}

/** What every command takes that asks who is who: all that draw the graph, and those of access. */
export function identities(command: Command): Command {
  return command
    .option(
      '--cloud <path>',
      'exports of AWS, Google Cloud or Azure, or a Terraform state; may be given again',
      collect,
    )
    .option('--directory <file>', 'people, groups and leavers: CSV, or SCIM as JSON; may be given again', collect)
    .option(
      '--user-prefix <text>',
      'what the API server puts before user names of the directory (--oidc-username-prefix); may be given again',
      collect,
    )
    .option('--group-prefix <text>', 'the same of groups (--oidc-groups-prefix); may be given again', collect)
}

/** What every command that ranks or proves takes. */
export function proving(command: Command): Command {
  return command
    .option('--history <path>', 'audit logs and flow logs to replay; may be given again', collect)
    .option('--min-days <count>', 'least days of history for a verdict (default: 7)', small)
    .option('--max-unseen <share>', 'most of the behaviour that may be unseen (default: 0.01)', share)
}

export function reading(command: Command, formats: string): Command {
  return command
    .option('-f, --filename <path>', 'file, folder or - for standard input; may be given again', collect)
    .option('-R, --recursive', 'read folders inside folders')
    .option('-n, --namespace <name>', 'where objects go that name no namespace (it filters nothing)', namespace)
    .option('-o, --output <format>', `${formats}; FORMAT=FILE writes a file, and may be given again`, collect)
    .option('--output-file <path>', 'write the output there')
    .option('--kubernetes-version <v1.N>', 'whose rules hold (default: what the input says, else v1.36)', minorVersion)
    .addOption(
      new Option('--enforced <answer>', 'whether the cluster enforces NetworkPolicies')
        .choices(['yes', 'no', 'assume'])
        .default('assume'),
    )
    .option('--weights <file>', 'values of assets and entries; `equal` for equal ones')
    .option('--config <file>', 'applications and their owners')
    .option('--allow-partial', 'exit 0 although something named could not be read')
    .option(
      '--max-input <MiB>',
      'most that is read of one file or stream (default: 1024 of a file, 256 of a stream)',
      mebibytes,
    )
    .option('--max-objects <count>', 'most objects of a run (default: 200000)', objectCount)
    .option('--trust-tree', 'let settings lie inside what is scanned')
    .option('-q, --quiet', 'no notes on standard error')
    .option('--no-progress', 'no progress on standard error')
}
