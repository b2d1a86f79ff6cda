import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Expr } from '../ast.ts'
import { compile, kubernetesEnv, Meter } from '../cel.ts'
import { childrenOf } from './children.ts'
import { MAX_NODES } from './factory.ts'
import { parse } from './parse.ts'

const RECURSION = 'expression recursion limit exceeded: 250'
const DEPTH = 'max recursion depth exceeded'

/** The only thing that is wrong, and that it has no place. */
function refused(text: string): string {
  const { issues } = parse(text)
  assert.ok(issues, `accepted: ${text.slice(0, 60)}`)
  assert.equal(issues.length, 1, text.slice(0, 60))
  assert.deepEqual([issues[0]!.line, issues[0]!.column], [-1, -1])
  return issues[0]!.message
}

test('the size of an expression counts code points', () => {
  assert.ok(parse(`'${'😀'.repeat(99_998)}'`).expr)
  assert.equal(
    refused(`'${'😀'.repeat(99_999)}'`),
    'expression code point size exceeds limit: size: 100001, limit 100000',
  )
})

test('brackets are limited at 250', () => {
  for (const [open, close] of [
    ['(', ')'],
    ['[', ']'],
    ['f(', ')'],
    ['{1: ', '}'],
    ['a[', ']'],
    ['A{b: ', '}'],
  ] as const) {
    assert.ok(parse(`${open.repeat(249)}1${close.repeat(249)}`).expr, open)
    assert.equal(refused(`${open.repeat(250)}1${close.repeat(250)}`), RECURSION, open)
  }
})

test('chains of operators and selections are limited at 250', () => {
  for (const [first, again] of [
    ['a', '.b'],
    ['a', '[0]'],
    ['a', '.f()'],
    ['1', ' + 1'],
    ['1', ' < 1'],
  ] as const) {
    assert.ok(parse(first + again.repeat(250)).expr, again)
    assert.equal(refused(first + again.repeat(251)), DEPTH, again)
  }
  assert.equal(refused(`${'a ? b : '.repeat(250)}c`), RECURSION)
})

test('operands on the right count twice, of products thrice', () => {
  assert.ok(parse(`${'1 + ('.repeat(124)}1${')'.repeat(124)}`).expr)
  assert.equal(refused(`${'1 + ('.repeat(125)}1${')'.repeat(125)}`), RECURSION)
})

test('&& and || are balanced, signs collapse', () => {
  const { expr } = parse(`a${' && a'.repeat(16_000)}`)
  assert.ok(depthOf(expr!) < 20)
  assert.ok(parse(`${'!'.repeat(50_001)}a`).expr)
  assert.ok(parse(`${'-'.repeat(50_000)}a`).expr)
})

test('a megabyte of anything ends at once', () => {
  for (const piece of [
    '(',
    '[',
    '{',
    '!',
    '-',
    'a.',
    'a?b:',
    'a?',
    'f(',
    '"',
    "'''",
    '`',
    '\\',
    '@',
    '&',
    '1 ',
    'a.b{',
    '.?',
    '[?',
    ',',
  ]) {
    for (const length of [100_000, 1_000_000]) {
      const before = process.cpuUsage().user
      assert.ok(parse(piece.repeat(length / piece.length)).issues, piece)
      const ms = (process.cpuUsage().user - before) / 1000
      assert.ok(ms < 2000, `${piece}: ${ms} ms`)
    }
  }
})

test('optMap copies its target: the doubling ends', () => {
  assert.ok(parse(`a${'.optMap(x, x)'.repeat(10)}`).expr)
  assert.equal(refused(`a${'.optMap(x, x)'.repeat(200)}`), `expression exceeds ${MAX_NODES} nodes`)
})

test('trees that macros and chains make too deep are refused', () => {
  const text = `${`[1].exists(i, true${' && true'.repeat(38)} && !`.repeat(245)}true${')'.repeat(245)}`
  assert.equal(refused(text), 'expression is deeper than 1000')
})

test('the deepest trees that are accepted can be walked', () => {
  const env = kubernetesEnv({ minor: 36 })
  const maps = `${'[1].map(i, i > 0, '.repeat(245)}1${')'.repeat(245)}`
  const optionals = `${'optional.of(1).optMap(x, '.repeat(245)}1${')'.repeat(245)}`
  for (const [text, depth] of [
    [maps, 981],
    [optionals, 738],
  ] as const) {
    const { program, issues } = compile(text, env)
    assert.equal(issues, undefined)
    assert.equal(depthOf(program!.expr), depth)
    assert.doesNotThrow(() => program!.run([], new Meter()))
  }
})

function depthOf(root: Expr): number {
  let depth = 0
  for (let level: readonly Expr[] = [root]; level.length > 0; level = level.flatMap(childrenOf)) depth++
  return depth
}
