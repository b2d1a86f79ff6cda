import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile, DYN, kubernetesEnv, Meter } from '../../../cel/cel.ts'
import { FILTER_OF_NOTHING } from './run.ts'
import { EMPTINESS_COST } from './validate.ts'

/** What the evaluator does not evaluate costs what it would cost, in every release. */
for (const minor of [28, 30, 31, 32, 34, 36, 37])
  test(`the costs of what is not evaluated, 1.${minor}`, () => {
    const env = kubernetesEnv({ minor, mode: 'stored', variables: new Map([['variables', DYN]]) })
    const cost = (text: string, x: readonly number[]): number => {
      const { program } = compile(text, env)
      assert.ok(program)
      const meter = new Meter()
      program.run([{ x }], meter)
      return meter.cost
    }
    assert.equal(cost('variables.x.filter(c, c == 1)', []), FILTER_OF_NOTHING)
    for (const x of [[], [1], Array.from({ length: 1_000 }, () => 1)])
      assert.equal(cost('size(variables.x) == 0', x), EMPTINESS_COST)
  })
