import type { ChangeEvent } from './contract/summary.ts'

type Changes = Omit<ChangeEvent, 'seq'>

/** Collects the changes of one project until they are taken. */
export class ChangeSubscription {
  readonly #types = new Set<string>()
  #spans = 0
  #logs = 0
  #refusals = 0
  #dashboards = 0
  #alerting = 0

  points(types: ReadonlySet<string>): void {
    for (const type of types) this.#types.add(type)
  }

  spans(count: number): void {
    this.#spans += count
  }

  logs(count: number): void {
    this.#logs += count
  }

  refusals(count: number): void {
    this.#refusals += count
  }

  dashboards(): void {
    this.#dashboards++
  }

  alerting(): void {
    this.#alerting++
  }

  /** The changes since the last call; undefined if there are none. */
  take(): Changes | undefined {
    const counts = [this.#types.size, this.#spans, this.#logs, this.#refusals, this.#dashboards, this.#alerting]
    if (counts.every((count) => count === 0)) return undefined
    const changes = {
      metricTypes: [...this.#types],
      spans: this.#spans,
      logs: this.#logs,
      refusals: this.#refusals,
      dashboards: this.#dashboards,
      alerting: this.#alerting,
    }
    this.#types.clear()
    this.#spans = 0
    this.#logs = 0
    this.#refusals = 0
    this.#dashboards = 0
    this.#alerting = 0
    return changes
  }
}

/** Notifies all watchers of a project about what is written to it. */
export class ChangeFeed {
  readonly #subscriptions = new Map<ChangeSubscription, string>()

  get size(): number {
    return this.#subscriptions.size
  }

  subscribe(projectId: string): ChangeSubscription {
    const subscription = new ChangeSubscription()
    this.#subscriptions.set(subscription, projectId)
    return subscription
  }

  unsubscribe(subscription: ChangeSubscription): void {
    this.#subscriptions.delete(subscription)
  }

  points(projectId: string, types: ReadonlySet<string>): void {
    for (const subscription of this.#of(projectId)) subscription.points(types)
  }

  spans(projectId: string, count: number): void {
    for (const subscription of this.#of(projectId)) subscription.spans(count)
  }

  logs(projectId: string, count: number): void {
    for (const subscription of this.#of(projectId)) subscription.logs(count)
  }

  refusals(projectId: string, count: number): void {
    for (const subscription of this.#of(projectId)) subscription.refusals(count)
  }

  dashboards(projectId: string): void {
    for (const subscription of this.#of(projectId)) subscription.dashboards()
  }

  alerting(projectId: string): void {
    for (const subscription of this.#of(projectId)) subscription.alerting()
  }

  /** An empty project id stands for all projects. */
  *#of(projectId: string): Iterable<ChangeSubscription> {
    for (const [subscription, project] of this.#subscriptions)
      if (project === projectId || projectId === '') yield subscription
  }
}
