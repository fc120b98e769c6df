# One of each resource of Cloud Monitoring, with what their documentation shows, and what a change of it is.

terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

variable "endpoint" {
  type = string
}

variable "revision" {
  type    = number
  default = 1
}

locals {
  filter = "metric.type=\"compute.googleapis.com/instance/disk/write_bytes_count\" AND resource.type=\"gce_instance\""
  api    = "metric.type=\"serviceruntime.googleapis.com/api/request_count\" resource.type=\"api\""
}

provider "google" {
  project                    = "demo-project"
  access_token               = "none"
  monitoring_custom_endpoint = "${var.endpoint}/"
}

resource "google_monitoring_notification_channel" "hook" {
  display_name = "Hook ${var.revision}"
  type         = "webhook_tokenauth"
  labels       = { url = "http://127.0.0.1:9/" }
  user_labels  = { team = "a" }
}

resource "google_monitoring_alert_policy" "threshold" {
  display_name          = "Threshold ${var.revision}"
  combiner              = "OR"
  severity              = var.revision == 1 ? "WARNING" : "CRITICAL"
  notification_channels = [google_monitoring_notification_channel.hook.name]
  user_labels           = { foo = "bar" }
  conditions {
    display_name = "written"
    condition_threshold {
      filter                  = local.filter
      duration                = "60s"
      comparison              = "COMPARISON_GT"
      threshold_value         = 0.5 * var.revision
      evaluation_missing_data = "EVALUATION_MISSING_DATA_INACTIVE"
      trigger {
        count = 1
      }
      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_RATE"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["resource.label.zone"]
      }
    }
  }
  documentation {
    content   = "What to do"
    mime_type = "text/markdown"
    subject   = "It is written"
    links {
      display_name = "runbook"
      url          = "https://example.com/runbook"
    }
  }
  alert_strategy {
    auto_close           = "1800s"
    notification_prompts = ["OPENED", "CLOSED"]
    notification_channel_strategy {
      notification_channel_names = [google_monitoring_notification_channel.hook.name]
      renotify_interval          = "1800s"
    }
  }
}

resource "google_monitoring_alert_policy" "absent" {
  display_name = "Absent"
  combiner     = "AND"
  enabled      = var.revision == 1
  conditions {
    display_name = "nothing"
    condition_absent {
      filter   = local.filter
      duration = "180s"
    }
  }
}

resource "google_monitoring_alert_policy" "promql" {
  display_name = "PromQL"
  combiner     = "OR"
  conditions {
    display_name = "query"
    condition_prometheus_query_language {
      query               = "compute_googleapis_com:instance_cpu_usage_time > ${var.revision}"
      duration            = "60s"
      evaluation_interval = "60s"
      alert_rule          = "AlwaysOn"
      rule_group          = "a test"
      labels              = { severity = "page" }
    }
  }
}

resource "google_monitoring_uptime_check_config" "http" {
  display_name = "HTTP ${var.revision}"
  timeout      = "60s"
  period       = "60s"
  http_check {
    path           = "/some-path"
    port           = "8010"
    request_method = "POST"
    content_type   = "URL_ENCODED"
    body           = "Zm9vJTI1M0RiYXI="
    accepted_response_status_codes {
      status_class = "STATUS_CLASS_2XX"
    }
  }
  monitored_resource {
    type   = "uptime_url"
    labels = { project_id = "demo-project", host = "127.0.0.1" }
  }
  content_matchers {
    content = "\"example\""
    matcher = "MATCHES_JSON_PATH"
    json_path_matcher {
      json_path    = "$.path"
      json_matcher = "EXACT_MATCH"
    }
  }
  selected_regions = ["EUROPE", "USA", "ASIA_PACIFIC"]
}

resource "google_monitoring_group" "vms" {
  display_name = "VMs ${var.revision}"
  filter       = "resource.metadata.region=\"europe-west2\""
}

resource "google_monitoring_group" "below" {
  display_name = "Below"
  filter       = "resource.metadata.region=\"europe-west2\""
  parent_name  = google_monitoring_group.vms.name
}

resource "google_monitoring_uptime_check_config" "tcp" {
  display_name = "TCP"
  timeout      = "10s"
  tcp_check {
    port = 888
  }
  resource_group {
    resource_type = "INSTANCE"
    group_id      = google_monitoring_group.vms.name
  }
}

resource "google_monitoring_custom_service" "shop" {
  service_id   = "shop"
  display_name = "Shop ${var.revision}"
}

resource "google_monitoring_slo" "ratio" {
  service             = google_monitoring_custom_service.shop.service_id
  slo_id              = "ratio"
  display_name        = "Ratio"
  goal                = 0.9 + var.revision / 100
  rolling_period_days = 30
  request_based_sli {
    good_total_ratio {
      good_service_filter  = "${local.api} metric.label.response_code_class=\"2xx\""
      total_service_filter = local.api
    }
  }
}

resource "google_monitoring_slo" "windows" {
  service         = google_monitoring_custom_service.shop.service_id
  slo_id          = "windows"
  goal            = 0.95
  calendar_period = "FORTNIGHT"
  windows_based_sli {
    window_period = "400s"
    metric_sum_in_range {
      time_series = local.api
      range {
        max = 5000 * var.revision
      }
    }
  }
}

resource "google_monitoring_dashboard" "grid" {
  dashboard_json = jsonencode({
    displayName = "Grid ${var.revision}"
    gridLayout  = { widgets = [{ blank = {} }] }
  })
}

resource "google_monitoring_metric_descriptor" "sales" {
  type         = "custom.googleapis.com/stores/daily_sales"
  metric_kind  = "GAUGE"
  value_type   = "DOUBLE"
  unit         = "{USD}"
  display_name = "Sales"
  description  = "Daily sales records"
  labels {
    key         = "store_id"
    value_type  = "STRING"
    description = "The ID of the store."
  }
  metadata {
    sample_period = "60s"
    ingest_delay  = "30s"
  }
}
