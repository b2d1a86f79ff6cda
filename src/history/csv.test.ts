import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { rows } from './csv.ts'
import type { Text } from './lines.ts'

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

async function read(text: string | Buffer, size = 1 << 16, limit = 1 << 20): Promise<readonly string[]> {
  const found: string[] = []
  const told = ({ line, fault, value }: Text): string => `${line} ${fault ?? JSON.stringify(value)}`
  for await (const texts of rows(cut(Buffer.from(text), size), limit)) found.push(...texts.map(told))
  return found
}

describe('a CSV file', () => {
  test('tells each row by the names of its columns, with the line in which it begins', async () => {
    const text = '\uFEFFa,"b ""x""",c\r\n1,"two\r\nlines, ""q""",\r\n\r\n"","ü{""k"":1}",3\n4,5,"6"'
    for (const size of [1, 2, 5, 1000])
      assert.deepEqual(await read(text, size), [
        '2 {"a":"1","b \\"x\\"":"two\\r\\nlines, \\"q\\""}',
        '5 {"b \\"x\\"":"ü{\\"k\\":1}","c":"3"}',
        '6 {"a":"4","b \\"x\\"":"5","c":"6"}',
      ])
  })

  test('may have semicolons or tabs between its cells', async () => {
    assert.deepEqual(await read('a;b\n1,5;2\n'), ['2 {"a":"1,5","b":"2"}'])
    assert.deepEqual(await read('a\t"b,c"\n1\t2\n'), ['2 {"a":"1","b,c":"2"}'])
    assert.deepEqual(await read('line\n"x"\n'), ['2 {"line":"x"}'])
  })

  test('tells what is no row of it', async () => {
    const none = 'a row that has not 2 cells, as the first one'
    assert.deepEqual(await read('a,b\n1\n1,2,3\n"1"x,2\n"1,2\n'), [
      `2 ${none}`,
      `3 ${none}`,
      `4 ${none}`,
      '5 ends before its quote does',
    ])
    assert.deepEqual(await read(Buffer.concat([Buffer.from('a,b\n1,2\n'), Buffer.from([0xff, 0x2c, 0x32, 0x0a])])), [
      '2 {"a":"1","b":"2"}',
      '3 not valid UTF-8',
    ])
  })

  test('holds no more of a row than it may have', async () => {
    const long = `"${'x\n'.repeat(3000)}"`
    for (const size of [10, 1 << 16])
      assert.deepEqual(await read(`a,b\n${long},1\n3,4\n`, size, 1000), [
        '2 longer than 1000 bytes',
        '3003 {"a":"3","b":"4"}',
      ])
    assert.deepEqual(await read(`a,b\n"${'x\n'.repeat(3000)}`, 10, 1000), ['2 ends before its quote does'])
    assert.deepEqual(await read(`${'a,'.repeat(3000)}\n1\n`), [])
    assert.deepEqual(await read(`a,b\n${','.repeat(500_000)}\n`), ['2 a row that has not 2 cells, as the first one'])
  })

  test('has names and cells of any kind', async () => {
    assert.deepEqual(await read('__proto__,constructor,a\n=1+1,@x,-3\n'), [
      '2 {"__proto__":"=1+1","constructor":"@x","a":"-3"}',
    ])
  })
})
