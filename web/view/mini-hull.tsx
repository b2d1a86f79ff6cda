import { type Counts, miniCells } from '../hull/mini.ts'
import { grouped } from '../model/numbers.ts'

const SHELL = 'M26 1.5H313Q323.5 1.5 323.5 12V72Q323.5 82.5 313 82.5H26Q6 76 1.5 42Q6 8 26 1.5Z'

interface MiniHullProps {
  readonly counts: Counts
  /** What it shows, for those who cannot see it. */
  readonly label?: string
  /** What is under water is hatched: nobody knows that it is. */
  readonly unknown?: boolean
}

/** Counts only: how much of the ship is under water. */
export function MiniHull({ counts, label, unknown = false }: MiniHullProps) {
  const cells = miniCells(counts, { x: 26, y: 3, width: 294, height: 78 })
  return (
    <svg
      viewBox="0 0 325 84"
      className={unknown ? 'mini unsure' : 'mini'}
      role="img"
      aria-label={
        label ??
        `${grouped(counts.control)} under control, ${grouped(counts.contact)} in contact, ${grouped(counts.dry)} dry`
      }
    >
      <path d={SHELL} fill="var(--surface)" />
      <path className="fill" d="M26 3Q8 9 3.5 42Q8 75 26 81Z" fill="var(--lead)" />
      {cells.map(({ x, y, width, height, water }) => (
        <rect
          key={`${x} ${y}`}
          className={`fill ${water}`}
          x={x + 0.75}
          y={y + 0.75}
          width={width - 1.5}
          height={height - 1.5}
        />
      ))}
      <path d={SHELL} fill="none" stroke="var(--wall-c)" strokeWidth="2.5" />
    </svg>
  )
}
