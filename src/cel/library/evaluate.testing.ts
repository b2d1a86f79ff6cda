import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CelError, CostExceeded, compile, type Env, kubernetesEnv, Meter, Unknown, type Value } from '../cel.ts'
import { plain } from '../plain.testing.ts'
import { DYN } from '../type.ts'
import { AUTHORIZER_TYPE, type Authorizer, authorizerValue } from './authz.ts'
import { JSONPATCH } from './jsonpatch.ts'

const ENVS = new Map<number, Env>()

function envOf(minor: number): Env {
  const known = ENVS.get(minor)
  if (known !== undefined) return known
  const variables = new Map([
    ['object', DYN],
    ['authorizer', AUTHORIZER_TYPE],
  ])
  const env = kubernetesEnv({ minor, variables, libraries: JSONPATCH })
  ENVS.set(minor, env)
  return env
}

export interface Given {
  readonly minor?: number
  readonly object?: Value
  readonly authorizer?: Authorizer
}

/** What an expression gives: its value as JSON says it, `error: …`, `unknown: …`, `cost` or `issues: …`; and its cost. */
export function evaluate(
  text: string,
  { minor = 36, object, authorizer }: Given = {},
): { readonly told: unknown; readonly cost: number } {
  const made = compile(text, envOf(minor))
  if (made.program === undefined)
    return { told: `issues: ${made.issues.map(({ message }) => message).join('; ')}`, cost: 0 }
  const meter = new Meter()
  const run = (): unknown => {
    try {
      const given = authorizer === undefined ? undefined : authorizerValue(authorizer)
      return simple(plain((made.program as NonNullable<typeof made.program>).run([object, given], meter)))
    } catch (error) {
      if (error instanceof CelError) return `error: ${error.message}`
      if (error instanceof Unknown) return `unknown: ${error.what}`
      if (error instanceof CostExceeded) return 'cost'
      throw error
    }
  }
  return { told: run(), cost: meter.cost }
}

/** `{int: '1'}` of the vectors as 1: enough where the kind is not what is tested. */
function simple(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const [kind, of] = Object.entries(value)[0] as [string, unknown]
  if (kind === 'list') return (of as readonly unknown[]).map(simple)
  if (kind === 'int' || kind === 'uint' || kind === 'double') return Number(of)
  if (kind === 'optional') return of === null || of === undefined ? 'none' : { some: simple(of) }
  if (kind === 'opaque') return `<${(value as { text?: string }).text}>`
  if (kind === 'map') return JSON.stringify(of)
  return of
}

/** One test a table: each expression gives what stands beside it. */
export function gives(
  name: string,
  table: readonly (readonly [text: string, expected: unknown])[],
  given: Given = {},
): void {
  test(name, () => {
    const told = table.map(([text]) => [text, evaluate(text, given).told])
    assert.deepEqual(told, table)
  })
}
