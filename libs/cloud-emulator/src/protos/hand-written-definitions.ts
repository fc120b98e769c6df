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

/** The details of an answer to JSON that can't be read. */
const ERROR_DETAILS = `
syntax = "proto3";
package google.rpc;
message BadRequest {
  message FieldViolation { string field = 1; string description = 2; }
  repeated FieldViolation field_violations = 1;
}
`

const OTLP_COMMON = `
syntax = "proto3";
package opentelemetry.proto.common.v1;
message AnyValue {
  oneof value {
    string string_value = 1;
    bool bool_value = 2;
    int64 int_value = 3;
    double double_value = 4;
    ArrayValue array_value = 5;
    KeyValueList kvlist_value = 6;
    bytes bytes_value = 7;
  }
}
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }
message KeyValue { string key = 1; AnyValue value = 2; }
message InstrumentationScope {
  string name = 1;
  string version = 2;
  repeated KeyValue attributes = 3;
  uint32 dropped_attributes_count = 4;
}
`

const OTLP_RESOURCE = `
syntax = "proto3";
package opentelemetry.proto.resource.v1;
message Resource {
  repeated opentelemetry.proto.common.v1.KeyValue attributes = 1;
  uint32 dropped_attributes_count = 2;
}
`

const OTLP_TRACE = `
syntax = "proto3";
package opentelemetry.proto.trace.v1;
message ResourceSpans {
  opentelemetry.proto.resource.v1.Resource resource = 1;
  repeated ScopeSpans scope_spans = 2;
  string schema_url = 3;
}
message ScopeSpans {
  opentelemetry.proto.common.v1.InstrumentationScope scope = 1;
  repeated Span spans = 2;
  string schema_url = 3;
}
message Span {
  enum SpanKind {
    SPAN_KIND_UNSPECIFIED = 0;
    SPAN_KIND_INTERNAL = 1;
    SPAN_KIND_SERVER = 2;
    SPAN_KIND_CLIENT = 3;
    SPAN_KIND_PRODUCER = 4;
    SPAN_KIND_CONSUMER = 5;
  }
  message Event {
    fixed64 time_unix_nano = 1;
    string name = 2;
    repeated opentelemetry.proto.common.v1.KeyValue attributes = 3;
    uint32 dropped_attributes_count = 4;
  }
  message Link {
    bytes trace_id = 1;
    bytes span_id = 2;
    string trace_state = 3;
    repeated opentelemetry.proto.common.v1.KeyValue attributes = 4;
    uint32 dropped_attributes_count = 5;
    fixed32 flags = 6;
  }
  bytes trace_id = 1;
  bytes span_id = 2;
  string trace_state = 3;
  bytes parent_span_id = 4;
  string name = 5;
  SpanKind kind = 6;
  fixed64 start_time_unix_nano = 7;
  fixed64 end_time_unix_nano = 8;
  repeated opentelemetry.proto.common.v1.KeyValue attributes = 9;
  uint32 dropped_attributes_count = 10;
  repeated Event events = 11;
  uint32 dropped_events_count = 12;
  repeated Link links = 13;
  uint32 dropped_links_count = 14;
  Status status = 15;
  fixed32 flags = 16;
}
message Status {
  enum StatusCode { STATUS_CODE_UNSET = 0; STATUS_CODE_OK = 1; STATUS_CODE_ERROR = 2; }
  string message = 2;
  StatusCode code = 3;
}
`

const OTLP_COLLECTOR = `
syntax = "proto3";
package opentelemetry.proto.collector.trace.v1;
message ExportTraceServiceRequest { repeated opentelemetry.proto.trace.v1.ResourceSpans resource_spans = 1; }
message ExportTraceServiceResponse { ExportTracePartialSuccess partial_success = 1; }
message ExportTracePartialSuccess { int64 rejected_spans = 1; string error_message = 2; }
`

/** The definitions, in protobuf's own language, that `google-apis.json` lacks. */
export const HAND_WRITTEN_DEFINITIONS: readonly string[] = [
  CLOUD_TRACE_V1,
  ERROR_DETAILS,
  OTLP_COMMON,
  OTLP_RESOURCE,
  OTLP_TRACE,
  OTLP_COLLECTOR,
]
