import type { Json, JsonObject } from '../../cluster/json.ts'

/** A column of a table that was exported as text. */
export interface Column {
  readonly name: string
  /** Times as the portal of Azure writes them. */
  readonly isPortalTime: boolean
}

const PORTAL_TIME = / \[UTC\]$/

export function columnsOf(names: readonly string[]): readonly Column[] {
  const bare = names.map((name) => ({
    name: name.trim().replace(PORTAL_TIME, ''),
    isPortalTime: PORTAL_TIME.test(name),
  }))
  const lower = new Set(bare.map(({ name }) => name.toLowerCase()))
  const isEvents = lower.has('auditid') && lower.has('verb') && !bare.some(({ name }) => name === 'AuditId')
  // Texts of fields are no event: table.ts makes one of them.
  return isEvents ? bare.map((each) => ({ ...each, name: each.name.toLowerCase() })) : bare
}

/** A row as an object of texts, without what is empty. */
export function recordOf(columns: readonly Column[], cells: readonly string[]): JsonObject {
  const fields: [string, Json][] = []
  for (const [index, { name, isPortalTime }] of columns.entries()) {
    const cell = cells[index] ?? ''
    if (cell !== '') fields.push([name, isPortalTime ? ofPortal(cell) : cell])
  }
  return Object.fromEntries(fields)
}

/** `5/1/2026, 10:00:00.123 PM` */
const CLOCK = /^(\d{1,2})\/(\d{1,2})\/(\d{4}), (\d{1,2}):(\d\d):(\d\d(?:\.\d{1,7})?) ([AP])M$/

function ofPortal(cell: string): string {
  const [, month = '', day = '', year = '', hour = '', minute = '', second = '', half] = CLOCK.exec(cell) ?? []
  if (half === undefined) return cell
  const hours = (Number(hour) % 12) + (half === 'P' ? 12 : 0)
  const two = (part: string | number): string => `${part}`.padStart(2, '0')
  return `${year}-${two(month)}-${two(day)}T${two(hours)}:${minute}:${second}Z`
}
