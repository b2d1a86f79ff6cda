import { type Compiled, compile } from '../../../cel/cel.ts'
import type { Env } from '../../../cel/env.ts'
import type { Minor } from '../../../cel/library.ts'
import { displayText } from '../../../cel/syntax/display.ts'
import { BOOL, DYN, STRING, type Type, typeText } from '../../../cel/type.ts'
import { PER_CALL_LIMIT } from './budget.ts'
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
  /**
   * Slots of the lists that must be empty, where that is all the policy says: no conditions, no annotations, and only
   * validations `size(variables.x) == 0`. Most of a catalogue is so, and most objects pass.
   */
  readonly empties: readonly number[] | undefined
  /**
   * Of a policy without params that asks for one list to be empty, which is a filter: the list that it filters. Sixty
   * policies filter the API servers of a pod.
   */
  readonly filtered: number | undefined
  /** What must be left of the budget, or the messages of validations that hold might spend it. */
  readonly reserve: number
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
  /** `Env.provenPatterns`. */
  readonly provenPatterns?: true
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
export const MAX_VARIABLES = 500

class Compiler {
  readonly slots: Slot[] = []
  readonly #language: Language
  readonly #slotOf = new Map<string, number>()
  readonly #programs = new Map<string, LazyExpression>()

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
    const made = {
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
    const empties = emptiesOf(made)
    const [only] = empties ?? []
    const filtered = empties?.length === 1 && !withParams ? this.slots[only as number]?.emptyIf : undefined
    return { ...made, empties, filtered, reserve: reserveOf(made) }
  }

  #slot(variable: NamedExpression, names: Names, shape: Shape, { paramKind }: Definition): number {
    const { name, expression } = variable
    const key = `${name}\0${this.#key(expression, names, shape)}`
    const known = this.#slotOf.get(key)
    if (known !== undefined) return known
    const compiled = this.#expression(expression, ANYTHING, names, shape)
    const slot = this.slots.length
    const filtered = filteredVariable(expression)
    const emptyIf = filtered === undefined ? undefined : names.get(filtered)
    this.slots.push(new LazySlot(name, compiled, paramKind !== undefined, emptyIf))
    this.#slotOf.set(key, slot)
    return slot
  }

  /** Compiled when it is first asked for: of a catalogue, most is never. */
  #expression(source: string, types: readonly Type[], names: Names, shape: Shape): LazyExpression {
    const key = `${types.map(typeText).join()}\0${this.#key(source, names, shape)}`
    const known = this.#programs.get(key)
    if (known) return known
    // Only what was declared before is seen, and more may come.
    const seen = new Map(names)
    const expression = new LazyExpression(source, seen, () => this.#compile(source, types, seen, shape))
    this.#programs.set(key, expression)
    return expression
  }

  #compile(source: string, types: readonly Type[], names: Names, shape: Shape): Made {
    const typeOf = (name: string): Type | undefined => {
      const slot = names.get(name)
      return slot === undefined ? undefined : declared(this.slots[slot]?.program?.type ?? DYN)
    }
    const compiled = compile(source, this.#env(shape, { get: typeOf }))
    if (compiled.issues)
      return { expression: undefined, issues: `compilation failed: ${displayText(compiled.issues, source)}` }
    const { type } = compiled.program
    if (types.length === 0 || types.some((each) => each.kind === type.kind))
      return { expression: compiled.program, issues: '' }
    const wanted = types.length === 1 ? typeText(types[0] as Type) : `one of [${types.map(typeText).join(' ')}]`
    return { expression: undefined, issues: `must evaluate to ${wanted} but got ${typeText(type)}` }
  }

  #env({ withParams, withAuthorizer }: Shape, variables: Pick<ReadonlyMap<string, Type>, 'get'>): Env {
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

interface Made {
  readonly expression: Compiled | undefined
  readonly issues: string
}

