/** What a policy is doing. */
export type PolicyStateName = 'disabled' | 'firing' | 'invalid' | 'matchesNothing' | 'noData' | 'pending' | 'quiet'

export type NotificationEvent = 'opened' | 'closed' | 'reminder' | 'test' | 'verification'

/** `recorded` stands for channels that are not sent to, such as email. */
export type NotificationOutcome = 'sending' | 'sent' | 'failed' | 'recorded'
