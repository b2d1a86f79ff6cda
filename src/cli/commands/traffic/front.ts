import { type Front, frontsOf } from '../../../engines/traffic/front/front.ts'
import { parseRanges, type Ranges, SHIPPED_RANGES, withRanges } from '../../../engines/traffic/front/ranges.ts'
import { routesOf } from '../../../engines/traffic/routes/routes.ts'
import type { Fix } from '../../../fix/fix.ts'
import { originLocks } from '../../../fix/front/origin-lock.ts'
import { rateLimitTerraform } from '../../../fix/front/terraform.ts'
import { patchAll, patchedFiles } from '../../../fix/patches.ts'
import { witness } from '../../../report/evidence.ts'
import { jsonLines } from '../../../report/json.ts'
import { toApply } from '../../../report/plan.ts'
import { clean } from '../../../report/text.ts'
import { type TrafficFront, trafficFront } from '../../../report/traffic/front.ts'
import { frontScreen } from '../../../report/traffic/front-screen.ts'
import { yamlText } from '../../../report/yaml.ts'
import { EXIT, UsageError } from '../../exit.ts'
import { type Target, targetsOf, write } from '../../output.ts'
import { settingsFile } from '../../settings.ts'
import { readOnce } from '../../standard-input.ts'
import { terminal } from '../../terminal.ts'
import { readTraffic, type TrafficInput } from './cluster.ts'
import { replayLock } from './front-replay.ts'
import type { TrafficFlags } from './register.ts'

const FORMATS = ['table', 'json', 'yaml'] as const
/** What `--fix` prints: patches of the user's files, or objects to apply. */
const FIX_FORMATS = ['diff', 'yaml'] as const

export interface FrontFlags extends TrafficFlags {
  readonly ranges?: readonly string[]
  readonly fix?: boolean
}

/** Who stands in front of each host, whether there is a way around, and what locks it. */
export async function front(flags: FrontFlags): Promise<number> {
  const targets: readonly Target[] = flags.fix === true ? targetsOf(flags, FIX_FORMATS) : targetsOf(flags, FORMATS)
  readOnce({ '-f': flags.filename, '--history': flags.history })
  const ranges = rangesOf(flags)
  const read = await readTraffic(flags, 'Judging')
  const { cluster, known } = read
  const fronts = frontsOf(cluster, known, routesOf(cluster, known), ranges)
  const fixes = originLocks(fronts, ranges, cluster)
  const replayed =
    flags.history === undefined ? undefined : await replayLock(flags, flags.history, cluster, fronts, ranges)
  const unread = Math.max(read.code, replayed?.code ?? EXIT.ok)
  const code = unread === EXIT.ok && replayed?.found.verdict === 'breaks' ? EXIT.breaks : unread
  if (flags.fix === true) {
    await printFixes(fixes, fronts, read, targets, flags)
    return code
  }
  const document = trafficFront(
    { fronts, fixes, ranges, now: Date.now(), ...(replayed ? { replay: replayed } : {}) },
    witness(cluster.locate),
  )
  for (const target of targets) await write(pieces(document, target), target)
  return code
}

function pieces(document: TrafficFront, { format, file }: Target): Iterable<string> {
  if (format === 'json') return jsonLines(document)
  if (format === 'yaml') return [yamlText(document)]
  return [...frontScreen(document, terminal(process.stdout, file !== undefined))].map((line) => `${line}\n`)
}

/** Those shipped, and those of `--ranges` in their place, provider by provider. */
export function rangesOf(flags: Pick<FrontFlags, 'ranges' | 'filename' | 'trustTree'>): Ranges {
  let ranges = SHIPPED_RANGES
  for (const name of flags.ranges ?? []) {
    const own = parseRanges(settingsFile(name, flags.trustTree === true ? [] : (flags.filename ?? [])), name)
    if (typeof own === 'string') throw new UsageError(`${name}: ${own}`)
    ranges = withRanges(ranges, own)
  }
  return ranges
}

async function printFixes(
  fixes: readonly Fix[],
  fronts: readonly Front[],
  { input }: TrafficInput,
  targets: readonly Target[],
  flags: FrontFlags,
): Promise<void> {
  const note = (text: string): void => {
    if (flags.quiet !== true) process.stderr.write(`${clean(text)}\n`)
  }
  if (fixes.length === 0)
    note('nothing to lock: no door leads around whoever stands in front, or none can be closed here')
  const patched = patchAll(patchedFiles({ names: input.files, bytes: input.bytes }, input.objects), fixes)
  if ('refused' in patched) throw new UsageError(`${patched.fix.id}: ${patched.refused}`)
  for (const { title, notes } of fixes) for (const each of [title, ...notes.map((text) => `  ${text}`)]) note(each)
  const unpatched = patched.files.unpatched()
  if (unpatched.length > 0 && targets.some(({ format }) => format === 'diff'))
    note(`no patches of ${unpatched.join(', ')}, only of files as they are; -o yaml gives the objects to apply`)
  for (const target of targets) {
    const { objects } = toApply(fixes)
    const made =
      target.format === 'diff'
        ? patched.patches.map(({ diff }) => diff)
        : [...objects.map((each) => `---\n${yamlText(each as object)}`), ...edgeText(fronts)]
    await write(made, target)
  }
}

/** What is no object of the cluster, as comments of the YAML: rules at the edge, and what they rest on. */
function edgeText(fronts: readonly Front[]): readonly string[] {
  const terraform = rateLimitTerraform(fronts)
  if (terraform === undefined) return []
  const lines = [
    'The limits of these hosts at the edge, for the Terraform provider of Cloudflare (version 5):',
    '',
    terraform,
  ]
  return [
    '---\n',
    ...lines
      .flatMap((text) => text.split('\n'))
      .map((line) => `# ${line}`.trimEnd())
      .map((line) => `${line}\n`),
  ]
}
