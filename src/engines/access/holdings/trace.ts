import { bindingOfReason } from '../../../authz/reason.ts'
import { idOf } from '../../../cluster/object.ts'
import type { Access } from '../../../history/history.ts'
import { callerOf, isAllowed, sourceOf } from '../signals/origin.ts'
import { Tallies, type Tally, tally } from '../signals/tally.ts'

const MOST_KEYS = 10_000
const MOST_PLACES = 16

/** A credential that was seen in use. */
export interface CredentialSeen extends Tally {
  /** `JTI=…`, `X509SHA256=…`, `AKID=…`. */
  readonly credential: string
  /** Last addresses and agents, the first of them. */
  readonly sources: Set<string>
  readonly agents: Set<string>
  readonly groups: readonly string[]
  /** The pod that the token is bound to. */
  readonly pod: string
}

/** A token that was asked for by TokenRequest. */
export interface Minted extends Tally {
  /** `namespace/name` of the service account. */
  readonly account: string
  /** `JTI=…`; empty where the log does not tell which token it was. */
  readonly credential: string
  /** Milliseconds since 1970; undefined where the log holds no bodies. */
  readonly until: number | undefined
  readonly by: string
  used: Tally | undefined
}

/** What the records show of one user: itself, and what it made others do. */
export interface Trace {
  readonly user: string
  readonly all: Tally
  readonly groups: Tallies
  readonly credentials: Tallies<CredentialSeen>
  /** With credentials that the log does not name: the one key is the empty text. */
  readonly unnamed: Tallies<CredentialSeen>
  /** Bindings that the log says allowed its own requests, by their ids. */
  readonly bindings: Tallies
  readonly sessions: Tallies
  readonly minted: Tallies<Minted>
  /** `namespace/name`, `namespace/*` of a list, `*` of one over all namespaces. */
  readonly secrets: Tallies
  /** As whom it acted. */
  readonly actedAs: Tallies
  /** Who acted as it. */
  readonly actedBy: Tallies
  /** What it made that outlives it: `create rolebindings in shop`, with the name where the log tells it. */
  readonly made: Tallies
}

/** What can keep a way in open for whoever made it. */
const LASTING: ReadonlySet<string> = new Set([
  'rbac.authorization.k8s.io/roles',
  'rbac.authorization.k8s.io/clusterroles',
  'rbac.authorization.k8s.io/rolebindings',
  'rbac.authorization.k8s.io/clusterrolebindings',
  'rbacmanager.reactiveops.io/rbacdefinitions',
  'certificates.k8s.io/certificatesigningrequests',
  'admissionregistration.k8s.io/mutatingwebhookconfigurations',
  'admissionregistration.k8s.io/validatingwebhookconfigurations',
  'admissionregistration.k8s.io/mutatingadmissionpolicies',
  '/serviceaccounts',
  '/secrets',
  'batch/cronjobs',
])
const MAKING: ReadonlySet<string> = new Set(['create', 'update', 'patch'])
const READING: ReadonlySet<string> = new Set(['get', 'list', 'watch'])

/** Follows the users that `wanted` names, and nobody else: all that is kept is of them. */
export class TraceFold {
  readonly traces = new Map<string, Trace>()
  /** Of the groups that are followed: who was in them. */
  readonly members = new Map<string, Tallies>()
  /** Tokens of the accounts that are followed, whoever asked for them; kubelets ask for those of pods, which end with them. */
  readonly mintedFor: Tallies<Minted>
  readonly #wanted: (user: string) => boolean
  readonly #groups: ReadonlySet<string>
  readonly #accounts: ReadonlySet<string>
  readonly #minted = new Map<string, Minted>()

  /** `groups` by name, `accounts` as `namespace/name`. */
  constructor(
    wanted: (user: string) => boolean,
    followed: { readonly groups?: readonly string[]; readonly accounts?: readonly string[] } = {},
  ) {
    this.#wanted = wanted
    this.#groups = new Set(followed.groups)
    this.#accounts = new Set(followed.accounts)
    this.mintedFor = new Tallies(MOST_KEYS, minted)
  }

