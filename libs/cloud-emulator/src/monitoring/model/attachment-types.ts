/** The message type of an exemplar's attachment that names its span. */
export const SPAN_CONTEXT = 'google.monitoring.v3.SpanContext'
/** The message type of an exemplar's attachment with the labels that its series lacks. */
export const DROPPED_LABELS = 'google.monitoring.v3.DroppedLabels'
