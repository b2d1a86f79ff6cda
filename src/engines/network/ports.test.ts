import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  ALL_PORTS,
  admitsPort,
  allPorts,
  formatPorts,
  intersectPorts,
  NO_PORTS,
  noPorts,
  type PortSet,
  portRange,
  unitePorts,
} from './ports.ts'

const protocol = fc.constantFrom('TCP' as const, 'UDP' as const, 'SCTP' as const)
const port = fc.integer({ min: 1, max: 65535 })
const ports = fc
  .array(fc.tuple(protocol, port, port), { maxLength: 4 })
  .map((all) =>
    all.reduce<PortSet>(
      (sum, [name, a, b]) => unitePorts(sum, portRange(name, Math.min(a, b), Math.max(a, b))),
      NO_PORTS,
    ),
  )

test('port sets are sets of ports of each protocol', () => {
  fc.assert(
    fc.property(ports, ports, protocol, port, (a, b, name, number) => {
      const [inA, inB] = [admitsPort(a, name, number), admitsPort(b, name, number)]
      assert.equal(admitsPort(unitePorts(a, b), name, number), inA || inB)
      assert.equal(admitsPort(intersectPorts(a, b), name, number), inA && inB)
      assert.deepEqual(intersectPorts(a, ALL_PORTS), a)
      assert.equal(noPorts(intersectPorts(a, NO_PORTS)), true)
      assert.equal(formatPorts(a) === formatPorts(b), JSON.stringify(a) === JSON.stringify(b))
    }),
  )
})

test('ports in words', () => {
  assert.equal(formatPorts(ALL_PORTS), 'all ports')
  assert.equal(formatPorts(NO_PORTS), 'no ports')
  assert.equal(formatPorts(portRange('TCP', 1, 65535)), 'all TCP')
  assert.equal(
    formatPorts(unitePorts(unitePorts(portRange('TCP', 80), portRange('TCP', 81, 90)), portRange('UDP', 53))),
    'TCP 80-90, UDP 53',
  )
  assert.equal(
    allPorts(
      (['TCP', 'UDP', 'SCTP'] as const).reduce<PortSet>(
        (sum, each) => unitePorts(sum, portRange(each, 1, 65535)),
        NO_PORTS,
      ),
    ),
    true,
  )
})
