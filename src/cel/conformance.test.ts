import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { tests as suite } from '@bufbuild/cel-spec/testdata/conformance.js'
import { CelError, compile, type Env, type Expr, Meter, makeEnv, type Value } from './cel.ts'
import { MESSAGE, NEEDS_MESSAGES, SKIPPED } from './conformance.skipped.testing.ts'
import { type SimpleTest, typeOfJson, valueOfJson } from './conformance.testing.ts'
import { librariesOf } from './library/libraries.ts'
import type { Library } from './library.ts'
import { plain } from './plain.testing.ts'
import { PlanError } from './run/plan/planned.ts'
import { Program } from './run/program.ts'
import { OPTIONAL } from './standard/optional.ts'
import { STANDARD } from './standard/standard.ts'
import { parse } from './syntax/parse.ts'
import type { Type } from './type.ts'
import { unchecked } from './unchecked.testing.ts'

/** All libraries of the newest release, and what cel-go knows beyond them. */
const LIBRARIES: readonly Library[] = [
  STANDARD,
  OPTIONAL,
  ...librariesOf(37, 37),
  { name: 'existsOne', since: 0, macros: [{ name: 'existsOne', arguments: 2, receiver: true }] },
]

interface Suite {
  readonly name: string
  readonly suites?: readonly Suite[]
  readonly tests?: readonly { readonly original: unknown }[]
}

interface Case {
  readonly path: string
  readonly given: SimpleTest
}

function casesOf(part: Suite, path: string): readonly Case[] {
  const own = (part.tests ?? []).map(({ original }) => original as SimpleTest)
  const cases = own.map((given) => ({ path: `${path}/${given.name}`, given }))
  return [...cases, ...(part.suites ?? []).flatMap((inner) => casesOf(inner, `${path}/${inner.name}`))]
}

/** What a test needs, or why it cannot be had. */
function prepared(given: SimpleTest): { variables: Map<string, Type>; values: (Value | undefined)[] } | string {
  if (MESSAGE.test(given.expr)) return NEEDS_MESSAGES
  const variables = new Map<string, Type>()
  const values: (Value | undefined)[] = []
  for (const { name, ident } of given.typeEnv ?? []) {
    const type = ident && typeOfJson(ident.type)
    if (type === undefined) return NEEDS_MESSAGES
    const bound = given.bindings?.[name]?.value
    const value = bound && valueOfJson(bound)
    if (bound !== undefined && value === undefined) return NEEDS_MESSAGES
    variables.set(name, type)
    values.push(value)
  }
  const result = given.value ?? given.typedResult?.result
  const deduced = given.typedResult?.deducedType
  if (deduced !== undefined && typeOfJson(deduced) === undefined) return NEEDS_MESSAGES
  return result !== undefined && valueOfJson(result) === undefined ? NEEDS_MESSAGES : { variables, values }
}

/** The program of an expression that is not checked. What cannot be planned is an error of it. */
function uncheckedProgram(expr: Expr, env: Env): Program {
  try {
    return new Program(expr, unchecked(expr, env), env)
  } catch (error) {
    throw error instanceof PlanError ? new CelError(error.message) : error
  }
}

/** The value of a test's expression; failures are thrown. */
function evaluate(given: SimpleTest, variables: Map<string, Type>, values: readonly (Value | undefined)[]): unknown {
  const env = makeEnv({ minor: 37, language: 28, mixed: true, libraries: LIBRARIES, variables })
  if (given.disableCheck === true) {
    const parsed = parse(given.expr, env.syntax)
    assert.ok(parsed.expr, `does not parse: ${given.expr}`)
    return plain(uncheckedProgram(parsed.expr, env).run(values, new Meter()))
  }
  const { program, issues } = compile(given.expr, env)
  if (program === undefined) throw new CelError(issues.map(({ message }) => message).join('; '))
  const deduced = given.typedResult?.deducedType
  if (deduced !== undefined) assert.deepEqual(program.type, typeOfJson(deduced))
  return given.checkOnly === true ? undefined : plain(program.run(values, new Meter()))
}

const told = { ran: 0, skipped: new Map<string, number>() }

describe('the conformance tests of CEL', () => {
  for (const file of suite.suites as readonly Suite[]) {
    test(file.name, () => {
      for (const { path, given } of casesOf(file, file.name)) {
        const reason = SKIPPED.find(([start]) => path.startsWith(start))?.[1]
        const needs = prepared(given)
        const skipped = reason ?? (typeof needs === 'string' ? needs : undefined)
        if (skipped !== undefined || typeof needs === 'string') {
          told.skipped.set(skipped as string, (told.skipped.get(skipped as string) ?? 0) + 1)
          continue
        }
        told.ran++
        const run = (): unknown => evaluate(given, needs.variables, needs.values)
        const result = given.value ?? given.typedResult?.result
        if (given.evalError !== undefined) assert.throws(run, CelError, `${path}: ${given.expr}`)
        else if (given.checkOnly === true) run()
        else if (result === undefined) assert.deepEqual(run(), { bool: true }, `${path}: ${given.expr}`)
        else assert.deepEqual(run(), plain(valueOfJson(result) as Value), `${path}: ${given.expr}`)
      }
    })
  }

  test('every reason to skip is one', () => {
    const paths = (suite.suites as readonly Suite[]).flatMap((file) => casesOf(file, file.name)).map(({ path }) => path)
    for (const [start] of SKIPPED)
      assert.ok(
        paths.some((path) => path.startsWith(start)),
        start,
      )
  })

  after(() => {
    const reasons = [...told.skipped].map(([reason, count]) => `${count} ${reason}`)
    console.log(`conformance: ${told.ran} ran and passed unless told above; skipped: ${reasons.join('; ')}`)
  })
})
