/** The rates that were tried, and what two of three tries say of each. */
export class Bracket {
  readonly #votes = new Map<number, { held: number; broke: number }>()

  add(rate: number, held: boolean): void {
    const votes = this.#votes.get(rate) ?? { held: 0, broke: 0 }
    if (held) votes.held++
    else votes.broke++
    this.#votes.set(rate, votes)
  }

  /** The highest rate that was held more often than not, and the lowest above it that was not. */
  get ends(): { readonly held: number; readonly broke: number } {
    const held = Math.max(0, ...this.#rates(({ held, broke }) => held > broke))
    const broke = Math.min(
      Number.POSITIVE_INFINITY,
      ...this.#rates((votes, rate) => votes.broke > votes.held && rate > held),
    )
    return { held, broke }
  }

  /** Rates below one that was held which broke more often than not: the service, or the machine, is not steady. */
  get isCrossed(): boolean {
    const { held } = this.ends
    return this.#rates((votes, rate) => votes.broke > votes.held && rate < held).length > 0
  }

  /** Two tries agree. */
  isSure(rate: number): boolean {
    const votes = this.#votes.get(rate)
    return votes !== undefined && Math.abs(votes.held - votes.broke) >= 1 && Math.max(votes.held, votes.broke) >= 2
  }

  isTied(rate: number): boolean {
    const votes = this.#votes.get(rate)
    return votes !== undefined && votes.held === votes.broke
  }

  tied(): number | undefined {
    return [...this.#votes.keys()].find((rate) => this.isTied(rate))
  }

  #rates(wanted: (votes: { held: number; broke: number }, rate: number) => boolean): readonly number[] {
    return [...this.#votes].flatMap(([rate, votes]) => (wanted(votes, rate) ? [rate] : []))
  }
}
