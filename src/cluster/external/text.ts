import { secretOf } from './authority.ts'
import { bracketAt, endOfHosts, nameOf, OPENS, portAfterComma, storageHost } from './drivers.ts'
import type { Found } from './found.ts'
import { BLANK, blank } from './placeholders.ts'
import { readToken } from './token.ts'

/** More of one value is not read. Kubernetes itself allows 1 MiB for a whole ConfigMap. */
export const MAX_TEXT = 256 * 1024

/** A longer list of hosts is data, such as a blocklist. */
const MAX_FOUND = 1000

export interface Scan {
  readonly found: readonly Found[]
  /** Not all of it was read. */
  readonly cut: boolean
}

/**
 * Finds what a text names as hosts: URLs, `host:port`, and bare names where the key before them says that a host
 * follows. One pass over tokens, no backtracking. `key` is the name of the whole text: of the variable or the flag.
 */
export function findHosts(text: string, key: string): Scan {
  const cut = text.length > MAX_TEXT
  const found: Found[] = []
  const { text: read, names } = blank(cut ? text.slice(0, MAX_TEXT) : text)
  let blanks = 0
  const isOneLine = !read.includes('\n')
  let listKey = key
  for (const line of isOneLine ? [read] : read.split('\n')) {
    const here = isOneLine ? line : withoutComment(line)
    if (found.length > MAX_FOUND) break
    const isItem = /^\s*-\s/.test(here)
    const last = readLine(here, isItem || isOneLine ? listKey : '', found, names, blanks)
    if (!isOneLine && here.trim() !== '' && (!isItem || last !== '')) listKey = last
    blanks += count(line)
  }
  return { found: found.slice(0, MAX_FOUND), cut: cut || found.length > MAX_FOUND }
}

const COMMENT = /^\s*(#|\/\/|;|--\s|\*|\/\*|<!--|REM\s)/

function withoutComment(line: string): string {
  if (COMMENT.test(line)) return ''
  const from = line.search(/\s(#|\/\/)\s/)
  return from < 0 ? line : line.slice(0, from)
}

function count(line: string): number {
  let total = 0
  for (const char of line) if (char === BLANK) total++
  return total
}

/** What parts tokens: everything that can neither be in a host nor join a name, a URL and its parts. */
const DELIMITER = /[\s"'`<>|;(){}[\],\\]/
const SPACE = /[\s"'`]/

function isDelimiter(char: string): boolean {
  return DELIMITER.test(char)
}

/** Returns the key that the line ends with, which a list on the next lines belongs to. */
function readLine(line: string, outer: string, found: Found[], names: readonly string[], blanksBefore: number): string {
  let key = outer
  let keyUsed = false
  let start = -1
  let blanks = blanksBefore
  let comma = false
  let space = -1
  let previous = ''
  let opened = ''
  let secret: Found['userInfo']
  let bracket: ReturnType<typeof bracketAt>
  let hostToken: string | undefined
  const first = found.length
  for (let index = 0; index <= line.length; index++) {
    const isEnd = index === line.length || isDelimiter(line[index] as string)
    if (!isEnd) {
      if (start < 0) start = index
      continue
    }
    if (line[index] === ',') comma = true
    if (start >= 0 && line[index] === ',') index = endOfHosts(line, start, index, isDelimiter)
    if (SPACE.test(line[index] ?? '')) space = index
    if (start < 0) continue
    const token = line.slice(start, index)
    const begin = start
    start = -1
    if (isKeyAhead(line, index) && KEY.test(token)) {
      previous = nameOf(token, previous)
      continue
    }
    const last = found.at(-1)
    const port = previous === hostToken ? portAfterComma(line, begin, token) : undefined
    if (port !== undefined && last !== undefined && last.port === undefined) found[found.length - 1] = { ...last, port }
    // A key reaches as far as its value, and what commas join to that.
    if (keyUsed && !comma) {
      key = outer
      keyUsed = false
    }
    comma = line[index] === ','
    const split = splitKey(token, previous)
    if (split.key !== undefined) {
      key = split.key
      keyUsed = false
      opened = split.value === '' ? key : ''
    }
    previous = token
    if (split.value === '') continue
    opened = ''
    keyUsed = key !== outer
    if (OPENS.test(key)) secret = secretOf(`:${split.value}`, names, blanks, false)
    const before = found.length
    const next = bracketAt(line, space, index, names, blanks + count(token))
    if (next === undefined) readToken(split.value, key, found, names, blanks)
    hostToken = found.length > before ? token : undefined
    open(found, before, bracket?.userInfo)
    bracket = next
    blanks += count(token)
  }
  const storage = storageHost(line)
  if (storage && !found.slice(first).some(({ by }) => by === 'url'))
    found.push({ ...storage, port: undefined, by: 'url', key: outer, userInfo: undefined, variables: [] })
  // `host=db user=app password=…`: of one connection, as drivers write it.
  open(found, first, secret)
  return opened
}

function open(found: Found[], from: number, userInfo: Found['userInfo']): void {
  if (userInfo === undefined) return
  for (let index = from; index < found.length; index++) {
    const each = found[index] as Found
    if (each.userInfo === undefined) found[index] = { ...each, userInfo }
  }
}

/** `"key": ` and `key = `: the mark that makes a key stands apart. */
function isKeyAhead(line: string, from: number): boolean {
  let index = from
  while (index < line.length && (line[index] === '"' || line[index] === "'")) index++
  const quoted = index > from
  while (index < line.length && line[index] === ' ' && index - from < 16) index++
  const mark = line[index]
  if (mark !== ':' && mark !== '=') return false
  const next = line[index + 1]
  return quoted || next === undefined || next === ' ' || next === '>' || next === '='
}

const KEY = /^[A-Za-z_][A-Za-z0-9_.-]*$/

/** `key=value`, `key:`, `--flag`, or `:` and `=` standing alone after a key. */
function splitKey(token: string, previous: string): { readonly key?: string; readonly value: string } {
  if (token === ':' || token === '=' || token === ':=' || token === '=>')
    return KEY.test(previous) ? { key: previous, value: '' } : { value: '' }
  const flag = token.startsWith('-') ? token.replace(/^-+/, '') : token
  const equals = flag.indexOf('=')
  if (equals > 0) {
    const name = flag.slice(0, equals)
    if (KEY.test(name)) return { key: nameOf(name, previous), value: flag.slice(equals + 1) }
  }
  if (flag.endsWith(':') && KEY.test(flag.slice(0, -1))) return { key: flag.slice(0, -1), value: '' }
  if (flag !== token && flag.length > 1 && KEY.test(flag)) return { key: flag, value: '' }
  return { value: token }
}
