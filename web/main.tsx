import { createRoot } from 'react-dom/client'
import { readReport, Unreadable } from './carrier.ts'
import { Page } from './view/page.tsx'

const root = createRoot(document.getElementById('page') as HTMLElement)

try {
  root.render(<Page report={await readReport(document)} />)
} catch (error) {
  if (!(error instanceof Unreadable)) throw error
  root.render(<p className="opening">{error.message}</p>)
}
