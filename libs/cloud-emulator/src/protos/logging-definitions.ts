const LOGGING_TYPES = `
syntax = "proto3";
package google.logging.type;
enum LogSeverity {
  DEFAULT = 0;
  DEBUG = 100;
  INFO = 200;
  NOTICE = 300;
  WARNING = 400;
  ERROR = 500;
  CRITICAL = 600;
  ALERT = 700;
  EMERGENCY = 800;
}
message HttpRequest {
  string request_method = 1;
  string request_url = 2;
  int64 request_size = 3;
  int32 status = 4;
  int64 response_size = 5;
  string user_agent = 6;
  string remote_ip = 7;
  string server_ip = 13;
  string referer = 8;
  google.protobuf.Duration latency = 14;
  bool cache_lookup = 11;
  bool cache_hit = 9;
  bool cache_validated_with_origin_server = 10;
  int64 cache_fill_bytes = 12;
  string protocol = 15;
}
`

/** google/logging/v2: entries and the service that writes and reads them. Log names may contain slashes in REST. */
const LOGGING_V2 = `
syntax = "proto3";
package google.logging.v2;
service LoggingServiceV2 {
  rpc DeleteLog(DeleteLogRequest) returns (google.protobuf.Empty) {
    option (google.api.http) = {
      delete: "/v2/{log_name=projects/*/logs/**}"
      additional_bindings { delete: "/v2/{log_name=*/*/logs/**}" }
    };
  }
  rpc WriteLogEntries(WriteLogEntriesRequest) returns (WriteLogEntriesResponse) {
    option (google.api.http) = { post: "/v2/entries:write" body: "*" };
  }
  rpc ListLogEntries(ListLogEntriesRequest) returns (ListLogEntriesResponse) {
    option (google.api.http) = { post: "/v2/entries:list" body: "*" };
  }
  rpc ListMonitoredResourceDescriptors(ListMonitoredResourceDescriptorsRequest) returns (ListMonitoredResourceDescriptorsResponse) {
    option (google.api.http) = { get: "/v2/monitoredResourceDescriptors" };
  }
  rpc ListLogs(ListLogsRequest) returns (ListLogsResponse) {
    option (google.api.http) = {
      get: "/v2/{parent=*/*}/logs"
      additional_bindings { get: "/v2/{parent=*/*/locations/*/buckets/*/views/*}/logs" }
    };
  }
  rpc TailLogEntries(stream TailLogEntriesRequest) returns (stream TailLogEntriesResponse) {
    option (google.api.http) = { post: "/v2/entries:tail" body: "*" };
  }
}
message LogEntry {
  string log_name = 12;
  google.api.MonitoredResource resource = 8;
  oneof payload {
    google.protobuf.Any proto_payload = 2;
    string text_payload = 3;
    google.protobuf.Struct json_payload = 6;
  }
  google.protobuf.Timestamp timestamp = 9;
  google.protobuf.Timestamp receive_timestamp = 24;
  google.logging.type.LogSeverity severity = 10;
  string insert_id = 4;
  google.logging.type.HttpRequest http_request = 7;
  map<string, string> labels = 11;
  LogEntryOperation operation = 15;
  string trace = 22;
  string span_id = 27;
  bool trace_sampled = 30;
  LogEntrySourceLocation source_location = 23;
  LogSplit split = 35;
}
message LogEntryOperation { string id = 1; string producer = 2; bool first = 3; bool last = 4; }
message LogEntrySourceLocation { string file = 1; int64 line = 2; string function = 3; }
message LogSplit { string uid = 1; int32 index = 2; int32 total_splits = 3; }
message DeleteLogRequest { string log_name = 1; }
message WriteLogEntriesRequest {
  string log_name = 1;
  google.api.MonitoredResource resource = 2;
  map<string, string> labels = 3;
  repeated LogEntry entries = 4;
  bool partial_success = 5;
  bool dry_run = 6;
}
message WriteLogEntriesResponse {}
message WriteLogEntriesPartialErrors { map<int32, google.rpc.Status> log_entry_errors = 1; }
message ListLogEntriesRequest {
  repeated string project_ids = 1;
  repeated string resource_names = 8;
  string filter = 2;
  string order_by = 3;
  int32 page_size = 4;
  string page_token = 5;
}
message ListLogEntriesResponse { repeated LogEntry entries = 1; string next_page_token = 2; }
message ListMonitoredResourceDescriptorsRequest { int32 page_size = 1; string page_token = 2; }
message ListMonitoredResourceDescriptorsResponse {
  repeated google.api.MonitoredResourceDescriptor resource_descriptors = 1;
  string next_page_token = 2;
}
message ListLogsRequest {
  string parent = 1;
  repeated string resource_names = 8;
  int32 page_size = 2;
  string page_token = 3;
}
message ListLogsResponse { repeated string log_names = 3; string next_page_token = 2; }
message TailLogEntriesRequest {
  repeated string resource_names = 1;
  string filter = 2;
  google.protobuf.Duration buffer_window = 3;
}
message TailLogEntriesResponse {
  message SuppressionInfo {
    enum Reason { REASON_UNSPECIFIED = 0; RATE_LIMIT = 1; NOT_CONSUMED = 2; }
    Reason reason = 1;
    int32 suppressed_count = 2;
  }
  repeated LogEntry entries = 1;
  repeated SuppressionInfo suppression_info = 2;
}
`

/** Cloud Logging v2. No installed client package contains it. */
export const LOGGING_DEFINITIONS: readonly string[] = [LOGGING_TYPES, LOGGING_V2]
