import { type Compiled, compile } from '../../../cel/cel.ts'
import type { Env } from '../../../cel/env.ts'
import type { Issue } from '../../../cel/error.ts'
import type { Minor } from '../../../cel/library.ts'
import { BOOL, DYN, STRING, type Type, typeText } from '../../../cel/type.ts'
import type { Definition, NamedExpression } from './definition.ts'
import { admissionEnv } from './environment.ts'
import type { Slot } from './run.ts'

/** An expression of a policy; `expression` is undefined where there is none, or where `issues` say why it does not compile. */
export interface Expression {
  readonly source: string
  readonly expression: Compiled | undefined
  readonly issues: string
}

/** A policy that can be evaluated. Expressions that do not compile are kept: their failure is the policy's. */
export interface Policy {
  readonly definition: Definition
  readonly conditions: readonly Expression[]
  readonly validations: readonly Expression[]
  /** One for each validation. */
  readonly messages: readonly Expression[]
  readonly annotations: readonly Expression[]
  /** Slots of the variables by name; the last of two with one name counts. */
  readonly variables: ReadonlyMap<string, number>
  readonly offenders: number | undefined
  readonly hasPodSpec: boolean
}

/** Policies that share their variables: those of equal text, over variables that are shared as well. */
export interface PolicySet {
  readonly slots: readonly Slot[]
  readonly policies: readonly Policy[]
}

/** `stored` is how a release reads what it holds; `new` how it judges what is to be created: with the words of the release before. */
export interface Language {
  readonly minor: Minor
  readonly mode: 'new' | 'stored'
}

/** What each kind of expression must evaluate to (k8s.io/apiserver pkg/admission/plugin/policy/validating/accessor.go). */
const BOOLEAN: readonly Type[] = [BOOL]
const TEXT: readonly Type[] = [STRING]
const TEXT_OR_NULL: readonly Type[] = [STRING, { kind: 'null' }]
const ANYTHING: readonly Type[] = []

export function compileSet(definitions: readonly Definition[], language: Language): PolicySet {
  const compiler = new Compiler(language)
  const policies = definitions.map((definition) => compiler.policy(definition))
  return { slots: compiler.slots, policies }
}

/** Chains of variables are evaluated one inside the other; no policy that people write comes near. */
const MAX_VARIABLES = 500

class Compiler {
  readonly slots: Slot[] = []
  readonly #language: Language
  readonly #slotOf = new Map<string, number>()
  readonly #programs = new Map<string, Expression>()
  readonly #types: Type[] = []

  constructor(language: Language) {
    this.#language = language
  }

