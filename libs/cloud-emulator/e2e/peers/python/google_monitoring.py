"""Writes and reads time series, and creates a descriptor and an alert policy."""
import json
import os
import time

from google.api import metric_pb2
from google.api_core.exceptions import InvalidArgument
from google.cloud import monitoring_v3

options = {"client_options": {"api_endpoint": f"127.0.0.1:{os.environ['EMULATOR_PORT']}"}}
project = "projects/demo-project"
metric_type = "custom.googleapis.com/python_level"
client = monitoring_v3.MetricServiceClient(**options)

client.create_metric_descriptor(
    name=project,
    metric_descriptor=metric_pb2.MetricDescriptor(
        type=metric_type,
        metric_kind=metric_pb2.MetricDescriptor.MetricKind.GAUGE,
        value_type=metric_pb2.MetricDescriptor.ValueType.DOUBLE,
        description="A level",
    ),
)
now = int(time.time())


def write(end: int) -> None:
    series = monitoring_v3.TimeSeries()
    series.metric.type = metric_type
    series.metric.labels["shop"] = "north"
    series.resource.type = "global"
    series.points = [
        monitoring_v3.Point({"interval": {"end_time": {"seconds": end}}, "value": {"double_value": 7.5}})
    ]
    client.create_time_series(name=project, time_series=[series])


write(now)
try:
    write(now - 60)
    refused = ""
except InvalidArgument as error:
    refused = error.message

interval = monitoring_v3.TimeInterval({"start_time": {"seconds": now - 300}, "end_time": {"seconds": now + 1}})
request = {"name": project, "filter": f'metric.type = "{metric_type}"', "interval": interval}
listed = list(client.list_time_series(request=request))
aligned = list(
    client.list_time_series(
        request={
            **request,
            "aggregation": {
                "alignment_period": {"seconds": 60},
                "per_series_aligner": monitoring_v3.Aggregation.Aligner.ALIGN_MAX,
                "cross_series_reducer": monitoring_v3.Aggregation.Reducer.REDUCE_SUM,
            },
        }
    )
)
policies = monitoring_v3.AlertPolicyServiceClient(**options)
policy = policies.create_alert_policy(
    name=project,
    alert_policy={
        "display_name": "Level",
        "combiner": "OR",
        "conditions": [
            {
                "display_name": "high",
                "condition_threshold": {
                    "filter": f'metric.type = "{metric_type}" AND resource.type = "global"',
                    "comparison": "COMPARISON_GT",
                    "threshold_value": 100,
                    "duration": {"seconds": 60},
                    "aggregations": [{"alignment_period": {"seconds": 60}, "per_series_aligner": "ALIGN_MAX"}],
                },
            }
        ],
    },
)
print(
    json.dumps(
        {
            "descriptor": client.get_metric_descriptor(name=f"{project}/metricDescriptors/{metric_type}").description,
            "refused": refused,
            "listed": [[dict(one.metric.labels), one.points[0].value.double_value] for one in listed],
            "aligned": [one.points[0].value.double_value for one in aligned],
            "policies": [one.display_name for one in policies.list_alert_policies(name=project)],
            "condition": policies.get_alert_policy(name=policy.name).conditions[0].display_name,
        }
    )
)
