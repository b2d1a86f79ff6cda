import type { Type } from '../type.ts'

/** The variables of comprehensions, innermost first. */
export class Scope {
  readonly parent: Scope | undefined
  readonly #variables = new Map<string, Type>()

  constructor(parent: Scope | undefined) {
    this.parent = parent
  }

  /** The first declaration of a name in one scope holds. */
  declare(name: string, type: Type): void {
    if (!this.#variables.has(name)) this.#variables.set(name, type)
  }

  find(name: string): Type | undefined {
    return this.#variables.get(name) ?? this.parent?.find(name)
  }
}
