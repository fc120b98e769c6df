/** Why a sample was not stored: the `reason` label of the counters of dropped samples and series. */
export type DropReason =
  | 'target_not_found'
  | 'metadata_not_found'
  | 'unknown_resource'
  | 'unexpected_metric_type'
  | 'too_many_labels'
  | 'label_too_long'
  | 'metric_name_invalid'
  | 'labels_invalid'
  | 'too_many_series'
  | 'excluded'
  | 'nan'
  | 'infinite'
  | 'timestamp_invalid'
  | 'first_sample'
  | 'too_frequent'
  | 'thinned'
  | 'out_of_order'
  | 'too_many_buckets'
  | 'histogram_incomplete'
  | 'histogram_inconsistent'
  | 'native_histogram'
  | 'buffer_full'
  | 'standby'
  | 'refused'

/** The plan of a series whose samples can't be converted. */
export interface Drop {
  readonly drop: DropReason
  /** For the log: what was found, and what is allowed. */
  readonly detail: string
  /** Whether its labels are invalid, which is reported to the sender. */
  readonly invalid?: boolean
}
