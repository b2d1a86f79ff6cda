import type { Limit } from '../../engines/traffic/limit.ts'
import type { AccessLogCoverage } from '../../observe/access-log/told.ts'
import type { BodyTrial } from '../../prove/limits/bodies.ts'
import type { RefusedClient } from '../../prove/limits/tally.ts'
import type { Trial } from '../../prove/limits/trial.ts'
import type { Proof } from '../../prove/proof.ts'
import { type ReportProof, reportProof } from '../plan.ts'
import { limitWords } from './limit-words.ts'
import { type ReportLogs, timeText } from './logs.ts'

/** `traffic replay -o json`. */
export interface TrafficReplay {
  readonly apiVersion: string
  readonly kind: 'TrafficReplay'
  readonly logs: ReportLogs
  readonly items: readonly ReplayItem[]
}

export interface ReplayItem {
  /** Empty where the whole log is one route. */
  readonly route: string
  readonly target: string
  readonly limits: readonly (Limit & { readonly text: string })[]
  readonly requests: number
  readonly clients: number
  readonly refused: Refused
  readonly worst: readonly ReportRefused[]
  /** What the log says of its own refusals, where the limits are those under which it was written. */
  readonly control?: ReportControl
  readonly body?: { readonly sized: number; readonly refused: number; readonly largest: number }
  /** Absent where no limit holds on the route. */
  readonly proof?: ReportProof
}

export interface Refused {
  readonly requests: number
  /** Whatever the times were within the seconds that the log tells. */
  readonly least: number
  readonly most: number
  readonly delayed: number
  readonly share: number
  readonly clients: number
  /** RFC 3339; empty where nothing was refused. */
  readonly first: string
}

export interface ReportRefused {
  readonly client: string
  readonly requests: number
  readonly refused: number
  readonly first: string
  readonly last: string
  readonly file: string
  readonly line: number
}

export interface ReportControl {
  readonly compared: number
  readonly bothRefuse: number
  readonly bothAdmit: number
  readonly onlyLog: number
  readonly onlyModel: number
  /** Refusals that are told by their status alone, which a backend may have given. */
  readonly byStatus: number
  /** Share of the requests on which the log and the model agree; null where there is nothing to compare. */
  readonly agreement: number | null
}

const WORST = 20

export interface ReplayedItem {
  readonly route: string
  readonly target: string
  readonly limits: readonly Limit[]
  readonly trial: Trial
  readonly body: BodyTrial | undefined
  readonly nameOf: (client: number) => string
  readonly proof: Proof | undefined
}

export function replayItem(each: ReplayedItem, { files }: AccessLogCoverage): ReplayItem {
  const { route, target, limits, trial, body, nameOf, proof } = each
  const worst = trial.tally.worst(WORST)
  const { logged } = trial
  return {
    route,
    target,
    limits: limits.map((limit) => ({ text: limitWords(limit), ...limit })),
    requests: trial.requests,
    clients: trial.tally.clients,
    refused: {
      requests: trial.refused,
      least: trial.leastRefused,
      most: trial.mostRefused,
      delayed: trial.delayed,
      share: trial.requests === 0 ? 0 : trial.refused / trial.requests,
      clients: trial.tally.refusedClients,
      first: worst.length === 0 ? '' : timeText(trial.firstRefused),
    },
    worst: worst.map((client) => reportRefused(client, nameOf, files)),
    ...(trial.isInForce && limits.length > 0
      ? {
          control: {
            compared: logged.compared,
            bothRefuse: logged.bothRefuse,
            bothAdmit: logged.bothAdmit,
            onlyLog: logged.onlyLog,
            onlyModel: logged.onlyModel,
            byStatus: logged.byStatus,
            agreement: logged.compared === 0 ? null : logged.agreed / logged.compared,
          },
        }
      : {}),
    ...(body ? { body: { sized: body.sized, refused: body.refused, largest: body.largest } } : {}),
    ...(proof ? { proof: reportProof(proof) } : {}),
  }
}

function reportRefused(
  each: RefusedClient,
  nameOf: (client: number) => string,
  files: readonly string[],
): ReportRefused {
  return {
    client: nameOf(each.client),
    requests: each.requests,
    refused: each.refused,
    first: timeText(each.first),
    last: timeText(each.last),
    file: files[each.file] ?? '',
    line: each.line,
  }
}
