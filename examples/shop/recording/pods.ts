import { random } from '../../../bench/generate.ts'
import { BACKUP, backupAddress, NODES, WORKLOADS } from './plan.ts'

export interface Running {
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet'
  /** `app.kubernetes.io/part-of`. */
  readonly part: string
  /** Service account; `default` unless told. */
  readonly account?: string
  /** One pod each, within 10.244.0.0/16. */
  readonly ips: string
  /** When its pods were replaced, and by pods with which addresses. */
  readonly later?: readonly [at: string, ips: string]
}

export interface Pod {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly workload: { readonly name: string; readonly kind: string }
  readonly part: string
  readonly account: string
  readonly address: string
  readonly node: string
}

export type Draw = () => number

export function pick<T>(all: readonly T[], draw: Draw): T {
  return all[Math.floor(draw() * all.length)] as T
}

export function drawOf(text: string): Draw {
  let seed = 0
  for (const character of text) seed = (Math.imul(seed, 31) + character.charCodeAt(0)) | 0
  return random(seed)
}

export function uuid(draw: Draw): string {
  const digits = (count: number): string =>
    Array.from({ length: count }, () => Math.floor(draw() * 16).toString(16)).join('')
  return `${digits(8)}-${digits(4)}-4${digits(3)}-a${digits(3)}-${digits(12)}`
}

/** k8s.io/apimachinery/pkg/util/rand. */
const SAFE = [...'bcdfghjklmnpqrstvwxz2456789']

function suffix(draw: Draw, length: number): string {
  return Array.from({ length }, () => pick(SAFE, draw)).join('')
}

function nodeOf(ip: string): string {
  return NODES[Number(ip.split('.')[0])]?.name ?? ''
}

const known = new Map<string, readonly Pod[]>()

/** The pods of a workload (`namespace/name`) as they are at a time. */
export function podsOf(id: string, time: number): readonly Pod[] {
  const running = WORKLOADS[id]
  if (!running) throw new Error(`no workload ${id}`)
  const isReplaced = running.later !== undefined && time >= Date.parse(running.later[0])
  const key = `${id} ${isReplaced}`
  const before = known.get(key)
  if (before) return before
  const draw = drawOf(key)
  const [namespace = '', name = ''] = id.split('/')
  const { kind, part, account = 'default' } = running
  const hash = suffix(draw, 10)
  const nameOf = (at: number): string => {
    if (kind === 'StatefulSet') return `${name}-${at}`
    return kind === 'Deployment' ? `${name}-${hash}-${suffix(draw, 5)}` : `${name}-${suffix(draw, 5)}`
  }
  const ips = (isReplaced && running.later?.[1]) || running.ips
  const pods = ips.split(' ').map((ip, at) => ({
    namespace,
    name: nameOf(at),
    uid: uuid(draw),
    workload: { name, kind },
    part,
    account,
    address: `10.244.${ip}`,
    node: nodeOf(ip),
  }))
  known.set(key, pods)
  return pods
}

/** The pod of the backup Job of a night, counted from 0. */
export function backupPod(night: number, date: string): Pod {
  const name = `${BACKUP.name}-${date.slice(5).replace('-', '')}`
  const draw = drawOf(name)
  const ip = backupAddress(night)
  return {
    namespace: BACKUP.namespace,
    name: `${name}-${suffix(draw, 5)}`,
    uid: uuid(draw),
    workload: { name, kind: 'Job' },
    part: 'backup',
    account: 'default',
    address: `10.244.${ip}`,
    node: nodeOf(ip),
  }
}