class LazyExpression implements Expression {
  readonly source: string
  /** The variables that it may name. */
  readonly names: Names
  readonly #make: () => Made
  #made: Made | undefined
  constructor(source: string, names: Names, make: () => Made) {
    this.source = source
    this.names = names
    this.#make = make
  }
  get isMade(): boolean {
    return this.#made !== undefined
  }
  get expression(): Compiled | undefined {
    this.#made ??= this.#make()
    return this.#made.expression
  }
  get issues(): string {
    this.#made ??= this.#make()
    return this.#made.issues
  }
}

class LazySlot implements Slot {
  readonly name: string
  readonly perParams: boolean
  readonly emptyIf: number | undefined
  readonly #compiled: LazyExpression
  constructor(name: string, compiled: LazyExpression, perParams: boolean, emptyIf: number | undefined) {
    this.name = name
    this.perParams = perParams
    this.emptyIf = emptyIf
    this.#compiled = compiled
  }
  get isMade(): boolean {
    return this.#compiled.isMade
  }
  get names(): Names {
    return this.#compiled.names
  }
  get program(): Compiled | undefined {
    return this.#compiled.expression
  }
  get issues(): string {
    return this.#compiled.issues
  }
}

const EMPTINESS = /^\s*size\(variables\.([A-Za-z_][A-Za-z0-9_]*)\)\s*==\s*0\s*$/

/** No expression spends more than the limit of one call without an error that ends it. */
function reserveOf({ definition, variables }: Pick<Policy, 'definition' | 'variables'>): number {
  const messages = definition.validations.filter(({ messageExpression }) => messageExpression !== '').length
  return messages === 0 ? 0 : (messages + variables.size) * PER_CALL_LIMIT
}

function emptiesOf({
  conditions,
  annotations,
  validations,
  variables,
}: Pick<Policy, 'conditions' | 'annotations' | 'validations' | 'variables'>): Policy['empties'] {
  if (conditions.length > 0 || annotations.length > 0) return undefined
  const slots: number[] = []
  for (const { source } of validations) {
    const slot = variables.get(EMPTINESS.exec(source)?.[1] ?? '')
    if (slot === undefined) return undefined
    slots.push(slot)
  }
  return slots
}

/**
 * The variable x of an expression that is `variables.x.filter(…)` and nothing else; quotes of all kinds are passed over. Of
 * an empty list a filter gives the empty list, whatever its condition.
 */
function filteredVariable(source: string): string | undefined {
  const head = /^\s*variables\.([A-Za-z_][A-Za-z0-9_]*)\.filter\(/.exec(source)
  if (!head) return undefined
  let depth = 1
  for (let at = head[0].length; at < source.length; at++) {
    const char = source[at]
    if (char === '(') depth++
    else if (char === ')') {
      depth--
      if (depth === 0) return /^\s*$/.test(source.slice(at + 1)) ? head[1] : undefined
    } else if (char === '"' || char === "'" || char === '/') {
      const end = char === '/' ? at : stringEnd(source, at)
      if (end === undefined || source.startsWith('//', at)) return undefined
      at = end
    }
  }
  return undefined
}

/** Where the string ends that begins here; undefined for what is not plainly told (three quotes, no end). */
function stringEnd(source: string, from: number): number | undefined {
  const quote = source[from] as string
  if (source.startsWith(quote.repeat(3), from)) return undefined
  const isRaw = /[rR]/.test(source[from - 1] ?? '')
  for (let at = from + 1; at < source.length; at++) {
    if (source[at] === quote) return at
    if (source[at] === '\\' && !isRaw) at++
    else if (source[at] === '\n') return undefined
  }
  return undefined
}

type Names = ReadonlyMap<string, number>

interface Shape {
  readonly withParams: boolean
  readonly withAuthorizer: boolean
}

/** `variables.x`, `variables.?x`; a bare `variables` (which may be indexed, or handed on) gives no name. */
const VARIABLE = /\bvariables\b(?:\s*\.\s*\??\s*([A-Za-z_][A-Za-z0-9_]*))?/g

const NO_EXPRESSION: Expression = { source: '', expression: undefined, issues: '' }

/**
 * The type under which a variable is declared to the expressions after it: lists, maps and simple types stay, all others
 * (optionals, quantities, request) become dyn (plugin/cel/composition.go convertCelTypeToDeclType).
 */
export function declared(type: Type): Type {
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
