import { EXPIRES, STARTS, spanOf } from '../expiry.ts'
import { at, object as mapping } from '../json.ts'
import type { Definition } from './definition.ts'
import type { Tell } from './problem.ts'

/** An expiry that says nothing leaves a grant without an end, which nobody meant. */
export function tellTimes({ object, bindings }: Definition, tell: Tell): void {
  const names = new Set(bindings.map(({ name }) => name))
  for (const [annotation, given] of Object.entries(mapping(at(object.body, 'metadata', 'annotations')))) {
    const kind = [EXPIRES, STARTS].find((each) => annotation === each || annotation.startsWith(`${each}.`))
    if (kind === undefined) continue
    const path = ['metadata', 'annotations', annotation]
    const name = annotation.slice(kind.length + 1)
    if (name !== '' && !names.has(name))
      tell(
        'unknown-binding',
        'error',
        path,
        `no rbacBinding is named ${JSON.stringify(name)}: nothing ends or begins by this`,
      )
    const spoiled = spanOf(object, name === '' ? undefined : name).invalid.some(
      (each) => each.annotation === annotation,
    )
    if (spoiled)
      tell(
        'invalid-time',
        'error',
        path,
        `${(JSON.stringify(given) ?? '').slice(0, 60)} is no time (2026-12-31T18:00:00Z): it ends nothing, the grant counts as holding`,
      )
  }
}
