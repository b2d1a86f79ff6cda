import type { ReactNode } from 'react'

interface OpeningRowProps {
  readonly isOpen: boolean
  /** How many cells a row of the table has. */
  readonly columns: number
  /** Made only while the row is open. */
  readonly inside: () => ReactNode
  readonly children: ReactNode
}

/** A row of a table that opens to a second one below it; one of its cells holds the `Opener`. */
export function OpeningRow({ isOpen, columns, inside, children }: OpeningRowProps) {
  return (
    <>
      <tr className={isOpen ? 'opened' : ''}>{children}</tr>
      {isOpen ? (
        <tr className="inside">
          <td colSpan={columns}>{inside()}</td>
        </tr>
      ) : null}
    </>
  )
}

interface OpenerProps {
  readonly isOpen: boolean
  /** The list's one tab stop at first: see `moveAmong`. */
  readonly isFirst: boolean
  readonly onClick: () => void
  readonly children: ReactNode
}

/** The heading of a row, as the button that opens it. */
export function Opener({ isOpen, isFirst, onClick, children }: OpenerProps) {
  return (
    <th scope="row">
      <button
        type="button"
        className="opener"
        data-row=""
        tabIndex={isFirst ? 0 : -1}
        aria-expanded={isOpen}
        onClick={onClick}
      >
        {children}
      </button>
    </th>
  )
}
