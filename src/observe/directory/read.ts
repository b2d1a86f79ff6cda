import { isUtf8 } from 'node:buffer'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Directory,
  directoryOf,
  type GroupEntry,
  NO_PREFIXES,
  type PersonEntry,
  type Prefixes,
} from '../../cluster/directory.ts'
import { isObject, type Json, type JsonObject } from '../../cluster/json.ts'
import { type Problem, problem } from '../../errors.ts'
import { jsonFault } from '../files/json-fault.ts'
import { isArchive, LIMITS, type Limits, readFile } from '../files/source.ts'
import { csvRows, delimiterOf } from './csv.ts'
import { resourcesIn } from './json-values.ts'
import { columnsOf, personOfRow } from './rows.ts'
import { decodeResource } from './scim.ts'

export interface ReadDirectory {
  readonly directory: Directory
  readonly problems: readonly Problem[]
}

export interface DirectoryOptions {
  readonly prefixes?: Prefixes
  readonly limits?: Partial<Limits>
}

/** People and groups of all files together; and problems of one file, after which the rest of it is not told. */
const MOST_ENTRIES = 1_000_000
const MOST_PROBLEMS = 100
const MOST_BYTES = 256 * 1024 ** 2
const MOST_RESOURCE = 16 * 1024 ** 2

/** Reads CSV and SCIM, told apart by what they hold; folders by the files in them. */
export async function readDirectory(paths: readonly string[], options: DirectoryOptions = {}): Promise<ReadDirectory> {
  const reader = new Reader()
  const limits: Limits = { ...LIMITS, source: MOST_BYTES, stream: MOST_BYTES, ...options.limits }
  for (const path of paths) {
    for (const file of await filesOf(path)) {
      const { bytes, problems } = await readFile(file, limits)
      reader.problems.push(...problems)
      if (bytes.length > 0) reader.read(file, bytes)
    }
  }
  return {
    directory: directoryOf(reader.people, reader.groups, options.prefixes ?? NO_PREFIXES),
    problems: reader.problems,
  }
}

const EXTENSION = /\.(csv|tsv|json|jsonl|ndjson)(\.gz)?$/i

/** Of a folder its files of these kinds; anything else is read as it is named, and a missing file is told by the reading. */
async function filesOf(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined)
  if (!entries) return [path]
  const files = entries
    .filter((entry) => entry.isFile() && EXTENSION.test(entry.name))
    .map(({ name }) => join(path, name))
  return files.sort()
}

class Reader {
  readonly people: PersonEntry[] = []
  readonly groups: GroupEntry[] = []
  readonly problems: Problem[] = []
  #file = ''
  #told = 0

  read(file: string, bytes: Buffer): void {
    this.#file = file
    this.#told = 0
    if (isArchive(bytes)) {
      this.problems.push(problem('BH_ARCHIVE', {}, { file }))
      return
    }
    const text = textOf(bytes)
    if (text === undefined) {
      this.problems.push(problem('BH_UTF8', { byte: faultAt(bytes) }, { file }))
      return
    }
    const first = /[^\s\ufeff]/.exec(text.slice(0, 4096))?.[0]
    if (first === '{' || first === '[') this.#json(text)
    else this.#csv(text)
  }

  #tell(why: string, line?: number): void {
    this.#told++
    if (this.#told < MOST_PROBLEMS)
      this.problems.push(
        problem('BH_DIRECTORY', { why }, { file: this.#file, ...(line === undefined ? {} : { line }) }),
      )
    else if (this.#told === MOST_PROBLEMS)
      this.problems.push(problem('BH_TOO_MANY', { count: MOST_PROBLEMS - 1, of: 'problems' }, { file: this.#file }))
  }

  #isFull(): boolean {
    if (this.people.length + this.groups.length < MOST_ENTRIES) return false
    this.problems.push(problem('BH_TOO_MANY', { count: MOST_ENTRIES, of: 'people and groups' }, { file: this.#file }))
    return true
  }

  #csv(text: string): void {
    const rows = csvRows(text, delimiterOf(text.replace(/^\ufeff/, '')))
    const header = rows.next()
    const columns = header.done === true ? undefined : columnsOf(header.value.cells)
    if (!columns) {
      this.#tell('its first line names no column of users (user, username, login, email)', 1)
      return
    }
    for (const { cells, line, open } of rows) {
      if (this.#isFull()) return
      if (open) this.#tell('a quote does not end', line)
      const place = { file: this.#file, line }
      const person = personOfRow(cells, columns, place, (why) => this.#tell(why, line))
      if (person) this.people.push(person)
    }
  }

  #json(text: string): void {
    let line = 1
    let counted = 0
    const before = this.people.length + this.groups.length
    for (const { start, end } of resourcesIn(text)) {
      if (this.#isFull()) return
      for (let at = text.indexOf('\n', counted); at >= 0 && at < start; at = text.indexOf('\n', at + 1)) line++
      counted = start
      if (end - start > MOST_RESOURCE) {
        this.#tell('a resource is larger than 16 MiB', line)
        continue
      }
      const value = this.#parse(text.slice(start, end), line)
      if (value === undefined) continue
      const place = { file: this.#file, line }
      const found = decodeResource(value, place) ?? this.#flat(value, place)
      if (!found) this.#tell('is neither a user nor a group of SCIM', line)
      else if ('person' in found) this.people.push(found.person)
      else this.groups.push(found.group)
    }
    if (this.people.length + this.groups.length === before && this.#told === 0)
      this.#tell('holds neither users nor groups')
  }

  #parse(text: string, line: number): Json | undefined {
    try {
      return JSON.parse(text) as Json
    } catch {
      this.#tell(faultOf(text), line)
      return undefined
    }
  }

  /** An object with the names of columns of a CSV. */
  #flat(value: Json, place: { file: string; line: number }): { person: PersonEntry } | undefined {
    if (!isObject(value)) return undefined
    const keys = Object.keys(value).slice(0, 256)
    const columns = columnsOf(keys)
    if (!columns) return undefined
    const cells = keys.map((key) => cellOf(value, key))
    const person = personOfRow(cells, columns, place, (why) => this.#tell(why, place.line))
    return person && { person }
  }
}

function cellOf(value: JsonObject, key: string): string {
  const cell = value[key]
  if (Array.isArray(cell)) return cell.filter((each) => typeof each === 'string').join(';')
  return typeof cell === 'string' || typeof cell === 'number' || typeof cell === 'boolean' ? String(cell) : ''
}

/** jsonFault goes down by recursion, and what is nested deeper than a stack has no better word. */
function faultOf(text: string): string {
  try {
    return jsonFault(text)?.why ?? 'is not JSON'
  } catch {
    return 'is not JSON'
  }
}

function textOf(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le', 2)
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined
}

function faultAt(bytes: Buffer): number {
  let good = 0
  let bad = bytes.length
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    // A cut inside a character is no fault: the next three bytes may end it.
    const holds = [0, 1, 2, 3].some((more) => isUtf8(bytes.subarray(0, Math.min(bytes.length, middle + more))))
    if (holds) good = middle
    else bad = middle
  }
  return good
}
