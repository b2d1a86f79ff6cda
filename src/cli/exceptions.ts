import { existsSync } from 'node:fs'
import type { CheckItem, CheckOptions } from '../checks.ts'
import { field, type Json, string } from '../cluster/json.ts'
import type { Check } from '../engines/check.ts'
import { JOINS } from '../engines/joins.ts'
import { catalogueChecks, LATEST_POD_SECURITY } from '../engines/policy/selection.ts'
import { type Baseline, decodeBaseline } from '../exceptions/baseline.ts'
import { polarisIds } from '../exceptions/check-names.ts'
import { documentOf } from '../exceptions/document.ts'
import type { Decoded, Exception, ExceptionNote } from '../exceptions/exception.ts'
import { decodePostureExceptions, isPostureExceptions } from '../exceptions/kubescape.ts'
import { decodeException, isException } from '../exceptions/object.ts'
import { decodeTrivyIgnore, decodeTrivyIgnoreYaml } from '../exceptions/trivy-ignore.ts'
import { type ForeignFile, type ReadExceptions, readExceptions } from '../observe/exceptions.ts'
import { UsageError } from './exit.ts'
import { scannedWith, settingsText } from './settings.ts'

export interface ExceptionFlags {
  readonly filename?: readonly string[]
  readonly trustTree?: boolean
  readonly profile?: string
  readonly exceptions?: readonly string[]
  readonly polarisConfig?: string
  readonly baseline?: string
}

/** What `--exceptions` and `--polaris-config` give a run of checks. `now`: the day is that of UTC. */
export async function acceptedBy(
  flags: ExceptionFlags,
  catalogue: CheckOptions['catalogue'],
  now: Date,
): Promise<Pick<CheckOptions, 'exceptions' | 'joins' | 'severities'>> {
  const scanned = flags.trustTree === true ? [] : (flags.filename ?? [])
  const missing = flags.exceptions?.find((name) => !existsSync(name))
  if (missing !== undefined) throw new UsageError(`${missing}: there is no such file or folder`)
  const given = decodeAll(await readExceptions(flags.exceptions ?? [], isPostureExceptions), scanned)
  const today = now.toISOString().slice(0, 10)
  if (flags.polarisConfig === undefined) return { exceptions: { ...given, today } }
  const document = documentOf(flags.polarisConfig, settingsText(flags.polarisConfig, scanned))
  if (!('value' in document))
    throw new UsageError(`${flags.polarisConfig}:${document.location?.line ?? 1}: ${document.text}`)
  const known = polarisIds([
    ...catalogueChecks(catalogue, LATEST_POD_SECURITY),
    ...JOINS.map(({ check }): Check => check),
  ])
  const { decodePolaris } = await import('../exceptions/polaris/configuration.ts')
  const polaris = decodePolaris(document, known, flags.profile === 'polaris')
  return {
    exceptions: {
      exceptions: [...given.exceptions, ...polaris.exceptions],
      notes: [...given.notes, ...polaris.notes],
      today,
      withoutPolarisAnnotations: polaris.withoutPolarisAnnotations,
    },
    joins: polaris.checks,
    severities: polaris.severities,
  }
}

/** A file inside what is scanned silences as its annotations do, whatever names it. */
function decodeAll({ input, foreign, problems }: ReadExceptions, scanned: readonly string[]): Decoded {
  const decoded = [
    ...input.objects.map((object): Decoded => {
      if (isException(object)) return decodeException(object, 'given', input.locate)
      const location = object.origin && input.locate(object.origin, [])
      return noteOnly('malformed', `${object.id} is no Exception of bulkhead.dev/v1alpha1`, location)
    }),
    ...foreign.map(decodeForeign),
    ...problems.map(({ message, file, line, column }) =>
      noteOnly('malformed', message, file === undefined ? undefined : { file, line: line ?? 1, column: column ?? 1 }),
    ),
  ]
  if (input.other > 0)
    decoded.push(
      noteOnly(
        'malformed',
        input.other === 1
          ? 'one document is no Kubernetes object and was not read'
          : `${input.other} documents are no Kubernetes objects and were not read`,
      ),
    )
  return {
    exceptions: decoded.flatMap(({ exceptions }) => exceptions.map((each) => placed(each, scanned))),
    notes: decoded.flatMap(({ notes }) => notes),
  }
}

function decodeForeign({ name, text, kind }: ForeignFile): Decoded {
  if (kind === 'trivyignore') return decodeTrivyIgnore(name, text)
  const document = documentOf(name, text)
  if (!('value' in document)) return { exceptions: [], notes: [document] }
  return kind === 'json' ? decodePostureExceptions(document) : decodeTrivyIgnoreYaml(document)
}

function placed(exception: Exception, scanned: readonly string[]): Exception {
  const file = exception.place?.()?.file
  return file !== undefined && scannedWith(file, scanned) !== undefined ? { ...exception, from: 'tree' } : exception
}

function noteOnly(kind: ExceptionNote['kind'], text: string, location?: ExceptionNote['location']): Decoded {
  return { exceptions: [], notes: [{ kind, text, ...(location ? { location } : {}) }] }
}

/** What `--baseline` names. */
export function baselineOf(flags: ExceptionFlags): Baseline | undefined {
  const { baseline, filename = [] } = flags
  if (baseline === undefined) return undefined
  const text = settingsText(baseline, flags.trustTree === true ? [] : filename)
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch (error) {
    throw new UsageError(`${baseline}: no JSON: ${(error as Error).message}`)
  }
  const decoded = decodeBaseline(value)
  if (typeof decoded === 'string') throw new UsageError(`${baseline}: ${decoded}`)
  return decoded
}

/** The items with those marked that the baseline has: all of whose containers failed the check already. */
export function* compared(items: readonly CheckItem[], baseline: Baseline): Generator<CheckItem> {
  for (const item of items) {
    const { check, object, result } = item
    const { kind, namespace, name } = object
    const resource = { apiVersion: string(field(object.body, 'apiVersion')) ?? '', kind, namespace, name }
    const containers = result === 'fail' ? new Set(item.at().map(({ container }) => container)) : new Set<undefined>()
    if (result === 'fail' && containers.size === 0) containers.add(undefined)
    const isKnown = result === 'fail' && [...containers].every((each) => baseline.has(check.id, resource, each))
    yield isKnown ? { ...item, known: true } : item
  }
}
