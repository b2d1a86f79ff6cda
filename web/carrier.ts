import type { Report } from '../src/report/report.ts'

/** Why a page cannot show its report, in words for whoever opened it. */
export class Unreadable extends Error {}

/** The report that the page carries: JSON, compressed, in base64. */
export async function readReport(page: Document): Promise<Report> {
  const carrier = page.getElementById('report')
  if (!carrier)
    throw new Unreadable('This page carries no report. Make one with: bulkhead scan -f DIR -R -o html=report.html')
  if (typeof DecompressionStream === 'undefined')
    throw new Unreadable('This browser cannot unpack the report (no DecompressionStream). Any browser since 2023 can.')
  let report: Report
  try {
    report = JSON.parse(await gunzip(bytesOf(carrier.textContent ?? ''))) as Report
  } catch (error) {
    throw new Unreadable(`The report in this file is damaged: ${(error as Error).message}`)
  }
  if (report?.kind !== 'Report') throw new Unreadable('What this file carries is not a report of Bulkhead.')
  // Only this copy is read from here on; the text in the page would double the memory.
  carrier.remove()
  return report
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64.trim())
  const bytes = new Uint8Array(binary.length)
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at)
  return bytes
}

async function gunzip(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
  return await new Response(stream).text()
}
