/** The parts of a pod that are read here. */
export interface Pod {
  readonly metadata: {
    readonly name: string
    readonly labels: Readonly<Record<string, string>>
    readonly deletionTimestamp?: string
  }
  readonly status: {
    readonly phase: string
    readonly podIP?: string
    readonly containerStatuses?: readonly {
      readonly name: string
      readonly ready: boolean
      readonly restartCount: number
      readonly imageID: string
      readonly state?: object
    }[]
    readonly conditions?: readonly { readonly status: string; readonly message?: string }[]
  }
}

/** Whether all containers of a pod are ready. */
export function isReady({ status }: Pod): boolean {
  const { containerStatuses = [] } = status
  return status.phase === 'Running' && containerStatuses.length > 0 && containerStatuses.every(({ ready }) => ready)
}
