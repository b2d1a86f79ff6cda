import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Fix } from '../../fix/fix.ts'
import { patchAll, patchedFiles } from '../../fix/patches.ts'
import { type Analysis, fixesOf, type Options, proofOfFixes } from '../../loop.ts'
import type { Facts } from '../../prove/facts.ts'
import type { ResourceRef } from '../../report/evidence.ts'
import { ownerOf, toApply } from '../../report/plan.ts'
import { clean } from '../../report/text.ts'
import { yamlText } from '../../report/yaml.ts'
import { EXIT, UsageError } from '../exit.ts'
import { parseTargets, write } from '../output.ts'
import { type PlanFlags, planInput, proofOptions, STEPS } from '../plan.ts'

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
  if (flags.inPlace === true && flags.filename?.includes('-'))
    throw new UsageError('--in-place changes files, and standard input is none; -o yaml gives the objects to apply')
  const targets = parseTargets(flags.output.length === 0 ? ['diff'] : flags.output, flags.outputFile, FORMATS)
  if (typeof targets === 'string') throw new UsageError(targets)
  // Of a fix that is named, it only matters whether it is the first step, which may be of several.
  // Of a plan, later steps may make an earlier one needless: the first N are those of the plan that `scan` prints.
  const wanted = flags.id === undefined ? Math.max(STEPS, flags.plan ?? STEPS) : 1
  const { analysis, plan, code: read, facts, options } = await planInput({ ...flags, plan: true, steps: wanted })
  const steps = (plan?.steps ?? []).slice(0, flags.plan ?? STEPS)
  const named = flags.id && [...new Set(flags.id)]
  const known = named ? fixesOf(analysis, options, facts) : []
  const chosen: readonly Chosen[] =
    named === undefined
      ? steps.map(({ id, title, fixes }) => ({ id, title, fixes }))
      : named.map((id) => {
          const step = steps.find((each) => each.id === id)
          if (step && named.length === 1 && step === steps[0]) return { id, title: step.title, fixes: step.fixes }
          const single = known.find((each) => each.id === id)
          if (!single)
            throw new UsageError(
              `no fix has the id ${id}; -o name lists those of the plan (a later step of it is made after the ones before: --plan N)`,
            )
          return { id, title: single.title, fixes: [single] }
        })
  if (chosen.length === 0) {
    process.stderr.write('no change that is known here lowers the risk\n')
    return read
  }
  const files = patchedFiles({ names: analysis.input.files, bytes: analysis.input.bytes }, analysis.input.objects)
  const patched = patchAll(
    files,
    chosen.flatMap(({ fixes }) => fixes),
  )
  if ('refused' in patched) throw new UsageError(`${patched.fix.id}: ${patched.refused}`)
  const unpatched = patched.files.unpatched()
  const broken = named && facts ? breaking(analysis, options, facts, flags, chosen) : undefined
  if (broken !== undefined && flags.quiet !== true) process.stderr.write(`${clean(broken)}\n`)
  const code = broken === undefined || read !== EXIT.ok ? read : EXIT.breaks
  if (flags.inPlace === true) {
    const [first] = unpatched
    if (first !== undefined)
      throw new UsageError(`${first} cannot be changed in place; -o yaml gives the objects to apply`)
    changeInPlace(patched.files.changed(), analysis.input.files)
    return code
  }
  if (unpatched.length > 0 && flags.quiet !== true && targets.some(({ format }) => format === 'diff'))
    process.stderr.write(
      `no patches of ${clean(unpatched.join(', '))}, only of files as they are; -o yaml gives the objects to apply\n`,
    )
  if (flags.write !== undefined) {
    writeByOwner(flags.write, chosen, analysis, files)
    return code
  }
  const { deletes } = toApply(chosen.flatMap(({ fixes }) => fixes))
  if (flags.quiet !== true && targets.some(({ format }) => format === 'json'))
    for (const each of deletes) process.stderr.write(`to delete: ${refText(each)}\n`)
  for (const target of targets) {
    const pieces =
      target.format === 'diff'
        ? patched.patches.map(({ diff }) => diff)
        : target.format === 'name'
          ? chosen.map(({ id, title }) => `${id}\t${clean(title)}\n`)
          : objectPieces(chosen, target.format)
    await write(pieces, target)
  }
  return code
}

/** Files that were read, and new ones, which never replace one that was not. */
function changeInPlace(files: ReadonlyMap<string, Buffer>, read: readonly string[]): void {
  for (const name of files.keys())
    if (!read.includes(name) && existsSync(name))
      throw new UsageError(`${name} is there already and was not read; name it with -f as well`)
  for (const [name, bytes] of files) {
    written(name, bytes)
    process.stderr.write(`changed ${clean(name)}\n`)
  }
}

function written(name: string, content: Buffer | string): void {
  try {
    mkdirSync(dirname(name), { recursive: true })
    writeFileSync(name, content)
  } catch (error) {
    throw new UsageError(`${name}: cannot write: ${(error as Error).message}`)
  }
}

/** A fix that is asked for by its id is given, and what recorded history says against it is said. */
function breaking(
  analysis: Analysis,
  options: Options,
  facts: Facts,
  flags: FixFlags,
  chosen: readonly Chosen[],
): string | undefined {
  const fixes = chosen.flatMap((each) => each.fixes)
  const { verdict, counterexamples } = proofOfFixes(analysis, options, fixes, facts, proofOptions(flags))
  const [first] = counterexamples
  if (verdict !== 'breaks' || !first) return undefined
  return `breaks what was recorded: ${first.what}: ${first.why} (${first.place.file}:${first.place.line})`
}

interface Chosen {
  readonly id: string
  readonly title: string
  readonly fixes: readonly Fix[]
}

function objectPieces(chosen: readonly Chosen[], format: string): readonly string[] {
  const { objects, deletes } = toApply(chosen.flatMap(({ fixes }) => fixes))
  if (format === 'json') return [`${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, null, 2)}\n`]
  const notes = deletes.map((each) => `# delete: ${refText(each)}\n`)
  return [...notes, objects.map((object) => yamlText(object as object)).join('---\n')]
}

function refText({ kind, namespace, name }: ResourceRef): string {
  return clean(`${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`)
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
      written(file, text)
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
