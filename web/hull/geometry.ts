export interface Rect {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

export const right = ({ x, width }: Rect): number => x + width
export const bottom = ({ y, height }: Rect): number => y + height
export const middle = ({ x, y, width, height }: Rect): Point => ({ x: x + width / 2, y: y + height / 2 })

/** The outline of bands that begin at one line on the left and end further right the lower they lie. */
export function outline(bands: readonly Rect[]): string {
  const first = bands[0]
  const last = bands.at(-1)
  if (!first || !last) return ''
  const steps = bands.map((band) => `H${right(band)}V${bottom(band)}`).join('')
  return `M${first.x} ${first.y}${steps}H${last.x}Z`
}

export type Direction = 'up' | 'down' | 'left' | 'right'

/** The nearest place in a direction, as arrow keys move; what lies straight ahead comes first. */
export function nextPlace(places: readonly Rect[], from: number, direction: Direction): number | undefined {
  const here = places[from]
  if (!here) return undefined
  const start = middle(here)
  const isUpright = direction === 'up' || direction === 'down'
  const sign = direction === 'down' || direction === 'right' ? 1 : -1
  let best: number | undefined
  let least = Number.POSITIVE_INFINITY
  places.forEach((place, at) => {
    const there = middle(place)
    const ahead = sign * (isUpright ? there.y - start.y : there.x - start.x)
    if (at === from || ahead < 1) return
    const gap = isUpright
      ? Math.max(0, place.x - right(here), here.x - right(place))
      : Math.max(0, place.y - bottom(here), here.y - bottom(place))
    const drift = isUpright ? Math.abs(there.x - start.x) : Math.abs(there.y - start.y)
    const cost = ahead + gap * 8 + drift / 4
    if (cost < least) {
      least = cost
      best = at
    }
  })
  return best
}
