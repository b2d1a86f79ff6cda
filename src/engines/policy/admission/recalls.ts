import type { Expr } from '../../../cel/ast.ts'
import type { Value } from '../../../cel/value.ts'
import { kindClass, Memory } from '../memory/memory.ts'
import { type Basis, Recall } from '../memory/recall.ts'
import type { Expression, Policy, PolicySet } from './policy.ts'
import type { Run, Slot } from './run.ts'

/** Offenders as items of a list that is at hand anyway. */
export interface Picked {
  /** The slot of the list. */
  readonly list: number
  readonly at: readonly number[]
}

/** What the policies of a set have said, and on what of an object that rested. */
export class Recalls<Denial> {
  readonly memory: Memory
  readonly #slots: PolicySet['slots']
  /** By policy and class of kinds. */
  readonly #known = new Map<string, Recall<Denial>>()

  constructor(slots: PolicySet['slots']) {
    this.#slots = slots
    this.memory = new Memory((slot) => {
      const { program, names } = slots[slot] as Slot
      return program && { expr: program.expr, names }
    })
  }

  /** Of the policy at this index, without params and asked about everything; undefined: it says more than its validations. */
  of(policy: Policy, index: number, kind: string): Recall<Denial> | undefined {
    if (policy.annotations.length > 0) return undefined
    const key = `${index} ${kindClass(kind)}`
    const known = this.#known.get(key)
    if (known) return known
    const { conditions, validations, messages, variables } = policy
    const made = new Recall<Denial>({
      pass: () => this.#passing(policy),
      denial: () => basisOf([...conditions, ...validations, ...messages], variables),
    })
    this.#known.set(key, made)
    return made
  }

  /** Which items of a list the offenders are that the policy has found, where it does nothing but filter that list. */
  picked({ offenders, variables }: Policy, run: Run): Picked | undefined {
    const { program, names } = this.#slots[offenders ?? -1] ?? {}
    const list = program && names?.get(filteredBy(program.expr) ?? '')
    if (list === undefined || offenders === undefined || !isSeen(variables, list)) return undefined
    const found = run.valueOf(offenders)
    const from = run.valueOf(list)
    if (!Array.isArray(found) || !Array.isArray(from)) return undefined
    const at: number[] = []
    for (const each of found as readonly Value[]) {
      const index = from.indexOf(each)
      // What stands at two places here may be two things in another object.
      if (index < 0 || from.indexOf(each, index + 1) >= 0) return undefined
      at.push(index)
    }
    return { list, at }
  }

  /** Compiles nothing that no object has needed: a policy that filters a list passes as long as that is empty. */
  #passing({ conditions, validations, empties, filtered, variables }: Policy): Basis | undefined {
    if (empties === undefined || empties.every((slot) => this.#isMade(slot)))
      return basisOf([...conditions, ...validations], variables)
    if (filtered === undefined || !this.#isMade(filtered)) return undefined
    const { program, names } = this.#slots[filtered] as Slot
    return program && { exprs: [program.expr], names, depth: 'extent' }
  }

  #isMade(slot: number): boolean {
    return (this.#slots[slot] as Slot).isMade
  }
}

/** Undefined where an expression does not compile; what is empty is left out. */
function basisOf(expressions: readonly Expression[], names: Basis['names']): Basis | undefined {
  const exprs: Expr[] = []
  for (const { expression, issues } of expressions) {
    if (expression !== undefined) exprs.push(expression.expr)
    else if (issues !== '') return undefined
  }
  return { exprs, names, depth: 'whole' }
}

/** Whether a policy has the variable of this slot by any name. */
function isSeen(variables: Policy['variables'], list: number): boolean {
  for (const slot of variables.values()) if (slot === list) return true
  return false
}

/** The variable x of `variables.x.filter(…)`, also where it is one branch of a choice and the other one is `[]`. */
function filteredBy(expr: Expr): string | undefined {
  if (expr.kind === 'call' && expr.fn === '_?_:_') {
    const [, yes, no] = expr.args
    if (yes?.kind === 'list' && yes.elements.length === 0) return no && filteredBy(no)
    return no?.kind === 'list' && no.elements.length === 0 ? yes && filteredBy(yes) : undefined
  }
  if (expr.kind !== 'comprehension' || expr.macro !== 'filter' || expr.range.kind !== 'select') return undefined
  const { operand, field, test } = expr.range
  return operand.kind === 'ident' && operand.name === 'variables' && !test ? field : undefined
}
