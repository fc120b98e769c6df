/** What a policy is doing. */
export type PolicyStateName = 'disabled' | 'firing' | 'invalid' | 'matchesNothing' | 'noData' | 'pending' | 'quiet'
