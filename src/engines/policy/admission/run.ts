import type { Compiled } from '../../../cel/cel.ts'
import { Meter } from '../../../cel/cel.ts'
import { CelError, CostExceeded, Unknown } from '../../../cel/error.ts'
import { Exhausted } from '../../../cel/run/work.ts'
import type { Fields, Value } from '../../../cel/value.ts'
import { PER_CALL_LIMIT } from './budget.ts'

/** One variable of a policy set. Policies that define it by the same text, over the same variables, share it. */
export interface Slot {
  readonly name: string
  readonly program: Compiled | undefined
  /** Why it does not compile. */
  readonly issues: string
  /** Its value depends on the params, so it does not outlive them. */
  readonly perParams: boolean
  /** The variable that this one is a filter of: of an empty list it is the empty list. */
  readonly emptyIf?: number | undefined
  /** Whether it was compiled already. */
  readonly isMade: boolean
  /** The variables that it may name. */
  readonly names: ReadonlyMap<string, number>
}

/** The values that expressions see, in the order in which environments declare them. */
export interface Inputs {
  readonly object: Value | undefined
  readonly oldObject: Value | undefined
  readonly namespaceObject: Value | undefined
  readonly request: Value
  /** Absent: no source knows what the authorizer would say, and reading it throws `Unknown`. */
  readonly authorizer?: Value
  readonly requestResource?: Value
}

const COMPUTED_NOTHING = 0
/** What an evaluation counts for that did more than its cost tells: as much time as this cost takes. */
const EXHAUSTED_COST = 20_000_000
/** Slots of the activation, as `admissionEnv` declares them. */
const NAMESPACE = 2
const VARIABLES = 4
const PARAMS = 5

/** What an expression finds in place of the authorizer where there is none: a failure like any other. */
const NO_AUTHORIZER = ['authorizer', 'authorizer.requestResource'].map(
  (name) => new CelError(`no such attribute(s): ${name}`) as unknown as Value,
)

/**
 * What is computed of one object, for all policies of a set. A variable is computed once an object, and *charged* once
 * an activation, with what its own evaluation cost: the API server computes it anew each time, at the same cost
 * (k8s.io/apiserver pkg/admission/plugin/cel/composition.go).
 */
export class Run {
  /** What the variables that were asked for have cost since this was last set to 0. */
  pending = 0
  /** Whether what was evaluated or read has passed a guard (`Meter.passedGuard`), since this was last set to false. */
  passedGuard = false
  /** What all evaluations have cost so far. */
  total = 0
  /** The values of the environment's variables; the last two are the authorizer's. */
  readonly #plainActivation: (Value | undefined)[] = new Array(VARIABLES + 3).fill(undefined)
  readonly #withParamsActivation: (Value | undefined)[] = new Array(PARAMS + 3).fill(undefined)
  readonly #slots: readonly Slot[]
  readonly #values: (Value | CelError | Unknown)[] = []
  /** Whether computing it has passed a guard. */
  readonly #guardPassed: boolean[] = []
  /** Which variables each has read. */
  readonly #touched: (readonly number[])[] = []
  readonly #cost: Float64Array
  readonly #computed: Int32Array
  readonly #charged: Int32Array
  /** Which computation has put a variable on the stack last. */
  readonly #readBy: Int32Array
  readonly #meters: Meter[] = []
  readonly #fields = new Map<ReadonlyMap<string, number>, Fields>()
  /** By slot of a list that is empty: for which object, what of the budget was left when a policy had read it, and whether that passed a guard. */
  readonly #emptyFor: Int32Array
  readonly #leftOf: Float64Array
  readonly #emptyBehindGuard: boolean[] = []
  #depth = 0
  #object = COMPUTED_NOTHING
  #withParams = COMPUTED_NOTHING
  #activation = 0
  #activationOf: readonly (Value | undefined)[] = this.#plainActivation
  /** What the variables that are being computed have read so far, the innermost one's on top. */
  readonly #stack: number[] = []
  /** The one that is going on, and how many there were. */
  #computation = 0
  #computations = 0

