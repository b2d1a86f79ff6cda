/** A column that grows with the numbers that are written into it; what was never written is 0. */
export class Column {
  values: Float64Array
  /** One behind the greatest number that was written. */
  length = 0

  constructor(capacity = 64) {
    this.values = new Float64Array(capacity)
  }

  /** Room for a number. */
  reach(number: number): void {
    if (number < this.length) return
    this.length = number + 1
    if (this.length <= this.values.length) return
    const larger = new Float64Array(Math.max(this.length, this.values.length * 2))
    larger.set(this.values)
    this.values = larger
  }
}
