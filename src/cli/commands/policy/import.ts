import { basename } from 'node:path'
import { field, isObject, type Json, type JsonObject, object } from '../../../cluster/json.ts'
import { JOINS } from '../../../engines/joins.ts'
import { catalogueChecks, LATEST_POD_SECURITY } from '../../../engines/policy/selection.ts'
import { CheckNames, polarisIds } from '../../../exceptions/check-names.ts'
import { documentOf, type SettingsDocument } from '../../../exceptions/document.ts'
import { type Decoded, type ExceptionNote, isDay } from '../../../exceptions/exception.ts'
import { decodeKubeLinter } from '../../../exceptions/kube-linter.ts'
import { decodePostureExceptions, isPostureExceptions } from '../../../exceptions/kubescape.ts'
import { decodePolaris } from '../../../exceptions/polaris/configuration.ts'
import { policyOf } from '../../../exceptions/polaris/policy.ts'
import { decodeTrivyIgnore, decodeTrivyIgnoreYaml } from '../../../exceptions/trivy-ignore.ts'
import { exceptionObject } from '../../../exceptions/written.ts'
import { readCatalogue } from '../../../observe/catalogue.ts'
import { clean } from '../../../report/text.ts'
import { yamlText } from '../../../report/yaml.ts'
import { EXIT, UsageError } from '../../exit.ts'
import { write } from '../../output.ts'
import { settingsText } from '../../settings.ts'

export interface ImportFlags {
  readonly owner: string
  readonly expires?: string
  readonly outputFile?: string
  readonly quiet?: boolean
}

interface Imported extends Decoded {
  readonly policies: readonly JsonObject[]
}

/** Writes what other tools accept as Exception objects, and their own checks as policies where CEL says them simply. */
export async function importSettings(files: readonly string[], flags: ImportFlags): Promise<number> {
  const expires = flags.expires ?? 'never'
  if (expires !== 'never' && !isDay(expires)) throw new UsageError('--expires is neither a day (YYYY-MM-DD) nor never')
  const { policies } = readCatalogue()
  const checks = [...catalogueChecks(policies, LATEST_POD_SECURITY), ...JOINS.map(({ check }) => check)]
  const names = new CheckNames(checks)
  const written: JsonObject[] = []
  const notes: ExceptionNote[] = []
  for (const file of files) {
    const imported = importFile(file, polarisIds(checks))
    notes.push(...imported.notes)
    for (const each of imported.exceptions) {
      const location = each.place?.()
      const told = (text: string): void => {
        notes.push({ kind: 'not-carried-over', text: `${each.name}: ${text}`, ...(location ? { location } : {}) })
      }
      const unknown = each.checks.filter((name) => names.resolve(name).length === 0)
      const known = each.checks.filter((name) => !unknown.includes(name))
      if (unknown.length > 0) told(`no check of ours is ${unknown.join(', ')}`)
      if (known.length === 0) continue
      const made = exceptionObject(
        { ...each, checks: known },
        {
          name: objectName(file, written.length + 1),
          owner: flags.owner,
          expires,
          reason: `taken over from ${basename(file)} (${each.name})`,
        },
      )
      if (typeof made === 'string') told(made)
      else written.push(made)
    }
    written.push(...imported.policies)
  }
  if (flags.quiet !== true) for (const note of notes) process.stderr.write(`${clean(noteText(note))}\n`)
  const documents = written.map((each, index) => `${index === 0 ? '' : '---\n'}${yamlText(each)}`)
  await write(documents, { format: 'yaml', file: flags.outputFile })
  return EXIT.ok
}

function importFile(file: string, known: ReadonlySet<string>): Imported {
  const text = settingsText(file, [])
  if (/trivyignore$/.test(basename(file))) return { ...decodeTrivyIgnore(file, text), policies: [] }
  const document = documentOf(file, text)
  if (!('value' in document)) throw new UsageError(`${file}:${document.location?.line ?? 1}: ${document.text}`)
  const { value } = document
  if (/trivyignore\.ya?ml$/.test(basename(file))) return { ...decodeTrivyIgnoreYaml(document), policies: [] }
  if (isPostureExceptions(value)) return { ...decodePostureExceptions(document), policies: [] }
  if (isKubeLinter(file, value)) return { ...decodeKubeLinter(document), policies: [] }
  if (isPolaris(value)) return importPolaris(document, known)
  throw new UsageError(
    `${file}: no configuration of Polaris or kube-linter, no exceptions of Kubescape, no .trivyignore`,
  )
}

const KUBE_LINTER = ['addAllBuiltIn', 'doNotAutoAddDefaults', 'include', 'exclude', 'ignorePaths'] as const

function isKubeLinter(file: string, value: Json): boolean {
  const checks = object(field(value, 'checks'))
  return /kube-linter/.test(basename(file)) || KUBE_LINTER.some((key) => Object.hasOwn(checks, key))
}

function isPolaris(value: Json): boolean {
  return isObject(value) && ['checks', 'customChecks', 'exemptions'].some((key) => Object.hasOwn(value, key))
}

function importPolaris(document: SettingsDocument, known: ReadonlySet<string>): Imported {
  const { exceptions, custom, severities, notes } = decodePolaris(document, known, false)
  const policies: JsonObject[] = []
  const more: ExceptionNote[] = []
  for (const [id, check] of custom) {
    if ((severities.get(id) ?? 'ignore') === 'ignore') continue
    const made = policyOf(id, check, severities.get(id))
    if (typeof made !== 'string') policies.push(made)
    else
      more.push({
        kind: 'not-carried-over',
        text: `custom check ${id}: no policy was written: ${made}`,
        location: document.place(['customChecks', id]),
      })
  }
  return { exceptions, notes: [...notes, ...more], policies }
}

function objectName(file: string, count: number): string {
  const stem = basename(file)
    .toLowerCase()
    .replaceAll(/\.(ya?ml|json)$/g, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  return `${stem === '' ? 'imported' : stem.slice(0, 200)}-${count}`
}

function noteText({ text, location }: ExceptionNote): string {
  return location ? `${location.file}:${location.line}: ${text}` : text
}
