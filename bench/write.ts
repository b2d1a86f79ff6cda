import { closeSync, openSync, writeSync } from 'node:fs'

/** Writes documents as one YAML stream, in block style as people write it. */
export function writeYaml(path: string, documents: Iterable<object>): void {
  write(path, documents, (document) => `---\n${block(document, 0)}`, '', '')
}

/** Writes documents as one List, indented as kubectl does. */
export function writeList(path: string, documents: Iterable<object>): void {
  let first = true
  const item = (document: object): string => {
    const text = JSON.stringify(document, null, 4).replaceAll('\n', '\n        ')
    const comma = first ? '' : ',\n'
    first = false
    return `${comma}        ${text}`
  }
  write(path, documents, item, '{\n    "apiVersion": "v1",\n    "items": [\n', '\n    ],\n    "kind": "List"\n}\n')
}

/** Writes `count` lines, of which never more than a mebibyte is held. */
export function writeLines(path: string, count: number, line: (index: number) => string): void {
  const file = openSync(path, 'w')
  let buffer = ''
  for (let index = 0; index < count; index++) {
    buffer += `${line(index)}\n`
    if (buffer.length < 1 << 20) continue
    writeSync(file, buffer)
    buffer = ''
  }
  writeSync(file, buffer)
  closeSync(file)
}

function write(
  path: string,
  documents: Iterable<object>,
  text: (document: object) => string,
  head: string,
  tail: string,
): void {
  const file = openSync(path, 'w')
  writeSync(file, head)
  let buffer = ''
  for (const document of documents) {
    buffer += text(document)
    if (buffer.length < 1 << 20) continue
    writeSync(file, buffer)
    buffer = ''
  }
  writeSync(file, buffer + tail)
  closeSync(file)
}

function block(value: unknown, indent: number): string {
  const margin = ' '.repeat(indent)
  if (Array.isArray(value))
    return value
      .map((item) => `${margin}- ${isNested(item) ? block(item, indent + 2).trimStart() : `${scalar(item)}\n`}`)
      .join('')
  return Object.entries(value as object)
    .map(
      ([key, item]) =>
        `${margin}${JSON.stringify(key).slice(1, -1)}:${isNested(item) ? `\n${block(item, indent + 2)}` : ` ${scalar(item)}\n`}`,
    )
    .join('')
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

function scalar(value: unknown): string {
  return typeof value === 'string' &&
    /^[A-Za-z][A-Za-z0-9 ./_:@-]*$/.test(value) &&
    !value.includes(': ') &&
    !/^(true|false|yes|no|on|off|null|y|n)$/i.test(value)
    ? value
    : JSON.stringify(value)
}
