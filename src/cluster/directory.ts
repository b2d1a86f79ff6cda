/** Where a directory says something: a file and its line, 1-based. */
export interface DirectoryPlace {
  readonly file: string
  readonly line: number
}

/** What one row or resource says of a person; sources may say more of the same person elsewhere. */
export interface PersonEntry {
  /** The user name, empty where the source has e-mails only. */
  readonly name: string
  readonly emails: readonly string[]
  /** As the source names them; of SCIM also by their ids. */
  readonly groups: readonly string[]
  readonly active: boolean | undefined
  /** Milliseconds since 1970, when it was the last moment of the last day. */
  readonly leftAt?: number
  /** The id by which groups of the same source name it. */
  readonly id: string
  readonly place: DirectoryPlace
}

export interface GroupEntry {
  readonly name: string
  readonly id: string
  /** Ids of people or groups, or their names. */
  readonly members: readonly string[]
  readonly place: DirectoryPlace
}

/** What the API server puts before names of one identity provider (`--oidc-username-prefix`, `--oidc-groups-prefix`). */
export interface Prefixes {
  readonly users: readonly string[]
  readonly groups: readonly string[]
}

export interface Membership {
  readonly group: string
  readonly place: DirectoryPlace
}

export interface Person {
  /** The user name that was told first, or the e-mail. */
  readonly id: string
  /** User names under which the person may be bound or logged, prefixed ones included. */
  readonly names: readonly string[]
  readonly groups: readonly Membership[]
  /** Undefined where no source tells. */
  readonly active: boolean | undefined
  readonly leftAt?: number
  /** Of what says that the person left, else of the first entry. */
  readonly place: DirectoryPlace
}

export interface Directory {
  readonly people: readonly Person[]
  /**
   * Who has a user name: exactly, else as directories compare names, without regard to case (RFC 7643, 2.4 and 4.1.1:
   * userName and e-mail are not caseExact), where only one person fits. Never by likeness.
   */
  personOf(user: string): Person | undefined
  groupsOf(user: string): readonly Membership[]
  membersOf(group: string): readonly Person[]
}

export const NO_PREFIXES: Prefixes = { users: [], groups: [] }

/** Groups in groups are followed so far. */
const MOST_NESTED = 16

/** Whether a person had left by then (milliseconds since 1970). */
export function departed({ active, leftAt }: Pick<Person, 'active' | 'leftAt'>, asOf: number): boolean {
  return active === false || (leftAt !== undefined && leftAt <= asOf)
}

export function directoryOf(
  entries: readonly PersonEntry[],
  groups: readonly GroupEntry[] = [],
  prefixes: Prefixes = NO_PREFIXES,
): Directory {
  const memberships = membershipsOf(entries, groups)
  const people = samePeople(entries).map((own) => personOf(own, memberships, prefixes))
  const exact = new Map<string, Person | 'several'>()
  const folded = new Map<string, Person | 'several'>()
  for (const person of people) {
    for (const name of person.names) {
      put(exact, name, person)
      put(folded, fold(name), person)
    }
  }
  const byGroup = new Map<string, Set<Person>>()
  for (const person of people)
    for (const { group } of person.groups) byGroup.set(group, (byGroup.get(group) ?? new Set()).add(person))
  const find = (user: string): Person | undefined => {
    const found = exact.get(user) ?? folded.get(fold(user))
    return found === 'several' ? undefined : found
  }
  return {
    people,
    personOf: find,
    groupsOf: (user) => find(user)?.groups ?? [],
    membersOf: (group) => [...(byGroup.get(group) ?? [])],
  }
}

function put(names: Map<string, Person | 'several'>, name: string, person: Person): void {
  const known = names.get(name)
  names.set(name, known === undefined || known === person ? person : 'several')
}

function fold(name: string): string {
  return name.normalize('NFC').toLowerCase()
}

/**
 * Entries of one user name are one person, in however many files. An e-mail joins entries of different files where each
 * of these has it once: what several people of one file share (a team's address) names nobody.
 */
function samePeople(entries: readonly PersonEntry[]): readonly (readonly PersonEntry[])[] {
  const byName = new Map<string, PersonEntry[]>()
  const nameless: PersonEntry[] = []
  for (const entry of entries) {
    const key = fold(entry.name)
    const same = byName.get(key)
    if (key === '') nameless.push(entry)
    else if (same) same.push(entry)
    else byName.set(key, [entry])
  }
  const people: PersonEntry[][] = [...byName.values(), ...nameless.map((entry) => [entry])]
  const joined = people.map((_, at) => at)
  const top = (at: number): number => {
    let here = at
    while (joined[here] !== here) {
      joined[here] = joined[joined[here] as number] as number
      here = joined[here] as number
    }
    return here
  }
  for (const [, owners] of ownersOfEmails(people)) {
    if (owners === 'shared') continue
    const [first, ...others] = owners.map(top)
    for (const other of others) joined[other] = top(first as number)
  }
  const found = new Map<number, PersonEntry[]>()
  people.forEach((own, at) => {
    const head = top(at)
    const same = found.get(head)
    if (same) for (const entry of own) same.push(entry)
    else found.set(head, [...own])
  })
  return [...found.values()]
}