  add(access: Access): void {
    const { credential, impersonator } = access
    if (credential !== '' && this.#minted.size > 0) {
      const minted = this.#minted.get(credential)
      if (minted) {
        if (minted.used) touch(minted.used, access)
        else minted.used = tally(access)
      }
    }
    if (this.#groups.size > 0) this.#follow(access)
    const caller = callerOf(access)
    if (this.#accounts.size > 0 && isMinting(access) && this.#accounts.has(`${access.namespace}/${access.name}`)) {
      if (!caller.startsWith('system:node:')) {
        const made = this.mintedFor.add(`${caller} ${access.issued}`, access)
        if (made && access.issued !== '') this.#minted.set(access.issued, made)
      }
    }
    if (caller !== '' && this.#wanted(caller)) this.#own(this.#traceOf(caller, access), access, caller)
    if (impersonator && this.#wanted(access.user))
      this.#traceOf(access.user, access).actedBy.add(impersonator.user, access)
  }

  #follow(access: Access): void {
    for (const group of access.groups) {
      if (!this.#groups.has(group)) continue
      const members = this.members.get(group) ?? new Tallies(MOST_KEYS, tally)
      this.members.set(group, members)
      members.add(access.user, access)
    }
  }

  #traceOf(user: string, access: Access): Trace {
    let trace = this.traces.get(user)
    if (!trace) {
      trace = {
        user,
        all: { ...tally(access), times: 0 },
        groups: new Tallies(MOST_KEYS, tally),
        credentials: new Tallies(MOST_KEYS, credentialSeen),
        unnamed: new Tallies(1, credentialSeen),
        bindings: new Tallies(MOST_KEYS, tally),
        sessions: new Tallies(MOST_KEYS, tally),
        minted: new Tallies(MOST_KEYS, minted),
        secrets: new Tallies(MOST_KEYS, tally),
        actedAs: new Tallies(MOST_KEYS, tally),
        actedBy: new Tallies(MOST_KEYS, tally),
        made: new Tallies(MOST_KEYS, tally),
      }
      this.traces.set(user, trace)
    }
    return trace
  }

  #own(trace: Trace, access: Access, caller: string): void {
    const { credential, session, user, impersonator, verb, group, resource, subresource, namespace } = access
    touch(trace.all, access)
    for (const each of impersonator?.groups ?? access.groups) trace.groups.add(each, access)
    const seen = (credential === '' ? trace.unnamed : trace.credentials).add(credential, access)
    const source = sourceOf(access)
    if (seen && source !== '' && seen.sources.size < MOST_PLACES) seen.sources.add(source)
    if (seen && access.userAgent !== '' && seen.agents.size < MOST_PLACES)
      seen.agents.add(access.userAgent.slice(0, 200))
    if (session !== '') trace.sessions.add(session, access)
    if (impersonator && user !== caller) trace.actedAs.add(user, access)
    if (!isAllowed(access)) return
    const by = impersonator ? undefined : bindingOfReason(access.reason)
    if (by) trace.bindings.add(idOf(by.kind, by.namespace, by.name), access)
    if (access.dryRun || access.code >= 400) return
    if (isMinting(access)) {
      const key = access.issued === '' ? `${namespace}/${access.name}` : access.issued
      const made = trace.minted.add(key, access)
      if (made && access.issued !== '') this.#minted.set(access.issued, made)
    } else if (group === '' && resource === 'secrets' && subresource === '' && READING.has(verb)) {
      const { name } = access
      trace.secrets.add(namespace === '' ? '*' : `${namespace}/${name === '' ? '*' : name}`, access)
    }
    if (MAKING.has(verb) && LASTING.has(`${group}/${resource}`) && subresource !== 'token')
      trace.made.add(madeText(access), access)
  }
}

function isMinting(access: Access): boolean {
  return (
    access.subresource === 'token' &&
    access.resource === 'serviceaccounts' &&
    access.verb === 'create' &&
    access.group === '' &&
    isAllowed(access) &&
    !access.dryRun &&
    access.code < 400
  )
}

function touch(seen: Tally, access: Access): void {
  seen.times++
  if (access.time < seen.first) seen.first = access.time
  if (access.time >= seen.last) {
    seen.last = access.time
    const { place, id } = access
    seen.lastPlace = { file: place.file, line: place.line, id }
  }
}

function credentialSeen(access: Access): CredentialSeen {
  const { credential, impersonator, groups, pod } = access
  return {
    ...tally(access),
    credential,
    sources: new Set(),
    agents: new Set(),
    groups: impersonator?.groups ?? groups,
    pod: pod?.name ?? '',
  }
}

function minted(access: Access): Minted {
  return {
    ...tally(access),
    account: `${access.namespace}/${access.name}`,
    by: callerOf(access),
    credential: access.issued,
    until: access.issuedUntil,
    used: undefined,
  }
}

const OBJECT_NAME = /\\?"objectRef\\?"\s*:\s*\{[^{}]*?\\?"name\\?"\s*:\s*\\?"([^"\\]{1,253})/

/** The authorizer sees no name where something is made; the event has it. */
function madeText(access: Access): string {
  const { verb, group, resource, subresource, namespace } = access
  const name = access.name !== '' ? access.name : (OBJECT_NAME.exec(access.raw())?.[1] ?? '')
  const what = `${resource}${subresource === '' ? '' : `/${subresource}`}${group === '' ? '' : `.${group}`}`
  return `${verb} ${what}${name === '' ? '' : ` ${name}`}${namespace === '' ? '' : ` in ${namespace}`}`
}
