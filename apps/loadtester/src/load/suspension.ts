/** A process whose timers are this late was suspended; shorter than the silence after which a master counts a worker as lost. */
export const SUSPENDED_MS = 2000
