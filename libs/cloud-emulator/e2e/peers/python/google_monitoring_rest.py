"""Dashboards and spans over gRPC, and metrics by REST over TLS with the client that supports only REST."""
import datetime
import json
import os

from google.cloud import monitoring_dashboard_v1, trace_v1, trace_v2
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

options = {"client_options": {"api_endpoint": f"127.0.0.1:{os.environ['EMULATOR_PORT']}"}}
project = "projects/demo-project"
trace_id = "0af7651916cd43dd8448eb211c80319d"
metric_type = "custom.googleapis.com/python_rest_level"


def dashboards():
    client = monitoring_dashboard_v1.DashboardsServiceClient(**options)
    created = client.create_dashboard({"parent": project, "dashboard": {"display_name": "From Python", "grid_layout": {}}})
    changed = client.update_dashboard({"dashboard": {**as_dict(created), "display_name": "Changed"}})
    assert client.get_dashboard({"name": created.name}) == changed
    names = [one.display_name for one in client.list_dashboards({"parent": project})]
    client.delete_dashboard({"name": created.name})
    return names


def as_dict(message):
    return type(message).to_dict(message, preserving_proto_field_name=True)


def spans():
    now = datetime.datetime.now(datetime.timezone.utc)
    span = {
        "name": f"{project}/traces/{trace_id}/spans/b7ad6b7169203331",
        "span_id": "b7ad6b7169203331",
        "display_name": {"value": "python span"},
        "start_time": now - datetime.timedelta(seconds=1),
        "end_time": now,
    }
    trace_v2.TraceServiceClient(**options).batch_write_spans({"name": project, "spans": [span]})
    trace = trace_v1.TraceServiceClient(**options).get_trace(project_id="demo-project", trace_id=trace_id)
    return [one.name for one in trace.spans]


def by_rest():
    monitoring = build("monitoring", "v3", client_options={"api_endpoint": os.environ["EMULATOR_URL"]})
    projects = monitoring.projects()
    now = datetime.datetime.now(datetime.timezone.utc)
    series = {
        "metric": {"type": metric_type, "labels": {"shop": "north"}},
        "resource": {"type": "global"},
        "points": [{"interval": {"endTime": now.isoformat()}, "value": {"int64Value": "7"}}],
    }
    projects.timeSeries().create(name=project, body={"timeSeries": [series]}).execute()
    # So long that the client sends it as the form of a POST, and says GET in a header.
    filters = " OR ".join(f'metric.labels.shop="{one}"' for one in ["north", *("x" * 100 for _ in range(30))])
    listed = (
        projects.timeSeries()
        .list(
            name=project,
            filter=f'metric.type="{metric_type}" AND ({filters})',
            interval_startTime=(now - datetime.timedelta(minutes=5)).isoformat(),
            interval_endTime=(now + datetime.timedelta(seconds=1)).isoformat(),
            fields="timeSeries.points.value",
        )
        .execute()
    )
    try:
        projects.metricDescriptors().get(name=f"{project}/metricDescriptors/custom.googleapis.com/none").execute()
        absent = ""
    except HttpError as error:
        absent = error.reason
    return {"listed": listed, "absent": absent}


print(json.dumps({"dashboards": dashboards(), "spans": spans(), **by_rest()}))
