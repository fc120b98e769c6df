import { LOGGING_DEFINITIONS } from './logging-definitions.ts'
import { OTLP_DEFINITIONS } from './otlp-definitions.ts'

/** No published client package contains Cloud Trace v1. */
const CLOUD_TRACE_V1 = `
syntax = "proto3";
package google.devtools.cloudtrace.v1;
service TraceService {
  rpc ListTraces(ListTracesRequest) returns (ListTracesResponse) {
    option (google.api.http) = { get: "/v1/projects/{project_id}/traces" };
  }
  rpc GetTrace(GetTraceRequest) returns (Trace) {
    option (google.api.http) = { get: "/v1/projects/{project_id}/traces/{trace_id}" };
  }
  rpc PatchTraces(PatchTracesRequest) returns (google.protobuf.Empty) {
    option (google.api.http) = { patch: "/v1/projects/{project_id}/traces" body: "traces" };
  }
}
message Trace { string project_id = 1; string trace_id = 2; repeated TraceSpan spans = 3; }
message Traces { repeated Trace traces = 1; }
message TraceSpan {
  enum SpanKind { SPAN_KIND_UNSPECIFIED = 0; RPC_SERVER = 1; RPC_CLIENT = 2; }
  fixed64 span_id = 1;
  SpanKind kind = 2;
  string name = 3;
  google.protobuf.Timestamp start_time = 4;
  google.protobuf.Timestamp end_time = 5;
  fixed64 parent_span_id = 6;
  map<string, string> labels = 7;
}
message ListTracesRequest {
  enum ViewType { VIEW_TYPE_UNSPECIFIED = 0; MINIMAL = 1; ROOTSPAN = 2; COMPLETE = 3; }
  string project_id = 1;
  ViewType view = 2;
  int32 page_size = 3;
  string page_token = 4;
  google.protobuf.Timestamp start_time = 5;
  google.protobuf.Timestamp end_time = 6;
  string filter = 7;
  string order_by = 8;
}
message ListTracesResponse { repeated Trace traces = 1; string next_page_token = 2; }
message GetTraceRequest { string project_id = 1; string trace_id = 2; }
message PatchTracesRequest { string project_id = 1; Traces traces = 2; }
`

/** No published client package contains `projects.alerts`; these are the fields of Google's REST reference. */
const ALERTS = `
syntax = "proto3";
package google.monitoring.v3;
service AlertService {
  rpc ListAlerts(ListAlertsRequest) returns (ListAlertsResponse) {
    option (google.api.http) = { get: "/v3/{parent=projects/*}/alerts" };
  }
  rpc GetAlert(GetAlertRequest) returns (Alert) {
    option (google.api.http) = { get: "/v3/{name=projects/*/alerts/*}" };
  }
}
message ListAlertsRequest {
  string parent = 1;
  string filter = 2;
  string order_by = 3;
  int32 page_size = 4;
  string page_token = 5;
}
message ListAlertsResponse { repeated Alert alerts = 1; string next_page_token = 2; int32 total_size = 3; }
message GetAlertRequest { string name = 1; }
message Alert {
  enum State { STATE_UNSPECIFIED = 0; OPEN = 1; CLOSED = 2; }
  message PolicySnapshot {
    string name = 1;
    string display_name = 2;
    map<string, string> user_labels = 3;
    AlertPolicy.Severity severity = 4;
  }
  message LogMetadata { map<string, string> extracted_labels = 1; }
  string name = 1;
  State state = 2;
  google.protobuf.Timestamp open_time = 3;
  google.protobuf.Timestamp close_time = 4;
  google.api.MonitoredResource resource = 5;
  google.api.MonitoredResourceMetadata metadata = 6;
  google.api.Metric metric = 7;
  LogMetadata log = 8;
  PolicySnapshot policy = 9;
}
`

/** The error details for invalid JSON. */
const ERROR_DETAILS = `
syntax = "proto3";
package google.rpc;
message BadRequest {
  message FieldViolation { string field = 1; string description = 2; }
  repeated FieldViolation field_violations = 1;
}
`

/** The definitions that `google-apis.json` lacks, as proto files. */
export const HAND_WRITTEN_DEFINITIONS: readonly string[] = [
  CLOUD_TRACE_V1,
  ALERTS,
  ERROR_DETAILS,
  ...LOGGING_DEFINITIONS,
  ...OTLP_DEFINITIONS,
]
