import { probe, probes } from '../probe.ts'
import { allows, type Right, type Rights } from '../rights.ts'
import { type AccessContext, type AccessRule, creating, step, together } from '../rule.ts'
import { ONLY, type ScopeKinds } from '../scopes.ts'

const GROUP = 'certificates.k8s.io'
const REQUEST = probe('create', GROUP, 'certificatesigningrequests')
const READ = probes(['get', 'list', 'watch'], GROUP, ['certificatesigningrequests'])
const APPROVAL = probes(['update', 'patch'], GROUP, ['certificatesigningrequests/approval'])
const APPROVE = probe('approve', GROUP, 'signers')
const NODE_CLIENT = probe('create', GROUP, 'certificatesigningrequests/nodeclient')

const CLIENT = 'kubernetes.io/kube-apiserver-client'
const KUBELET_CLIENT = 'kubernetes.io/kube-apiserver-client-kubelet'

const FROM = 'User, Group, ServiceAccount'

/**
 * Certificates that the controller manager signs. Who updates an approval is answered with the whole request, its
 * certificate included, and needs no right to read it. `sign` without the key of the authority posts what nobody trusts,
 * and `attest` writes bundles of trust that authenticate nobody: neither is a step.
 */
export function certificateRules(kinds: ScopeKinds): readonly AccessRule[] {
  return [
    {
      kinds: [
        {
          kind: 'approve-certificate',
          title: 'approves a client certificate in any name for itself',
          from: FROM,
          to: 'Scope identities: every user, group and service account but system:masters',
          chance: '1',
          precondition:
            '`create` on certificatesigningrequests, `update` or `patch` on certificatesigningrequests/approval, and `approve` on signers for kubernetes.io/kube-apiserver-client (or kubernetes.io/*), all cluster-wide. CertificateSubjectRestriction keeps the group system:masters out. Unknown on EKS, whose controller manager does not sign these',
          source: 'plugin/pkg/admission/certificates; pkg/registry/certificates/certificates/storage',
        },
      ],
      *edges(rights, context) {
        const to = (): string => context.scopes.of(kinds.identities, ONLY)
        for (const by of approving(rights, CLIENT))
          yield step('approve-certificate', rights, to(), by, { truth: isSigned(context) ? 'yes' : 'unknown' })
      },
    },
    {
      kinds: [
        {
          kind: 'approve-node-certificate',
          title: 'has a certificate signed in the name of any node',
          from: FROM,
          to: 'Scope node users',
          chance: '1',
          precondition:
            'as approve-certificate with the signer kubernetes.io/kube-apiserver-client-kubelet; or `create` on certificatesigningrequests and on certificatesigningrequests/nodeclient, which approves itself, and a right to read requests',
          source: 'pkg/controller/certificates/approver/sarapprove.go',
        },
      ],
      *edges(rights, context) {
        // In any name is in those of nodes as well.
        if (isSigned(context) && [...approving(rights, CLIENT)].length > 0) return
        for (const by of [...approving(rights, KUBELET_CLIENT), ...bootstrapping(rights)])
          yield step('approve-node-certificate', rights, context.scopes.of(kinds.nodeUsers, ONLY), by)
      },
    },
  ]
}

function* approving(rights: Rights, signer: string): Generator<readonly Right[]> {
  const approve = rights.in('', APPROVE).filter((right) => meansSigner(right, signer))
  if (approve.length === 0) return
  yield* together(rights, approve, creating(rights, '', REQUEST), rights.in('', ...APPROVAL))
}

function* bootstrapping(rights: Rights): Generator<readonly Right[]> {
  const approved = rights.in('', NODE_CLIENT).filter((right) => allows(right, ''))
  if (approved.length === 0) return
  yield* together(rights, approved, creating(rights, '', REQUEST), rights.in('', ...READ))
}

/** plugin/pkg/admission/certificates/util.go: the signer by its name, or its domain with a star. */
function meansSigner(right: Right, signer: string): boolean {
  return allows(right, signer) || allows(right, `${signer.slice(0, signer.indexOf('/'))}/*`)
}

function isSigned({ cluster }: AccessContext): boolean {
  return !cluster.version.text.includes('-eks-')
}
