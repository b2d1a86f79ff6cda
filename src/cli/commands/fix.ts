import { statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Profile } from '../../engines/policy/selection.ts'
import type { Fix } from '../../fix/fix.ts'
import { type PatchedFiles, patchAll, patchedFiles } from '../../fix/patches.ts'
import { type Analysis, fixesOf, type Options, proofOfFixes } from '../../loop.ts'
import { CHANGED } from '../../observe/files/locate.ts'
import type { Input } from '../../observe/files/read.ts'
import type { Facts } from '../../prove/facts.ts'
import type { ResourceRef } from '../../report/evidence.ts'
import { ownerOf, toApply } from '../../report/plan.ts'
import { clean } from '../../report/text.ts'
import { yamlText } from '../../report/yaml.ts'
import { EXIT, UsageError } from '../exit.ts'
import { targetsOf, write } from '../output.ts'
import { type PlanFlags, planInput, proofOptions, STEPS } from '../plan.ts'
import { isInside, isThere, replaceFiles, writeBelow } from '../replace.ts'

const FORMATS = ['diff', 'yaml', 'json', 'name'] as const

export interface FixFlags extends Omit<PlanFlags, 'plan'> {
  /** `--plan N`: how many steps. */
  readonly plan?: number
  readonly id?: readonly string[]
  readonly write?: string
  readonly inPlace?: boolean
  readonly profile?: Profile
  readonly profileVersion?: string
  readonly checks?: readonly string[]
  readonly policy?: readonly string[]
  readonly exceptions?: readonly string[]
  readonly polarisConfig?: string
}

/** Gives the changes of the first steps of the plan, or of single fixes, as patches or objects, or makes them in the files. */
export async function fix(flags: FixFlags): Promise<number> {
  if (flags.write !== undefined && flags.inPlace === true)
    throw new UsageError('-w writes beside your files and --in-place into them; choose one')
  if (flags.inPlace === true && flags.filename?.includes('-'))
    throw new UsageError('--in-place changes files, and standard input is none; -o yaml gives the objects to apply')
  if (flags.profile !== undefined || flags.checks !== undefined || flags.policy !== undefined)
    return (await import('./fix-checks.ts')).fixChecks(flags)
  const targets = targetsOf(flags, FORMATS)
  // Of a fix that is named, it only matters whether it is the first step, which may be of several.
  // Of a plan, later steps may make an earlier one needless: the first N are those of the plan that `scan` prints.
  const wanted = flags.id === undefined ? Math.max(STEPS, flags.plan ?? STEPS) : 1
  const { analysis, plan, code: read, facts, options } = await planInput({ ...flags, plan: true, steps: wanted })
  const steps = (plan?.steps ?? []).slice(0, flags.plan ?? STEPS)
  const note = (text: string): void => {
    if (flags.quiet !== true) process.stderr.write(`${clean(text)}\n`)
  }
  const stale = plan?.rejected.find(({ reason }) => reason.includes(CHANGED))
  if (stale) throw new UsageError(`${stale.reason}; nothing was written`)
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
    note('no change that is known here lowers the risk')
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
  if (broken !== undefined) note(broken)
  const code = broken === undefined || read !== EXIT.ok ? read : EXIT.breaks
  if (flags.inPlace === true) {
    const [first] = unpatched
    if (first !== undefined)
      throw new UsageError(`${first} cannot be changed in place; -o yaml gives the objects to apply`)
    changeInPlace(patched.files, analysis.input, flags, note)
    return code
  }
  const isPatch = targets.some(({ format }) => format === 'diff')
  if (unpatched.length > 0 && isPatch)
    note(`no patches of ${unpatched.join(', ')}, only of files as they are; -o yaml gives the objects to apply`)
  const news = patched.patches.flatMap(({ file }) => (patched.files.created(file) ? [file] : []))
  if (flags.write !== undefined) {
    writeByOwner(flags.write, chosen, analysis, files, note)
    noteNew(news, analysis.input, flags, note)
    return code
  }
  if (isPatch) noteNew(news, analysis.input, flags, note)
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

type Note = (text: string) => void
type Read = Pick<Input, 'files' | 'bytes'>

/** Files that were read, and are as they were; and new ones, which never replace one that was not read. */
export function changeInPlace(files: PatchedFiles, input: Read, flags: FixFlags, note: Note): void {
  const { files: read, bytes } = input
  const changed = [...files.changed()]
  const refusal = (name: string) => (): string | undefined => {
    const now = bytes(read.indexOf(name))
    return now && 'refused' in now ? now.refused : undefined
  }
  replaceFiles(
    changed.map(([name, content]) => ({
      name,
      content,
      ...(files.created(name) ? {} : { refusal: refusal(name) }),
    })),
    flags.filename ?? [],
  )
  for (const [name] of changed) note(`changed ${name}`)
  noteNew(
    changed.flatMap(([name]) => (files.created(name) ? [name] : [])),
    input,
    flags,
    note,
  )
}

const KUSTOMIZATIONS = ['kustomization.yaml', 'kustomization.yml', 'Kustomization']

/** What keeps a new file from being read by the next scan, or from being deployed. */
function noteNew(names: readonly string[], input: Read, flags: FixFlags, note: Note): void {
  const named = (flags.filename ?? []).filter((name) => name !== '-').map((name) => resolve(name))
  const isFolder = (name: string): boolean => statSync(name, { throwIfNoEntry: false })?.isDirectory() === true
  const folders = new Set(named.filter(isFolder))
  /** Of a folder of which a file was read that was not named, the others are read as well. */
  const walked = new Set(
    input.files
      .map((file) => resolve(file))
      .filter((file) => !named.includes(file))
      .map(dirname),
  )
  for (const name of names) {
    const folder = dirname(resolve(name))
    const isRead =
      walked.has(folder) ||
      folders.has(folder) ||
      (flags.recursive === true && [...folders].some((each) => isInside(folder, each)))
    if (flags.inPlace !== true && isThere(name))
      note(`${name} is there already and was not read; name it with -f as well, or scan its folder`)
    else if (!isRead)
      note(`new: ${name}: name it with -f as well, or scan its folder; else the next scan does not read it`)
    const kustomization = KUSTOMIZATIONS.map((each) => join(dirname(name), each)).find(isThere)
    if (kustomization !== undefined) note(`new: ${name}: ${kustomization} does not list it: add it to its resources`)
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
  start: PatchedFiles,
  note: Note,
): void {
  let files = start
  const texts = new Map<string, string>()
  for (const [at, { id, fixes }] of chosen.entries()) {
    const owner = ownerOf(fixes, applications)
    const stem = join(
      owner === undefined ? 'without-owner' : slug(owner),
      `${String(at + 1).padStart(2, '0')}-${slug(id)}`,
    )
    const patched = patchAll(files, fixes)
    if ('refused' in patched) throw new UsageError(`${patched.fix.id}: ${patched.refused}`)
    files = patched.files
    const patch = patched.patches.map(({ diff }) => diff).join('')
    const yaml = objectPieces([{ id, title: '', fixes }], 'yaml').join('')
    if (patch !== '') texts.set(`${stem}.patch`, patch)
    if (yaml !== '') texts.set(`${stem}.yaml`, yaml)
  }
  writeBelow(folder, texts)
  for (const name of texts.keys()) note(`wrote ${join(folder, name)}`)
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
