import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, describe, test } from 'node:test'
import { keepCatalogueIn, readCatalogue } from './catalogue.ts'
import { keptCatalogue } from './kept-catalogue.ts'

const root = mkdtempSync(join(tmpdir(), 'bulkhead-catalogue-'))
after(() => rmSync(root, { recursive: true }))

const folder = join(root, 'policies')
const file = join(root, 'catalogue.json')
const LONG_AGO = new Date('2020-01-01')

function policy(name: string): string {
  return `apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: ${name}}\n`
}

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), text)
}

/** As after a minute: what is written from now on has another time. */
function age(...paths: readonly string[]): void {
  for (const path of paths) utimesSync(join(folder, path), LONG_AGO, LONG_AGO)
}

describe('a catalogue that is kept', () => {
  beforeEach(() => {
    rmSync(folder, { recursive: true, force: true })
    rmSync(file, { force: true })
    write('alpha/policy.yaml', policy('alpha'))
    write('alpha/page.md', '# Alpha')
    write('beta/policy.yaml', policy('beta'))
    write('beta/policy.v1.8.yaml', policy('beta-v1.8'))
    write('beta/fix.yaml', policy('beta'))
    age('alpha/policy.yaml', 'beta/policy.yaml', 'beta/policy.v1.8.yaml', 'beta/fix.yaml', 'alpha', 'beta', '.')
    keepCatalogueIn(file, folder)
  })

  test('is what was read', () => {
    const { policies, fixes } = readCatalogue(folder)
    assert.deepEqual(
      policies.map(({ name }) => name),
      ['alpha', 'beta-v1.8', 'beta'],
    )
    assert.deepEqual([...fixes.keys()], ['beta'])
    const kept = keptCatalogue(file, folder)
    assert.deepEqual({ policies: kept?.policies, fixes: kept?.fixes }, { policies, fixes: [...fixes.values()] })
  })

  test('is what all the policies of the product are', () => {
    const whole = join(root, 'whole.json')
    keepCatalogueIn(whole)
    const { policies, fixes, problems } = readCatalogue()
    const kept = keptCatalogue(whole, join(import.meta.dirname, '../../policies'))
    assert.deepEqual({ policies: kept?.policies, fixes: kept?.fixes }, { policies, fixes: [...fixes.values()] })
    assert.equal(problems.length, 0)
    assert.ok(policies.length > 150)
  })

  const changes: Readonly<Record<string, () => void>> = {
    'a policy of another length': () => {
      write('alpha/policy.yaml', policy('alpha-and-more'))
      age('alpha/policy.yaml')
    },
    'a policy of the same length, written later': () => write('alpha/policy.yaml', policy('omega')),
    'another fix': () => write('beta/fix.yaml', policy('gamma')),
    'a policy that is gone': () => rmSync(join(folder, 'beta/policy.v1.8.yaml')),
    'a fix that was not there': () => write('alpha/fix.yaml', policy('alpha')),
    'a check that was not there': () => write('gamma/policy.yaml', policy('gamma')),
    'a check that is gone': () => rmSync(join(folder, 'beta'), { recursive: true }),
    'no folder at all': () => rmSync(folder, { recursive: true }),
  }
  for (const [name, change] of Object.entries(changes))
    test(`is not taken after ${name}`, () => {
      assert.ok(keptCatalogue(file, folder))
      change()
      assert.equal(keptCatalogue(file, folder), undefined)
    })

  test('is not taken where it is cut off, or is not there', () => {
    writeFileSync(file, '{"seen":[')
    assert.equal(keptCatalogue(file, folder), undefined)
    rmSync(file)
    assert.equal(keptCatalogue(file, folder), undefined)
  })

  test('is not made of what cannot be read', () => {
    rmSync(file)
    write('alpha/policy.yaml', 'a: {')
    keepCatalogueIn(file, folder)
    assert.equal(existsSync(file), false)
  })
})
