/** Why a sample was not stored; the value of the `reason` label of the counters of dropped samples and series. */
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
  | 'out_of_order'
  | 'too_many_buckets'
  | 'histogram_incomplete'
  | 'histogram_inconsistent'
  | 'native_histogram'
  | 'buffer_full'
  | 'refused'

/** The outcome of planning for a series whose samples can't be converted. */
export interface Drop {
  readonly drop: DropReason
  /** What was found and what would be allowed, for the log. */
  readonly detail: string
}
