import type { DirectoryPlace, PersonEntry } from '../../cluster/directory.ts'
import { type Column, columnOf, leftAtOf, statusOf } from './columns.ts'

export type Columns = ReadonlyMap<Column, readonly number[]>

/** Where each column stands; undefined where none names a user. A first row without names of columns is no header. */
export function columnsOf(titles: readonly string[]): Columns | undefined {
  const found = new Map<Column, number[]>()
  titles.forEach((title, at) => {
    const column = columnOf(title)
    if (column !== undefined) found.set(column, [...(found.get(column) ?? []), at])
  })
  return found.has('name') || found.has('email') ? found : undefined
}

const MOST_GROUPS = 10_000
export const MOST_EMAILS = 32

/** What a row says; `unread` tells what of it is not understood. */
export function personOfRow(
  cells: readonly string[],
  columns: Columns,
  place: DirectoryPlace,
  unread: (why: string) => void,
): PersonEntry | undefined {
  const told = (column: Column): readonly string[] =>
    (columns.get(column) ?? []).map((at) => cells[at] ?? '').filter((cell) => cell !== '')
  const [name = ''] = told('name')
  const emails = told('email')
    .flatMap((cell) => cell.split(/[;,\s]+/).filter((each) => each !== ''))
    .slice(0, MOST_EMAILS)
  if (name === '' && emails.length === 0) {
    unread('names no user')
    return undefined
  }
  let active: boolean | undefined
  for (const cell of told('active')) {
    const status = statusOf(cell)
    if (status === undefined) unread(`status ${JSON.stringify(cell.slice(0, 40))} is not known`)
    else if (active !== false) active = status
  }
  for (const cell of told('inactive')) {
    const status = statusOf(cell)
    // A column `suspended` may hold a reason or a date instead of a word.
    if (status === true || (status === undefined && leftAtOf(cell) !== undefined)) active = false
    else if (status === undefined) unread(`status ${JSON.stringify(cell.slice(0, 40))} is not known`)
  }
  let leftAt: number | undefined
  for (const cell of told('left')) {
    const date = leftAtOf(cell)
    const status = date === undefined ? statusOf(cell) : undefined
    if (date !== undefined) leftAt = Math.min(leftAt ?? date, date)
    // `terminated: yes` is a word and not a date, and so is `-`.
    else if (status !== undefined) active = status ? false : active
    else if (!/^[-–—]+$|^(n\/?a|null|none|never)$/i.test(cell))
      unread(`date ${JSON.stringify(cell.slice(0, 40))} is not clear`)
  }
  const groups = told('groups').flatMap((cell) => cell.split(/[;,|\n]/).map((each) => each.trim()))
  return {
    name,
    emails,
    groups: groups.filter((each) => each !== '').slice(0, MOST_GROUPS),
    active,
    ...(leftAt === undefined ? {} : { leftAt }),
    id: '',
    place,
  }
}
