import { type Because, because } from '../../../cluster/because.ts'
import { at, string } from '../../../cluster/json.ts'
import type { Edge, EdgeKind } from '../../engine.ts'
import { type Answer, both, either } from '../aws/answer.ts'
import type { CloudContext } from '../context.ts'
import { type GcpDecision, type GcpWorld, gcpDecide } from '../gcp/decide.ts'
import type { GcpWho } from '../gcp/members.ts'
import { serviceAccount } from '../gcp-world.ts'
import { type GoogleMachine, googleMachines } from '../google-machines.ts'
import { reasonsOf } from './google.ts'

export const GOOGLE_NODE_KIND: EdgeKind = {
  kind: 'gcp-node-command',
  title: 'can run commands as root on',
  from: 'CloudIdentity',
  to: 'Node',
  chance: '1',
  precondition:
    'its roles let it write the metadata of the instance (SSH keys, startup scripts) and restart it, or log in as an administrator by OS Login, and act as the service account of the instance; unknown where the instance is not restarted, or its SSH port must be reached; not where Autopilot runs the machines',
  source: 'Compute Engine, Add SSH keys to VMs, Use startup scripts, Set up OS Login',
}

const ACT_AS = 'iam.serviceAccounts.actAs'
const METADATA = 'compute.instances.setMetadata'
const RESTART = 'compute.instances.reset'
const COMMON = 'compute.projects.setCommonInstanceMetadata'
const LOGIN = 'compute.instances.osAdminLogin'

interface Way {
  readonly rule: string
  readonly answer: Answer
  readonly because: readonly Because[]
}

/** Nodes of which a principal of Google Cloud becomes root, by the machines that they are. */
export function* googleNodeEdges(
  context: CloudContext,
  node: string,
  who: GcpWho,
  world: GcpWorld,
  spend: (resource: string) => boolean,
): Generator<Edge> {
  const told = googleMachines(context)
  const isLoose =
    (world.unplaced ?? []).some(({ condition }) => condition !== undefined) ||
    [...world.bindings.values()].flat().some(({ condition }) => condition !== undefined)
  const alike = new Map<string, Way>()
  for (const { id, object } of context.cluster.placement.nodes) {
    const machine = told.get(id) ?? untold(string(at(object?.body, 'spec', 'providerID')))
    if (!machine || machine.isAutopilot) continue
    // Instances of one project with the same identity are alike, unless a binding or a condition tells them apart.
    const key =
      isLoose || world.bindings.has(machine.resource)
        ? machine.resource
        : `${machine.project} ${machine.hasAccount} ${machine.account} ${machine.osLogin}`
    const known = alike.get(key)
    if (!known && !spend(machine.resource)) return
    const way = known ?? wayTo(machine, who, world, context)
    alike.set(key, way)
    if (way.answer === 'no') continue
    yield {
      kind: 'gcp-node-command',
      from: node,
      to: id,
      chance: 1,
      truth: way.answer === 'yes' ? 'yes' : 'unknown',
      rule: way.rule,
      because: way.because,
    }
  }
}

type Machine = Pick<GoogleMachine, 'resource' | 'project' | 'account' | 'hasAccount' | 'osLogin' | 'isAutopilot'>

/** What its name alone tells of an instance. */
function untold(provider: string | undefined): Machine | undefined {
  const [, project, zone, name] = /^gce:\/\/([^/]{1,200})\/([^/]{1,100})\/([^/]{1,200})$/.exec(provider ?? '') ?? []
  return project === undefined
    ? undefined
    : {
        resource: `projects/${project}/zones/${zone}/instances/${name}`,
        project,
        account: '',
        hasAccount: 'unknown',
        osLogin: undefined,
        isAutopilot: false,
      }
}

function wayTo(machine: Machine, who: GcpWho, world: GcpWorld, { exports }: CloudContext): Way {
  const { resource, project, account, hasAccount, osLogin } = machine
  const ask = (permission: string, on: string): GcpDecision => gcpDecide({ who, permission, resource: on }, world)
  const reads = (...decided: readonly GcpDecision[]) => [...new Set(decided.flatMap((each) => reasonsOf(each)))]
  const writes = ask(METADATA, resource)
  const common = ask(COMMON, `projects/${project}`)
  const login = osLogin === false ? undefined : ask(LOGIN, resource)
  let best: Way = { rule: '', answer: 'no', because: [] }
  const take = (way: Way): void => {
    if (either(best.answer, way.answer) !== best.answer) best = way
  }
  if (writes.answer === 'no' && common.answer === 'no' && (login?.answer ?? 'no') === 'no') return best
  // As what the instance runs may be unknown; then the project is asked for the reasons alone.
  const acts =
    hasAccount === 'no'
      ? undefined
      : ask(ACT_AS, hasAccount === 'yes' ? serviceAccount(account, exports.gcp.projects) : `projects/${project}`)
  const acting: Answer = acts === undefined ? 'yes' : hasAccount === 'unknown' ? 'maybe' : acts.answer
  const why = acts ? reasonsOf(acts) : []
  if (writes.answer !== 'no') {
    const restarts = ask(RESTART, resource)
    take({
      rule: 'set-metadata',
      answer: both(both(writes.answer, acting), both('yes', either(restarts.answer, 'maybe'))),
      because: [
        ...reads(writes, restarts),
        ...why,
        ...(restarts.answer === 'yes'
          ? []
          : [because('it takes an SSH port that is reached, or a restart by somebody else')]),
      ],
    })
  }
  if (common.answer !== 'no')
    take({
      rule: 'set-project-metadata',
      answer: both(both(common.answer, acting), 'maybe'),
      because: [
        ...reads(common),
        ...why,
        because('the instance may shut keys of its project out, and its SSH port must be reached'),
      ],
    })
  if (login !== undefined && login.answer !== 'no')
    take({
      rule: 'os-login',
      answer: both(both(login.answer, acting), 'maybe'),
      because: [
        ...reads(login),
        ...why,
        because(osLogin === true ? 'its SSH port must be reached' : 'whether OS Login is switched on is in no export'),
      ],
    })
  return best
}