  constructor(slots: readonly Slot[]) {
    this.#slots = slots
    this.#cost = new Float64Array(slots.length)
    this.#computed = new Int32Array(slots.length)
    this.#charged = new Int32Array(slots.length)
    this.#readBy = new Int32Array(slots.length)
    this.#emptyFor = new Int32Array(slots.length)
    this.#leftOf = new Float64Array(slots.length)
  }

  begin({ object, oldObject, namespaceObject, request, authorizer, requestResource }: Inputs): void {
    this.#object++
    for (const activation of [this.#plainActivation, this.#withParamsActivation]) {
      activation[0] = object
      activation[1] = oldObject
      activation[NAMESPACE] = namespaceObject
      activation[3] = request
      activation[activation.length - 2] = authorizer
      activation[activation.length - 1] = requestResource
    }
    this.takeParams(null)
  }

  /** Match conditions are asked without the namespace (webhook/matchconditions/matcher.go Match). */
  showNamespace(namespaceObject: Value | undefined): Value | undefined {
    const shown = this.#plainActivation[NAMESPACE]
    this.#plainActivation[NAMESPACE] = namespaceObject
    this.#withParamsActivation[NAMESPACE] = namespaceObject
    return shown
  }

  /** Audit annotations are asked without the authorizer that they may name (validating/validator.go Validate). */
  withoutAuthorizer<T>(ask: () => T): T {
    const activations = [this.#plainActivation, this.#withParamsActivation]
    const shown = activations.map((activation) => activation.splice(-2, 2, ...NO_AUTHORIZER))
    const told = ask()
    for (const [at, activation] of activations.entries()) activation.splice(-2, 2, ...(shown[at] as typeof activation))
    return told
  }

  takeParams(params: Value | undefined): void {
    this.#withParamsActivation[PARAMS] = params
    this.#withParams++
  }

  /** Whose variables expressions see from here on. Those of a policy with params find them behind the variables. */
  use(names: ReadonlyMap<string, number>, takesParams: boolean): void {
    const activation = takesParams ? this.#withParamsActivation : this.#plainActivation
    activation[VARIABLES] = this.#variablesOf(names)
    this.#activationOf = activation
  }

  /** A new evaluation of conditions, validations, messages or annotations: variables are paid for anew. */
  activate(): void {
    this.#activation++
    this.pending = 0
  }

  /** The value of an expression or why it has none, and in `meter.cost` what it cost without its variables. */
  evaluate(program: Compiled, meter: Meter): Value | CelError | Unknown | CostExceeded {
    meter.cost = 0
    meter.passedGuard = false
    let result: Value | CelError | Unknown | CostExceeded
    try {
      result = program.outcome(this.#activationOf, meter)
    } catch (error) {
      if (error instanceof Exhausted) this.total += EXHAUSTED_COST
      else if (!(error instanceof CostExceeded)) throw error
      result = error
    }
    this.total += meter.cost
    if (meter.passedGuard) this.passedGuard = true
    return result
  }

  /** The value of a variable; throws its error. */
  variable(slot: number): Value {
    const value = this.valueOf(slot)
    if (value instanceof CelError || value instanceof Unknown) throw value
    return value
  }

  /** The value of a variable, or why it has none. */
  valueOf(slot: number): Value | CelError | Unknown {
    const value = this.#read(slot)
    if (this.#depth > 0 && this.#readBy[slot] !== this.#computation) {
      this.#readBy[slot] = this.#computation
      this.#stack.push(slot)
    }
    return value
  }

  /** A policy that asks only for a filter of this list to be empty has passed, with so much of the budget left. */
  passedAsEmpty(list: number, left: number): void {
    this.#emptyFor[list] = this.#object
    this.#leftOf[list] = left
    this.#emptyBehindGuard[list] = this.passedGuard
  }

  /** What such a policy leaves of its budget; undefined where the list is not known to be empty. */
  leftAsEmpty(list: number): number | undefined {
    if (this.#emptyFor[list] !== this.#object) return undefined
    if (this.#emptyBehindGuard[list] === true) this.passedGuard = true
    return this.#leftOf[list]
  }

  isEmptyList(list: number): boolean {
    const value = this.#values[list]
    return this.#computed[list] === this.#object && Array.isArray(value) && value.length === 0
  }

  #read(slot: number): Value | CelError | Unknown {
    const { perParams } = this.#slots[slot] as Slot
    const epoch = perParams ? -this.#withParams : this.#object
    if (this.#computed[slot] !== epoch) {
      this.#compute(slot)
      this.#computed[slot] = epoch
    }
    this.#charge(slot)
    return this.#values[slot] as Value | CelError | Unknown
  }

  #variablesOf(names: ReadonlyMap<string, number>): Fields {
    const known = this.#fields.get(names)
    if (known) return known
    const made = new PolicyVariables(this, names)
    this.#fields.set(names, made)
    return made
  }

  #compute(slot: number): void {
    const made = this.#slots[slot] as Slot
    if (made.emptyIf !== undefined && this.#isEmpty(slot, made.emptyIf)) return
    const { program } = made
    if (program === undefined) {
      this.#values[slot] = failed(made.name, 'compile', made.issues)
      this.#cost[slot] = 0
      this.#guardPassed[slot] = false
      this.#touched[slot] = NOTHING_READ
      return
    }
    const meter = this.#meters[this.#depth] ?? new Meter(PER_CALL_LIMIT)
    this.#meters[this.#depth++] = meter
    const outer = this.#computation
    this.#computation = ++this.#computations
    const bottom = this.#stack.length
    const result = this.evaluate(program, meter)
    this.#values[slot] =
      result instanceof CelError
        ? failed(made.name, 'evaluate', result.message)
        : result instanceof CostExceeded
          ? failed(made.name, 'evaluate', COST_EXCEEDED)
          : result
    this.#touched[slot] = this.#takeFrom(bottom, this.#touched[slot])
    this.#cost[slot] = meter.cost
    this.#guardPassed[slot] = meter.passedGuard
    this.#computation = outer
    this.#depth--
  }

  /** What lies on the stack above `bottom`; as a rule it is what was there for the object before. */
  #takeFrom(bottom: number, before: readonly number[] | undefined): readonly number[] {
    const stack = this.#stack
    const isSame = before?.length === stack.length - bottom && before.every((slot, at) => slot === stack[bottom + at])
    const taken = isSame ? before : stack.slice(bottom)
    while (stack.length > bottom) stack.pop()
    return taken
  }

  /** A filter of an empty list, without evaluating it: it costs what reading its variable costs. */
  #isEmpty(slot: number, emptyIf: number): boolean {
    const from = this.#read(emptyIf)
    if (!Array.isArray(from) || from.length > 0) return false
    this.#values[slot] = EMPTY
    this.#cost[slot] = FILTER_OF_NOTHING
    this.#guardPassed[slot] = false
    const touched = this.#touched[slot]
    if (touched?.length !== 1 || touched[0] !== emptyIf) this.#touched[slot] = [emptyIf]
    return true
  }

  #charge(slot: number): void {
    if (this.#charged[slot] === this.#activation) return
    this.#charged[slot] = this.#activation
    this.pending += this.#cost[slot] as number
    if (this.#guardPassed[slot] === true) this.passedGuard = true
    const touched = this.#touched[slot] as readonly number[]
    for (let at = 0; at < touched.length; at++) this.#charge(touched[at] as number)
  }
}

const NOTHING_READ: readonly number[] = Object.freeze([])
const EMPTY: readonly Value[] = Object.freeze([])
/** What `variables.x.filter(…)` costs where x is empty: the test beside this file evaluates it. */
export const FILTER_OF_NOTHING = 3

/** `variables` of one policy. */
class PolicyVariables implements Fields {
  readonly fields = true
  readonly #run: Run
  readonly #names: ReadonlyMap<string, number>
  constructor(run: Run, names: ReadonlyMap<string, number>) {
    this.#run = run
    this.#names = names
  }

  get(name: string): Value | undefined {
    const slot = this.#names.get(name)
    return slot === undefined ? undefined : this.#run.variable(slot)
  }
}

/** cel-go interpreter.go: the words in which a spent limit of one expression is told. */
export const COST_EXCEEDED = 'operation cancelled: actual cost limit exceeded'

function failed(name: string, what: 'compile' | 'evaluate', why: string): CelError {
  return new CelError(`composited variable ${JSON.stringify(name)} fails to ${what}: ${why}`)
}
