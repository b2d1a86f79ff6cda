import { hash8, hash53 } from '../cluster/hash.ts'

/** Characters of an id. */
export const MOST = 100
const HASH = 8

/**
 * The id of a fix: kebab-case and equal in every scan, so that it can be the name of a file. What the parts lose on the
 * way, a hash of the whole keeps.
 */
export function fixId(kind: string, ...parts: readonly string[]): string {
  const named = [kind, ...parts.filter((part) => part !== '')].join('-')
  const slug = slugOf(named)
  return slug === named && slug.length <= MOST ? slug : hashed(slug, [kind, ...parts])
}

export function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
}

/** The slug cut so that a hash of the whole fits behind it. */
export function hashed(slug: string, parts: readonly string[]): string {
  const start = slug.slice(0, MOST - HASH - 1).replace(/-+$/, '')
  return `${start}-${hash8([hash53(JSON.stringify(parts))])}`
}

/** Ids of one kind of fix: where two things have one name (a Deployment and a StatefulSet), the second has its hash. */
export function fixIds(kind: string): (identity: string, ...parts: readonly string[]) => string {
  const taken = new Set<string>()
  return (identity, ...parts) => {
    const plain = fixId(kind, ...parts)
    const id = taken.has(plain) ? hashed(plain, [kind, identity]) : plain
    taken.add(id)
    return id
  }
}