function ownersOfEmails(people: readonly (readonly PersonEntry[])[]): Map<string, number[] | 'shared'> {
  const owners = new Map<string, number[] | 'shared'>()
  const filesOf = new Map<string, Set<string>>()
  people.forEach((own, at) => {
    const mine = new Map<string, Set<string>>()
    for (const entry of own)
      for (const email of emailsOf(entry)) {
        const files = mine.get(fold(email)) ?? new Set()
        mine.set(fold(email), files.add(entry.place.file))
      }
    for (const [email, own] of mine) {
      const files = filesOf.get(email) ?? new Set<string>()
      filesOf.set(email, files)
      const before = owners.get(email) ?? []
      if (before === 'shared' || [...own].some((file) => files.has(file))) owners.set(email, 'shared')
      else {
        before.push(at)
        owners.set(email, before)
      }
      for (const file of own) files.add(file)
    }
  })
  return owners
}

function fileOf({ place }: PersonEntry): string {
  return place.file
}

/** A user name that is an address is one. */
function emailsOf({ name, emails }: PersonEntry): readonly string[] {
  return name.includes('@') ? [name, ...emails] : emails
}

function personOf(
  entries: readonly PersonEntry[],
  memberships: ReadonlyMap<PersonEntry, readonly Membership[]>,
  prefixes: Prefixes,
): Person {
  const [first] = entries as readonly [PersonEntry, ...PersonEntry[]]
  const plain = [
    ...new Set([...entries.flatMap(({ name }) => (name === '' ? [] : [name])), ...entries.flatMap(emailsOf)]),
  ]
  const groups = new Map<string, Membership>()
  for (const { group, place } of entries.flatMap((entry) => memberships.get(entry) ?? [])) {
    // Where the API server prefixes groups, a group of the directory that is named like one of Kubernetes' own is none.
    const named = prefixes.groups.length === 0 ? [group] : prefixes.groups.map((prefix) => `${prefix}${group}`)
    for (const each of named) if (!groups.has(each)) groups.set(each, { group: each, place })
  }
  const gone = leavingOf(entries)
  const active = gone.left ? gone.active : entries.some((entry) => entry.active === true) ? true : undefined
  return {
    id: first.name === '' ? (first.emails[0] ?? '') : first.name,
    names: [...plain, ...prefixes.users.flatMap((prefix) => plain.map((name) => `${prefix}${name}`))],
    groups: [...groups.values()],
    active,
    ...(gone.leftAt === undefined ? {} : { leftAt: gone.leftAt }),
    place: gone.place ?? first.place,
  }
}

interface Leaving {
  readonly left: boolean
  readonly active: boolean | undefined
  readonly leftAt?: number
  readonly place?: DirectoryPlace
}

/**
 * One file that says who left is believed, whatever the others have not heard. Of several entries of one file, one of
 * somebody who is there says that the person came back.
 */
function leavingOf(entries: readonly PersonEntry[]): Leaving {
  const told = [...Map.groupBy(entries, fileOf).values()].flatMap((own) => {
    if (!own.every((each) => each.active === false || each.leftAt !== undefined)) return []
    const last = own.reduce((a, b) => ((b.leftAt ?? 0) > (a.leftAt ?? 0) ? b : a))
    return [{ ...last, active: own.every((each) => each.active === false) ? false : undefined }]
  })
  const [first] = told.sort((a, b) => (a.leftAt ?? Number.POSITIVE_INFINITY) - (b.leftAt ?? Number.POSITIVE_INFINITY))
  if (!first) return { left: false, active: undefined }
  return {
    left: true,
    active: told.some((each) => each.active === false) ? false : undefined,
    ...(first.leftAt === undefined ? {} : { leftAt: first.leftAt }),
    place: first.place,
  }
}

/** The groups of each entry, those that its groups are in included. */
function membershipsOf(
  entries: readonly PersonEntry[],
  groups: readonly GroupEntry[],
): ReadonlyMap<PersonEntry, readonly Membership[]> {
  const named = new Map<string, GroupEntry>()
  for (const group of groups)
    for (const key of [group.id, group.name]) if (key !== '' && !named.has(key)) named.set(key, group)
  const holders = new Map<string, GroupEntry[]>()
  for (const group of groups)
    for (const member of new Set(group.members)) {
      const same = holders.get(member)
      if (same) same.push(group)
      else holders.set(member, [group])
    }
  const above = (keys: readonly string[]): ReadonlyMap<string, DirectoryPlace> => {
    const found = new Map<string, DirectoryPlace>()
    let next = keys.flatMap((key) => (key === '' ? [] : (holders.get(key) ?? [])))
    for (let depth = 0; depth < MOST_NESTED && next.length > 0; depth++) {
      const fresh = next.filter(({ name }) => !found.has(name))
      for (const { name, place } of fresh) found.set(name, place)
      next = [...new Set(fresh)].flatMap(({ id, name }) =>
        [...new Set([id, name])].flatMap((key) => (key === '' ? [] : (holders.get(key) ?? []))),
      )
    }
    return found
  }
  const cached = new Map<string, ReadonlyMap<string, DirectoryPlace>>()
  const aboveGroup = (name: string): ReadonlyMap<string, DirectoryPlace> => {
    const group = named.get(name)
    const known = cached.get(name) ?? above(group ? [group.id, group.name] : [name])
    cached.set(name, known)
    return known
  }
  return new Map(
    entries.map((entry) => {
      const own = new Map<string, DirectoryPlace>()
      for (const each of entry.groups) {
        const name = named.get(each)?.name ?? each
        own.set(name, entry.place)
        for (const [higher, place] of aboveGroup(each)) if (!own.has(higher)) own.set(higher, place)
      }
      for (const [name, place] of above([entry.id, entry.name, ...entry.emails]))
        if (!own.has(name)) own.set(name, place)
      return [entry, [...own].map(([group, place]) => ({ group, place }))]
    }),
  )
}
