import { problem } from '../../errors.ts'
import { proofOf } from '../../loop.ts'
import { readInputs } from '../../observe/files/read.ts'
import { jsonLines } from '../../report/json.ts'
import { reportProof } from '../../report/plan.ts'
import { proofLines } from '../../report/proof-text.ts'
import { API_VERSION } from '../../report/report.ts'
import { clean } from '../../report/text.ts'
import { analyseInput } from '../analyse.ts'
import { EXIT, UsageError } from '../exit.ts'
import { targetsOf, write } from '../output.ts'
import { factsOf, type PlanFlags, proofOptions } from '../plan.ts'
import { tellProblems } from '../read.ts'
import { readOnce } from '../standard-input.ts'
import { terminal } from '../terminal.ts'

const FORMATS = ['table', 'json'] as const

export interface ProveFlags extends PlanFlags {
  readonly fix?: readonly string[]
  readonly delete?: readonly string[]
}

/** Replays history against objects that a user brings: those of `--fix` as they would be applied, without those of `--delete`. */
export async function prove(flags: ProveFlags): Promise<number> {
  const targets = targetsOf(flags, FORMATS)
  if ((flags.fix ?? []).length === 0 && (flags.delete ?? []).length === 0)
    throw new UsageError('name the change: --fix FILE of what would be applied, or --delete KIND/NAMESPACE/NAME')
  const names = flags.fix ?? []
  readOnce({ '-f': flags.filename, '--history': flags.history, '--fix': names })
  const { analysis, options, code: read } = await analyseInput(flags)
  const given = await readInputs(names, {
    recursive: true,
    stdin: process.stdin,
    ...(flags.namespace === undefined ? {} : { namespace: flags.namespace }),
  })
  const problems = [
    ...given.problems,
    ...(names.length > 0 && given.count === 0 ? [problem('BH_NOTHING', { what: names.join(', ') })] : []),
  ]
  if (flags.quiet !== true) tellProblems(problems)
  const unread = problems.length > 0 && flags.allowPartial !== true ? EXIT.partial : EXIT.ok
  const { facts, code: replayed } = await factsOf(flags, analysis, true)
  const { proof, unknown, notes } = proofOf(analysis, options, {
    applied: given.objects,
    deleted: flags.delete ?? [],
    facts,
    proof: proofOptions(flags),
  })
  const [missing] = unknown
  if (missing !== undefined)
    throw new UsageError(
      `--delete ${missing}: the input holds no such object; name it KIND/NAMESPACE/NAME, KIND//NAME where it has no namespace`,
    )
  if (flags.quiet !== true) for (const note of notes) process.stderr.write(`${clean(note)}\n`)
  for (const target of targets) {
    const pieces =
      target.format === 'json'
        ? jsonLines({ apiVersion: API_VERSION, kind: 'Proof', ...reportProof(proof) })
        : proofLines(reportProof(proof), terminal(process.stdout, target.file !== undefined)).map((line) => `${line}\n`)
    await write(pieces, target)
  }
  const code = Math.max(read, unread, replayed)
  if (code !== EXIT.ok) return code
  return proof.verdict === 'breaks' ? EXIT.breaks : EXIT.ok
}
