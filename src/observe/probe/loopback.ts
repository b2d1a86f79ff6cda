import { isIPv4, isIPv6 } from 'node:net'

/** 127.0.0.0/8, ::1, and the former as IPv6 writes it. `0.0.0.0` is none: what it leads to is up to the system. */
export function isLoopback(address: string): boolean {
  const plain = address.toLowerCase().replace(/^\[|\]$/g, '')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1]
  if (isIPv4(mapped ?? plain)) return (mapped ?? plain).startsWith('127.')
  if (!isIPv6(plain)) return false
  // The parser of URLs writes the mapped form in hexadecimal.
  const hex = /^::ffff:([0-9a-f]{1,4}):[0-9a-f]{1,4}$/.exec(plain)?.[1]
  return hex === undefined ? /^(0{0,4}:){2,7}0{0,3}1$/.test(plain) : Number.parseInt(hex, 16) >> 8 === 127
}
