import type { ReactNode } from 'react'
import type { Severity } from '../../src/engines/engine.ts'
import type { Verdict } from '../../src/prove/proof.ts'
import type { AssetKind } from '../../src/radius/weights.ts'

const LINE = { fill: 'none', stroke: 'currentColor', strokeWidth: 1.2 } as const

/** Every sign that the page uses, drawn once. */
export function Symbols() {
  return (
    <svg width="0" height="0" style={{ position: 'absolute' }} aria-hidden="true">
      <defs>
        <pattern id="hatching" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <path d="M0 0v6" stroke="var(--hatch-on)" strokeWidth="1.3" />
        </pattern>
      </defs>
      <symbol id="g-unknown" viewBox="0 0 16 16">
        <circle cx="8" cy="8" r="6.8" {...LINE} strokeWidth="1.5" strokeDasharray="2.9 2.44" />
        <path d="M6 6.3a2 2 0 1 1 2.9 1.8c-.6.3-.9.6-.9 1.2" {...LINE} strokeWidth="1.4" />
        <rect x="7.3" y="10.6" width="1.5" height="1.5" fill="currentColor" />
      </symbol>
      <symbol id="g-holds" viewBox="0 0 16 16">
        <rect x="1" y="1" width="14" height="14" fill="currentColor" />
        <path d="M4.2 8.3l2.6 2.6 5-5.6" fill="none" stroke="var(--surface)" strokeWidth="2" />
      </symbol>
      <symbol id="g-breaks" viewBox="0 0 16 16">
        <path d="M8 .6 15.4 8 8 15.4.6 8z" {...LINE} strokeWidth="1.6" />
        <path d="M5.6 5.6l4.8 4.8m0-4.8l-4.8 4.8" {...LINE} strokeWidth="1.6" />
      </symbol>
      <symbol id="g-critical" viewBox="0 0 16 16">
        <path d="M8 1.5 15 14H1z" fill="currentColor" />
      </symbol>
      <symbol id="g-high" viewBox="0 0 16 16">
        <path d="M8 1 15 8 8 15 1 8z" fill="currentColor" />
      </symbol>
      <symbol id="g-medium" viewBox="0 0 16 16">
        <rect x="2" y="2" width="12" height="12" {...LINE} strokeWidth="1.6" />
        <rect x="2" y="8" width="12" height="6" fill="currentColor" />
      </symbol>
      <symbol id="g-low" viewBox="0 0 16 16">
        <circle cx="8" cy="8" r="6" {...LINE} strokeWidth="1.6" />
      </symbol>
      <symbol id="k-control" viewBox="0 0 12 12">
        <rect x="1" y="2" width="10" height="8" {...LINE} />
        <path d="M1 4.7h10" {...LINE} />
      </symbol>
      <symbol id="k-availability" viewBox="0 0 12 12">
        <path d="M3.6 2.6a4.3 4.3 0 1 0 4.8 0M6 .8v5" {...LINE} />
      </symbol>
      <symbol id="k-secrets" viewBox="0 0 12 12">
        <circle cx="4" cy="4" r="2.6" {...LINE} />
        <path d="M6 6l4.6 4.6M8.4 8.4l1.4-1.4" {...LINE} />
      </symbol>
      <symbol id="k-nodePool" viewBox="0 0 12 12">
        <path d="M6 .8 10.8 3.4v5.2L6 11.2 1.2 8.6V3.4z" {...LINE} />
      </symbol>
      <symbol id="k-controlPlane" viewBox="0 0 12 12">
        <circle cx="6" cy="6" r="2.7" {...LINE} />
        <path d="M6 .4v11.2M.4 6h11.2M2 2l8 8M10 2l-8 8" {...LINE} strokeWidth=".9" />
      </symbol>
      <symbol id="k-data" viewBox="0 0 12 12">
        <ellipse cx="6" cy="2.8" rx="4.4" ry="1.8" {...LINE} />
        <path d="M1.6 2.8v6.4c0 1 2 1.8 4.4 1.8s4.4-.8 4.4-1.8V2.8" {...LINE} />
      </symbol>
      <symbol id="k-cloudRole" viewBox="0 0 12 12">
        <path d="M3.2 9.6a2.4 2.4 0 0 1 0-4.8 3 3 0 0 1 5.8.4 2.2 2.2 0 0 1-.2 4.4z" {...LINE} />
      </symbol>
      <symbol id="k-external" viewBox="0 0 12 12">
        <path d="M7 1h4v4M11 1 5.6 6.4M9 7v4H1V3h4" {...LINE} />
      </symbol>
      <symbol id="k-group" viewBox="0 0 12 12">
        <path d="M1 3.4h7.6V11H1zM3.4 3.4V1H11v7.6H8.6" {...LINE} />
      </symbol>
      <symbol id="mark" viewBox="0 0 20 20">
        <path d="M1.5 4h17v5c0 5-3.5 8-8.5 8s-8.5-3-8.5-8z" {...LINE} strokeWidth="2" />
        <path d="M7.5 4v12.4M13 4v12" {...LINE} strokeWidth="2" />
        <path className="fill" d="M2.5 8.5h4v6.8C4 14 2.6 11.9 2.5 9z" fill="var(--w5)" />
      </symbol>
    </svg>
  )
}

/** The sign of a kind of asset; the word stands beside it or in the name of what carries it. */
export function KindMark({ kind }: { kind: AssetKind | undefined }) {
  return (
    <svg className="g12" aria-hidden="true">
      <use href={`#k-${kind ?? 'group'}`} />
    </svg>
  )
}

export function SeverityMark({ severity, children }: { severity: Severity; children?: ReactNode }) {
  const word = severity.charAt(0).toUpperCase() + severity.slice(1)
  return (
    <span className={`sev ${severity}`}>
      <svg className="g" aria-hidden="true">
        <use href={`#g-${severity}`} />
      </svg>
      {word}
      {children}
    </span>
  )
}

/** As the terminal says it. */
export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  holds: 'holds',
  unknown: 'unproven',
  breaks: 'breaks',
}

export function VerdictMark({ verdict }: { verdict: Verdict }) {
  return (
    <span className={`st ${verdict}`}>
      <svg className="g" aria-hidden="true">
        <use href={`#g-${verdict}`} />
      </svg>
      {VERDICT_WORDS[verdict]}
    </span>
  )
}

export function UnknownMark({ word = 'unknown' }: { word?: string }) {
  return (
    <span className="st">
      <svg className="g" aria-hidden="true">
        <use href="#g-unknown" />
      </svg>
      {word}
    </span>
  )
}
