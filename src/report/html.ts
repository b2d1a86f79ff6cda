import { existsSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { Report } from './report.ts'

/** The page as built from `web/`: one file with its styles, fonts and script; the mark is where the report goes. */
const PAGES = [new URL('../../dist/web/report.html', import.meta.url), new URL('../web/report.html', import.meta.url)]
const MARK = '<!--bulkhead-report-->'

/**
 * One file that opens without a network. The report travels compressed and in base64, so that no name in it can end the
 * element it stands in.
 */
export function* html(report: Report): Generator<string> {
  const page = PAGES.find((url) => existsSync(url))
  if (!page) throw new Error('the page of the report is not built; run: node bin/setup.mjs')
  const [before, after] = readFileSync(page, 'utf8').split(MARK) as [string, string | undefined]
  if (after === undefined) throw new Error(`the page of the report lacks its mark ${MARK}`)
  yield before
  yield '<script type="application/gzip" id="report">'
  yield gzipSync(JSON.stringify(report), { level: 9 }).toString('base64')
  yield '</script>'
  yield after
}
