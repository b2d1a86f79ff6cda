import { isUtf8 } from 'node:buffer'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { because } from '../../cluster/because.ts'
import type { CloudExports } from '../../cluster/cloud/exports.ts'
import { isObject, type Json, list } from '../../cluster/json.ts'
import { parseYaml } from '../../cluster/yaml.ts'
import { type Problem, problem } from '../../errors.ts'
import { isArchive, LIMITS, type Limits, readFile } from '../files/source.ts'
import { awsEc2, awsEks } from './aws-eks.ts'
import { awsIam } from './aws-iam.ts'
import { awsOrganizations } from './aws-organizations.ts'
import { azure } from './azure.ts'
import { type Decoder, type Draft, emptyDraft } from './draft.ts'
import { gcp } from './gcp.ts'
import { decodeAncestry } from './gcp-hierarchy.ts'
import { nodePools } from './node-pools.ts'
import { terraform } from './terraform.ts'
import { jsonValues, type Values } from './values.ts'

export interface ReadCloud {
  readonly cloud: CloudExports
  readonly problems: readonly Problem[]
}

/** Every form that is read; the first that knows a value takes it. */
const DECODERS: readonly Decoder[] = [terraform, nodePools, awsOrganizations, awsIam, awsEks, awsEc2, gcp, azure]

const MOST_BYTES = 256 * 1024 ** 2
const MOST_YAML = 16 * 1024 ** 2
const MOST_PROBLEMS = 100
const MOST_FOLDERS = 8
const MOST_FILES = 20_000

/** Reads exports of clouds, told apart by what they hold; folders with all that is in them. */
export async function readCloud(paths: readonly string[], options: Partial<Limits> = {}): Promise<ReadCloud> {
  const limits: Limits = { ...LIMITS, source: MOST_BYTES, stream: MOST_BYTES, ...options }
  const draft = emptyDraft()
  const problems: Problem[] = []
  for (const path of paths) {
    for (const file of await filesOf(path, problems)) {
      const source = await readFile(file, limits)
      problems.push(...source.problems)
      if (source.bytes.length > 0) readOne(file, source.bytes, draft, problems)
    }
  }
  return { cloud: draft, problems }
}

const EXTENSION = /\.(json|jsonl|ndjson|ya?ml|tfstate)(\.gz)?$/i

async function filesOf(path: string, problems: Problem[], depth = 0): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined)
  // What is no folder is read as it is named, and a missing file is told by the reading.
  if (!entries) return [path]
  const files: string[] = []
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (files.length >= MOST_FILES) {
      problems.push(problem('BH_TOO_MANY', { count: MOST_FILES, of: 'files' }, { file: path }))
      break
    }
    if (entry.isFile() && EXTENSION.test(entry.name)) files.push(join(path, entry.name))
    else if (entry.isDirectory() && depth < MOST_FOLDERS)
      files.push(...(await filesOf(join(path, entry.name), problems, depth + 1)))
  }
  return files
}

function readOne(file: string, bytes: Buffer, draft: Draft, problems: Problem[]): void {
  let told = 0
  const tell = (why: string, line: number): void => {
    told++
    if (told < MOST_PROBLEMS) problems.push(problem('BH_CLOUD', { why }, { file, line }))
    else if (told === MOST_PROBLEMS)
      problems.push(problem('BH_TOO_MANY', { count: MOST_PROBLEMS - 1, of: 'problems' }, { file }))
  }
  if (isArchive(bytes)) {
    problems.push(problem('BH_ARCHIVE', {}, { file }))
    return
  }
  const text = textOf(bytes)
  if (text === undefined) {
    tell('is not text of UTF-8', 1)
    return
  }
  const { values, lineOf, fault } = valuesOf(text)
  if (fault) tell(fault.why, fault.line)
  else if (values.length === 0) tell('holds nothing', 1)
  const decoding = {
    draft,
    file,
    from: (words: string, item: Json) => ({ ...because(words), place: { file, line: lineOf(item) } }),
    tell: (why: string, item: Json) => tell(why, lineOf(item)),
  }
  for (const value of values) {
    const items = Array.isArray(value) ? list(value) : [value]
    decodeAncestry(items, decoding)
    for (const item of items)
      if (!DECODERS.some((decode) => decode(item, decoding)))
        tell(`${isObject(item) ? `an object with ${keysOf(item)}` : 'a value'} is no export that is read`, lineOf(item))
  }
}

function keysOf(item: Json): string {
  const keys = Object.keys(item as object).slice(0, 3)
  return keys.length === 0 ? 'no keys' : `the keys ${keys.map((key) => JSON.stringify(key.slice(0, 40))).join(', ')}`
}

/** PowerShell redirects as UTF-16. */
function textOf(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le', 2)
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined
}

/** gcloud writes YAML unless it is told otherwise, and aws by `--output yaml`. */
function valuesOf(text: string): Values {
  const first = /[^\s\ufeff]/.exec(text.slice(0, 4096))?.[0]
  if (first === '{' || first === '[') return jsonValues(text)
  if (text.length > MOST_YAML)
    return { values: [], lineOf: () => 1, fault: { why: 'is larger than 16 MiB and no JSON', line: 1 } }
  const values: Json[] = []
  const lines = new Map<object, number>()
  let line = 1
  for (const document of text.split(/^---[^\n]*\n/m)) {
    const parsed = parseYaml(document)
    const lineOf = (value: Json): number => (isObject(value) && lines.get(value)) || 1
    if (parsed.problem)
      return { values, lineOf, fault: { why: parsed.problem.message, line: line + parsed.problem.line } }
    if (parsed.value !== null) {
      values.push(parsed.value)
      markLines(parsed.value, line, lines)
    }
    line += document.split('\n').length
  }
  return { values, lineOf: (value) => (isObject(value) && lines.get(value)) || 1 }
}

/** Of YAML a document's place stands for all that is in it. */
function markLines(value: Json, line: number, lines: Map<object, number>): void {
  const open: Json[] = [value]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null || lines.has(next)) continue
    lines.set(next, line)
    open.push(...(Object.values(next) as Json[]))
  }
}
