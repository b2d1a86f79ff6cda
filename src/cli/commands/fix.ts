import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Fix } from '../../fix/fix.ts'
import { patchAll, patchedFiles } from '../../fix/patches.ts'
import { type Analysis, fixesOf } from '../../loop.ts'
import { ownerOf, toApply } from '../../report/plan.ts'
import { clean } from '../../report/text.ts'
import { yamlText } from '../../report/yaml.ts'
import { EXIT, UsageError } from '../exit.ts'
import { parseTargets, write } from '../output.ts'
import { type PlanFlags, planInput, STEPS } from '../plan.ts'

const FORMATS = ['diff', 'yaml', 'json', 'name'] as const

export interface FixFlags extends Omit<PlanFlags, 'plan'> {
  /** `--plan N`: how many steps. */
  readonly plan?: number

  readonly id?: readonly string[]
  readonly write?: string
  readonly inPlace?: boolean
}

/** Gives the changes of the first steps of the plan, or of single fixes, as patches or objects, or makes them in the files. */
export async function fix(flags: FixFlags): Promise<number> {
  if (flags.write !== undefined && flags.inPlace === true)
    throw new UsageError('-w writes beside your files and --in-place into them; choose one')
  const targets = parseTargets(flags.output.length === 0 ? ['diff'] : flags.output, flags.outputFile, FORMATS)
  if (typeof targets === 'string') throw new UsageError(targets)
  const { analysis, plan, code, facts, options } = await planInput({ ...flags, plan: true, steps: flags.plan ?? STEPS })
  const steps = plan?.steps ?? []
  const named = flags.id
  const chosen: readonly Chosen[] =
    named === undefined
      ? steps.map(({ id, title, fixes }) => ({ id, title, fixes }))
      : named.map((id) => {
          const step = steps.find((each) => each.id === id)
          if (step && named.length === 1 && step === steps[0]) return { id, title: step.title, fixes: step.fixes }
          const single = fixesOf(analysis, options, facts).find((each) => each.id === id)
          if (!single)
            throw new UsageError(
              `no fix has the id ${id}; -o name lists those of the plan (a later step of it is made after the ones before: --plan N)`,
            )
          return { id, title: single.title, fixes: [single] }
        })
  if (chosen.length === 0) {
    process.stderr.write('no change that is known here lowers the risk\n')
    return code
  }
  const files = patchedFiles({ names: analysis.input.files, bytes: analysis.input.bytes }, analysis.input.objects)
  const patched = patchAll(
    files,
    chosen.flatMap(({ fixes }) => fixes),
  )
  if ('refused' in patched) throw new UsageError(`${patched.fix.id}: ${patched.refused}`)
  if (flags.inPlace === true) {
    for (const [name, bytes] of patched.files.changed()) {
      mkdirSync(dirname(name) || '.', { recursive: true })
      writeFileSync(name, bytes)
      process.stderr.write(`changed ${clean(name)}\n`)
    }
    return code
  }
  if (flags.write !== undefined) {
    writeByOwner(flags.write, chosen, analysis, files)
    return code
  }
  for (const target of targets) {
    const pieces =
      target.format === 'diff'
        ? patched.patches.map(({ diff }) => diff)
        : target.format === 'name'
          ? chosen.map(({ id, title }) => `${id}\t${clean(title)}\n`)
          : objectPieces(chosen, target.format)
    await write(pieces, target)
  }
  return code === EXIT.ok ? EXIT.ok : code
}

interface Chosen {
  readonly id: string
  readonly title: string
  readonly fixes: readonly Fix[]
}

function objectPieces(chosen: readonly Chosen[], format: string): readonly string[] {
  const { objects, deletes } = toApply(chosen.flatMap(({ fixes }) => fixes))
  if (format === 'json') return [`${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, null, 2)}\n`]
  const notes = deletes.map(
    ({ kind, namespace, name }) => `# delete: ${clean(`${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`)}\n`,
  )
  return [...notes, objects.map((object) => yamlText(object as object)).join('---\n')]
}

/** A folder for each owner, in it for each step what to apply and the patch; names of folders are made, never taken. */
function writeByOwner(
  folder: string,
  chosen: readonly Chosen[],
  { applications }: Analysis,
  start: ReturnType<typeof patchedFiles>,
): void {
  let files = start
  for (const [at, { id, fixes }] of chosen.entries()) {
    const owner = ownerOf(fixes, applications)
    const place = join(folder, owner === undefined ? 'without-owner' : slug(owner))
    mkdirSync(place, { recursive: true })
    const stem = `${String(at + 1).padStart(2, '0')}-${slug(id)}`
    const patched = patchAll(files, fixes)
    if ('refused' in patched) throw new UsageError(`${patched.fix.id}: ${patched.refused}`)
    files = patched.files
    const pieces: readonly (readonly [string, string])[] = [
      ['patch', patched.patches.map(({ diff }) => diff).join('')],
      ['yaml', objectPieces([{ id, title: '', fixes }], 'yaml').join('')],
    ]
    for (const [extension, text] of pieces) {
      if (text === '') continue
      const file = join(place, `${stem}.${extension}`)
      writeFileSync(file, text)
      process.stderr.write(`wrote ${clean(file)}\n`)
    }
  }
}

function slug(text: string): string {
  return (
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 100) || 'unnamed'
  )
}
