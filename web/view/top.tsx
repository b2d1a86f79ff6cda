import { useState } from 'react'
import { useCurrent } from './measure.ts'

const SECTIONS = [
  { id: 'plan', text: 'Plan' },
  { id: 'radius', text: 'Radius' },
  { id: 'applications', text: 'Applications' },
  { id: 'entries', text: 'Entries' },
  { id: 'overload', text: 'Overload' },
  { id: 'findings', text: 'Findings' },
  { id: 'unknown', text: 'Not known' },
  { id: 'assets', text: 'Assets' },
  { id: 'method', text: 'How risk is counted' },
]
const IDS = SECTIONS.map(({ id }) => id)

/** The mark, where to go, and the note that this file is an attacker's map. */
export function Top({ planned, overloaded }: { planned: boolean; overloaded: boolean }) {
  const current = useCurrent(IDS)
  const [theme, turn] = useTheme()
  const shown = SECTIONS.filter(({ id }) => (id !== 'plan' || planned) && (id !== 'overload' || overloaded))
  const links = shown.map(({ id, text }) => (
    <li key={id}>
      <a href={`#${id}`} aria-current={current === id ? 'location' : undefined}>
        {text}
      </a>
    </li>
  ))
  const themeButton = (
    <button type="button" className="btn" onClick={turn}>
      {theme === 'dark' ? 'Light' : 'Dark'}
    </button>
  )
  const printButton = (
    <button type="button" className="btn" onClick={() => print()}>
      Print
    </button>
  )
  return (
    <>
      <header className="top">
        <div className="bar">
          <a className="mark" href="#main">
            <svg width="20" height="20" aria-hidden="true">
              <use href="#mark" />
            </svg>
            Bulkhead
          </a>
          <nav className="nav" aria-label="Sections">
            <ul>{links}</ul>
          </nav>
          <span className="sp" />
          <span className="tools">
            {themeButton}
            {printButton}
          </span>
          <details className="menu">
            <summary>Contents</summary>
            <ul>
              {links}
              <li>
                <button type="button" onClick={turn}>
                  {theme === 'dark' ? 'Light colours' : 'Dark colours'}
                </button>
              </li>
              <li>
                <button type="button" onClick={() => print()}>
                  Print
                </button>
              </li>
            </ul>
          </details>
        </div>
      </header>
      <p className="conf">
        <b>Confidential.</b> This file is an attacker’s map of the cluster. Store it like a credential. The values of
        Secrets are never kept.
      </p>
    </>
  )
}

/** As the system has it, until the button says otherwise. */
function useTheme(): ['light' | 'dark', () => void] {
  const [theme, setTheme] = useState<'light' | 'dark'>(() =>
    matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light',
  )
  const turn = (): void => {
    const next = theme === 'dark' ? 'light' : 'dark'
    document.documentElement.dataset.theme = next
    setTheme(next)
  }
  return [theme, turn]
}
