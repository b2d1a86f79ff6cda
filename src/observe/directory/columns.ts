/** What people call the columns of their exports; compared without case, spaces and punctuation. */
const COLUMNS = {
  name: [
    'user',
    'username',
    'userid',
    'userprincipalname',
    'upn',
    'login',
    'loginname',
    'account',
    'accountname',
    'samaccountname',
    'uid',
    'subject',
  ],
  email: ['email', 'emails', 'mail', 'emailaddress', 'primaryemail', 'workemail', 'useremail'],
  groups: ['groups', 'group', 'memberof', 'groupnames', 'teams', 'team'],
  active: [
    'active',
    'status',
    'enabled',
    'isactive',
    'accountenabled',
    'accountstatus',
    'userstatus',
    'state',
    'employmentstatus',
  ],
  inactive: ['disabled', 'suspended', 'inactive', 'deactivated', 'blocked'],
  left: [
    'left',
    'leftat',
    'lefton',
    'leftdate',
    'leavedate',
    'leavingdate',
    'lastday',
    'lastworkingday',
    'terminated',
    'terminatedat',
    'terminateddate',
    'terminationdate',
    'enddate',
    'exitdate',
    'departuredate',
    'deactivatedat',
    'offboarded',
    'offboardedat',
  ],
} as const

export type Column = keyof typeof COLUMNS

const byName = new Map<string, Column>(
  (Object.keys(COLUMNS) as Column[]).flatMap((column) => COLUMNS[column].map((name) => [name, column] as const)),
)

export function columnOf(title: string): Column | undefined {
  return byName.get(title.toLowerCase().replace(/[^a-z0-9]/g, ''))
}

const PRESENT = [
  'active',
  'enabled',
  'true',
  'yes',
  'y',
  '1',
  'present',
  'employed',
  'current',
  'provisioned',
  'onleave',
  'leave',
  'open',
  'ok',
]
const GONE = [
  'inactive',
  'disabled',
  'false',
  'no',
  'n',
  '0',
  'left',
  'leaver',
  'terminated',
  'departed',
  'gone',
  'suspended',
  'deactivated',
  'deprovisioned',
  'offboarded',
  'resigned',
  'former',
  'deleted',
  'closed',
  'blocked',
]
const STATUS = new Map<string, boolean>([
  ...PRESENT.map((each) => [each, true] as const),
  ...GONE.map((each) => [each, false] as const),
])

/** Whether somebody is there, by a word of a status column; undefined for a word that says neither. */
export function statusOf(text: string): boolean | undefined {
  return STATUS.get(text.toLowerCase().replace(/[^a-z0-9]/g, ''))
}

const DAY_MS = 86_400_000
/** A day has ended everywhere when it has at UTC-12. */
const LATEST_ZONE_MS = 12 * 3_600_000

/**
 * When somebody left, in milliseconds since 1970: a time as RFC 3339 has it, or a day, at whose end it was. `03/04/2026`
 * may be two days and is none.
 */
export function leftAtOf(text: string): number | undefined {
  const trimmed = text.trim()
  if (trimmed.length > 64) return undefined
  if (/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?\s?(Z|[+-]\d\d:?\d\d)?$/.test(trimmed)) {
    const iso = trimmed.replace(' ', 'T').replace(/\s/g, '')
    const time = Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`)
    return Number.isNaN(time) ? undefined : time
  }
  const day = dayOf(trimmed)
  return day === undefined ? undefined : day + DAY_MS + LATEST_ZONE_MS
}

function dayOf(text: string): number | undefined {
  const iso = /^(\d{4})[-/.](\d\d?)[-/.](\d\d?)$/.exec(text)
  if (iso) return utc(iso[1], iso[2], iso[3])
  const dotted = /^(\d\d?)\.(\d\d?)\.(\d{4})$/.exec(text)
  if (dotted) return utc(dotted[3], dotted[2], dotted[1])
  const slashed = /^(\d\d?)[/-](\d\d?)[/-](\d{4})$/.exec(text)
  if (!slashed) return undefined
  const [, a, b, year] = slashed
  if (Number(a) > 12) return utc(year, b, a)
  if (Number(b) > 12 || a === b) return utc(year, a, b)
  return undefined
}

function utc(year: string | undefined, month: string | undefined, day: string | undefined): number | undefined {
  const time = Date.UTC(Number(year), Number(month) - 1, Number(day))
  const date = new Date(time)
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day) && time > 0 ? time : undefined
}
