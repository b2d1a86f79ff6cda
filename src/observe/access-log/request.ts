/** What the log says of how a limit of its engine took a request. */
export const MARK = {
  untold: 0,
  /** A limit was asked and let it pass. */
  passed: 1,
  /** A limit refused it. */
  refused: 2,
  /** A limit let it pass late. */
  delayed: 3,
  /** A limit in dry run would have refused it. */
  wouldRefuse: 4,
  /** The engine answered by itself: no backend was asked. Whether a limit was why, the status tells. */
  own: 5,
  /** A backend was asked, so no limit refused it. */
  backend: 6,
} as const
export type Mark = (typeof MARK)[keyof typeof MARK]

/**
 * What one line of an access log says. The same record is filled again for each line: texts are ranges of `bytes`, which
 * are only valid until the next line is read, and of an absent text both ends are 0. Nothing of a query, a cookie or a
 * token is among them.
 */
export interface Request {
  bytes: Uint8Array
  /** Milliseconds since 1970; NaN where the line has none. */
  time: number
  /** Milliseconds between two times that the log can tell apart: 1000 of nginx's `$time_local`. */
  resolution: number
  /** Whether `time` is when the request came, as Envoy, HAProxy and Traefik log; nginx logs when it was answered. */
  isStart: boolean
  /** Milliseconds; NaN where the line does not tell. */
  duration: number
  /** 0 where there was no answer. */
  status: number
  /** Bytes that came: the body, or with the headers where the log counts them together. NaN: not told. */
  received: number
  mark: Mark
  /** As logged, without its port. */
  clientFrom: number
  clientTo: number
  /** X-Forwarded-For, whole. */
  forwardedFrom: number
  forwardedTo: number
  hostFrom: number
  hostTo: number
  /** Without its query. */
  pathFrom: number
  pathTo: number
  methodFrom: number
  methodTo: number
  /** The engine's name of what it passed it to: `$proxy_upstream_name` of ingress-nginx. */
  backendFrom: number
  backendTo: number
}

export function emptyRequest(): Request {
  return {
    bytes: new Uint8Array(0),
    time: Number.NaN,
    resolution: 1,
    isStart: false,
    duration: Number.NaN,
    status: 0,
    received: Number.NaN,
    mark: MARK.untold,
    clientFrom: 0,
    clientTo: 0,
    forwardedFrom: 0,
    forwardedTo: 0,
    hostFrom: 0,
    hostTo: 0,
    pathFrom: 0,
    pathTo: 0,
    methodFrom: 0,
    methodTo: 0,
    backendFrom: 0,
    backendTo: 0,
  }
}

/** Makes the record ready for another line. */
export function clear(request: Request): void {
  request.time = Number.NaN
  request.resolution = 1
  request.duration = Number.NaN
  request.status = 0
  request.received = Number.NaN
  request.mark = MARK.untold
  request.clientFrom = request.clientTo = 0
  request.forwardedFrom = request.forwardedTo = 0
  request.hostFrom = request.hostTo = 0
  request.pathFrom = request.pathTo = 0
  request.methodFrom = request.methodTo = 0
  request.backendFrom = request.backendTo = 0
}