  policy(definition: Definition): Policy {
    const names = new Map<string, number>()
    const withParams = definition.paramKind !== undefined
    const decide = { withParams, withAuthorizer: true }
    const tell = { withParams, withAuthorizer: false }
    for (const variable of definition.variables.slice(0, MAX_VARIABLES))
      names.set(variable.name, this.#slot(variable, names, decide, definition))
    const each = (expressions: readonly NamedExpression[], types: readonly Type[]): readonly Expression[] =>
      expressions.map(({ expression }) => this.#expression(expression, types, names, decide))
    return {
      definition,
      conditions: each(definition.conditions, BOOLEAN),
      validations: definition.validations.map(({ expression }) => this.#expression(expression, BOOLEAN, names, decide)),
      messages: definition.validations.map(({ messageExpression }) =>
        messageExpression === '' ? NO_EXPRESSION : this.#expression(messageExpression, TEXT, names, tell),
      ),
      annotations: each(definition.auditAnnotations, TEXT_OR_NULL),
      variables: names,
      offenders: names.get('offenders'),
      hasPodSpec: names.has('podSpec'),
    }
  }

  #slot(variable: NamedExpression, names: Names, shape: Shape, { paramKind }: Definition): number {
    const { name, expression } = variable
    const key = `${name}\0${this.#key(expression, names, shape)}`
    const known = this.#slotOf.get(key)
    if (known !== undefined) return known
    const compiled = this.#expression(expression, ANYTHING, names, shape)
    const slot = this.slots.length
    this.slots.push({
      name,
      program: compiled.expression,
      issues: compiled.issues,
      perParams: paramKind !== undefined,
    })
    this.#types.push(declared(compiled.expression?.type ?? DYN))
    this.#slotOf.set(key, slot)
    return slot
  }

  #expression(source: string, types: readonly Type[], names: Names, shape: Shape): Expression {
    const key = `${types.map(typeText).join()}\0${this.#key(source, names, shape)}`
    const known = this.#programs.get(key)
    if (known) return known
    const compiled = this.#compile(source, types, names, shape)
    this.#programs.set(key, compiled)
    return compiled
  }

  #compile(source: string, types: readonly Type[], names: Names, shape: Shape): Expression {
    const variables = new Map([...names].map(([name, slot]) => [name, this.#types[slot] as Type]))
    const compiled = compile(source, this.#env(shape, variables))
    if (compiled.issues) return { source, expression: undefined, issues: compilationFailed(source, compiled.issues) }
    const { type } = compiled.program
    if (types.length === 0 || types.some((each) => each.kind === type.kind))
      return { source, expression: compiled.program, issues: '' }
    const wanted = types.length === 1 ? typeText(types[0] as Type) : `one of [${types.map(typeText).join(' ')}]`
    return { source, expression: undefined, issues: `must evaluate to ${wanted} but got ${typeText(type)}` }
  }

  #env({ withParams, withAuthorizer }: Shape, variables: ReadonlyMap<string, Type>): Env {
    return admissionEnv({ ...this.#language, withParams, withAuthorizer, variables })
  }

  /** Equal keys compile to the same program: the text, the slots of the variables that it may name, and what else is declared. */
  #key(source: string, names: Names, { withParams, withAuthorizer }: Shape): string {
    const used: string[] = []
    for (const [, name] of source.matchAll(VARIABLE)) {
      if (name === undefined) return `${source}\0${[...names].join()}\0${withParams}${withAuthorizer}`
      const slot = names.get(name)
      used.push(`${name}=${slot ?? ''}`)
    }
    // Whether a name that is not declared is an error does not depend on the others; only params and authorizer do.
    const needsShape = withParams || (!withAuthorizer && source.includes('authorizer'))
    return `${source}\0${used.join()}\0${needsShape ? `${withParams}${withAuthorizer}` : ''}`
  }
}

type Names = ReadonlyMap<string, number>

interface Shape {
  readonly withParams: boolean
  readonly withAuthorizer: boolean
}

/** `variables.x`, `variables.?x`; a bare `variables` (which may be indexed, or handed on) gives no name. */
const VARIABLE = /\bvariables\b(?:\s*\.\s*\??\s*([A-Za-z_][A-Za-z0-9_]*))?/g

const NO_EXPRESSION: Expression = { source: '', expression: undefined, issues: '' }

/** cel-go common/errors.go ToDisplayString, as k8s.io/apiserver pkg/admission/plugin/cel/compile.go tells it. */
export function compilationFailed(source: string, issues: readonly Issue[]): string {
  return `compilation failed: ${issues.map((issue) => displayed(source, issue)).join('\n')}`
}

function displayed(source: string, { message, line, column }: Issue): string {
  const head = `ERROR: <input>:${line}:${column + 1}: ${message}`
  const text = source.split('\n')[line - 1]
  if (text === undefined) return head
  return `${head}\n | ${text}\n | ${'.'.repeat(column)}^`
}

/**
 * The type under which a variable is declared to the expressions after it: lists, maps and simple types stay, all others
 * (optionals, quantities, request) become dyn (plugin/cel/composition.go convertCelTypeToDeclType).
 */
function declared(type: Type): Type {
  switch (type.kind) {
    case 'list':
      return { kind: 'list', element: declared(type.element) }
    case 'map':
      return { kind: 'map', key: declared(type.key), value: declared(type.value) }
    case 'opaque':
    case 'object':
    case 'param':
    case 'type':
    case 'error':
      return DYN
    default:
      return type
  }
}
