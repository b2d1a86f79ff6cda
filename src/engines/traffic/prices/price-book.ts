import type { Price } from './money.ts'

/** A price and whence it is; `estimate` is of another provider or place than the node's. */
export interface Quote {
  readonly price: Price
  readonly source: 'user' | 'shipped' | 'estimate'
  /** The name of the table. */
  readonly from: string
}

/** What things cost: a user's own table first, then the shipped ones. */
export interface PriceBook {
  readonly currency: string
  /**
   * An hour of a machine; `region` is where it stands, where its node says, and `size` its capacity in thousandths, of
   * cores and of bytes.
   */
  instance(type: string | undefined, region: string | undefined, size?: ReadonlyMap<string, bigint>): Quote | undefined
  /** An hour of a vCPU and of a GiB of a machine whose type is not known. */
  readonly vcpuHour: Quote | undefined
  readonly gbHour: Quote | undefined
  /** The same where pods are billed and not machines (Fargate, Autopilot). */
  readonly podVcpuHour: Quote | undefined
  readonly podGbHour: Quote | undefined
  /** A month of a GiB of a storage class. */
  storage(storageClass: string | undefined): Quote | undefined
  /** A month of a load balancer. */
  readonly loadBalancer: Quote | undefined
  /** Tables that are consulted, with their dates: for the age warning. */
  readonly tables: readonly { readonly name: string; readonly date: string | undefined }[]
}
