/** A date and a time of day of the proleptic Gregorian calendar; the month from 1. */
export interface Civil {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  /** 0: Sunday. */
  readonly weekday: number
  /** From 0. */
  readonly dayOfYear: number
}

/** Days from 1970-01-01 to a date. Date.UTC would take the years 0 to 99 for 1900 to 1999. */
export function daysSinceEpoch(year: number, month: number, day: number): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return Math.floor(date.getTime() / 86_400_000)
}

/** How many days a month has. */
export function daysIn(year: number, month: number): number {
  return daysSinceEpoch(year, month + 1, 1) - daysSinceEpoch(year, month, 1)
}

/** Seconds since the epoch as a date and a time of day, in UTC. */
export function civil(seconds: number): Civil {
  const date = new Date(seconds * 1000)
  const year = date.getUTCFullYear()
  return {
    year,
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    weekday: date.getUTCDay(),
    dayOfYear: Math.floor(seconds / 86400) - daysSinceEpoch(year, 1, 1),
  }
}
