"""Calls every method of the alerting services, and prints which it has called and the responses."""
import datetime
import json
import os

from google.api_core.exceptions import FailedPrecondition, GoogleAPICallError, InvalidArgument, NotFound
from google.cloud import monitoring_v3
from google.protobuf import field_mask_pb2

grpc = {"client_options": {"api_endpoint": f"127.0.0.1:{os.environ['EMULATOR_PORT']}"}}
project = "projects/demo-project"
metric_filter = 'metric.type = "custom.googleapis.com/level" AND resource.type = "global"'
called = []


def client(service):
    """The service's client, whose calls are recorded."""
    real = getattr(monitoring_v3, f"{service}Client")(**grpc)

    def call(method, **arguments):
        name = "".join(part.capitalize() for part in method.split("_"))
        called.append(f"{service.removesuffix('Service')}Service/{name}")
        return getattr(real, method)(**arguments)

    return call


def mask(*paths):
    return field_mask_pb2.FieldMask(paths=paths)


def refused(error, call, *arguments, **more):
    try:
        call(*arguments, **more)
    except error as caught:
        return caught.message
    raise AssertionError(f"{arguments} was not rejected")


def threshold(**changes):
    return {
        "filter": metric_filter,
        "comparison": "COMPARISON_GT",
        "threshold_value": 1,
        "duration": {"seconds": 60},
        "aggregations": [{"alignment_period": {"seconds": 60}, "per_series_aligner": "ALIGN_MEAN"}],
        **changes,
    }


def policy(**changes):
    return {
        "display_name": "too high",
        "combiner": "OR",
        "conditions": [{"display_name": "above one", "condition_threshold": threshold(**changes)}],
    }


def alert_policies():
    call = client("AlertPolicyService")
    created = call("create_alert_policy", name=project, alert_policy=policy())
    changed = call(
        "update_alert_policy",
        alert_policy={"name": created.name, "display_name": "new", "severity": "WARNING"},
        update_mask=mask("display_name", "severity"),
    )
    assert changed.conditions == created.conditions and changed.enabled
    assert call("get_alert_policy", name=created.name) == changed
    listed = list(call("list_alert_policies", request={"name": project, "filter": 'display_name = "new"'}))
    assert [one.name for one in listed] == [created.name]
    message = refused(InvalidArgument, call, "create_alert_policy", name=project, alert_policy=policy(filter="("))
    assert "condition_threshold.filter" in message, message
    return call, created.name


def snoozes(policy_name):
    call = client("SnoozeService")
    start = datetime.datetime.now(datetime.timezone.utc)
    interval = {"start_time": start, "end_time": start + datetime.timedelta(hours=1)}
    snooze = {"display_name": "quiet", "criteria": {"policies": [policy_name]}, "interval": interval}
    created = call("create_snooze", parent=project, snooze=snooze)
    later = {**interval, "end_time": start + datetime.timedelta(hours=2)}
    call("update_snooze", snooze={"name": created.name, "interval": later}, update_mask=mask("interval.end_time"))
    read = call("get_snooze", name=created.name)
    assert read.interval.end_time - read.interval.start_time == datetime.timedelta(hours=2)
    assert [one.display_name for one in call("list_snoozes", parent=project)] == ["quiet"]


def channels():
    call = client("NotificationChannelService")
    types = {one.type_ for one in call("list_notification_channel_descriptors", name=project)}
    descriptor = call("get_notification_channel_descriptor", name=f"{project}/notificationChannelDescriptors/sms")
    assert descriptor.type_ in types and [one.key for one in descriptor.labels] == ["number"]
    created = call(
        "create_notification_channel",
        name=project,
        notification_channel={"type_": "sms", "labels": {"number": "+1 555 0100"}},
    )
    name = created.name
    assert created.verification_status.name == "UNVERIFIED"
    call("send_notification_channel_verification_code", name=name)
    refused(InvalidArgument, call, "verify_notification_channel", name=name, code="wrong")
    refused(FailedPrecondition, call, "get_notification_channel_verification_code", request={"name": name})
    changed = call(
        "update_notification_channel",
        notification_channel={"name": name, "user_labels": {"team": "a"}},
        update_mask=mask("user_labels"),
    )
    assert dict(changed.user_labels) == {"team": "a"} and dict(changed.labels) == {"number": "+1 555 0100"}
    assert call("get_notification_channel", name=name) == changed
    assert [one.name for one in call("list_notification_channels", name=project)] == [name]
    call("delete_notification_channel", name=name, force=True)
    refused(NotFound, call, "get_notification_channel", name=name)


def groups():
    call = client("GroupService")
    group = {"display_name": "all", "filter": 'resource.type = "global"'}
    created = call("create_group", name=project, group=group)
    changed = call("update_group", group={**group, "name": created.name, "display_name": "new"})
    assert call("get_group", name=created.name) == changed and changed.display_name == "new"
    assert [one.name for one in call("list_groups", request={"name": project})] == [created.name]
    assert list(call("list_group_members", name=created.name)) == []
    call("delete_group", name=created.name)


def uptime():
    call = client("UptimeCheckService")
    config = {
        "display_name": "site",
        "monitored_resource": {"type": "uptime_url", "labels": {"host": "example.invalid"}},
        "http_check": {"path": "/"},
        "timeout": {"seconds": 10},
    }
    created = call("create_uptime_check_config", parent=project, uptime_check_config=config)
    call(
        "update_uptime_check_config",
        request={
            "uptime_check_config": {"name": created.name, "timeout": {"seconds": 5}},
            "update_mask": mask("timeout"),
        },
    )
    read = call("get_uptime_check_config", name=created.name)
    assert read.timeout.seconds == 5 and read.http_check.port == 80 and read.period.seconds == 60
    assert [one.name for one in call("list_uptime_check_configs", parent=project)] == [created.name]
    assert list(call("list_uptime_check_ips", request={}))
    call("delete_uptime_check_config", name=created.name)


def services():
    call = client("ServiceMonitoringService")
    created = call("create_service", request={"parent": project, "service_id": "shop", "service": {"custom": {}}})
    name = created.name
    changed = call("update_service", service={"name": name, "display_name": "Shop", "custom": {}})
    assert call("get_service", name=name) == changed
    assert [one.display_name for one in call("list_services", parent=project)] == ["Shop"]
    objective = {
        "goal": 0.9,
        "rolling_period": {"seconds": 86_400},
        "service_level_indicator": {
            "windows_based": {"window_period": {"seconds": 60}, "good_bad_metric_filter": metric_filter}
        },
    }
    slo = call("create_service_level_objective", parent=name, service_level_objective=objective)
    call(
        "update_service_level_objective",
        request={"service_level_objective": {"name": slo.name, "goal": 0.5}, "update_mask": mask("goal")},
    )
    assert call("get_service_level_objective", name=slo.name).goal == 0.5
    assert len(list(call("list_service_level_objectives", parent=name))) == 1
    call("delete_service_level_objective", name=slo.name)
    call("delete_service", name=name)


def absent():
    """Missing resources return errors."""
    return refused(
        GoogleAPICallError,
        lambda: list(monitoring_v3.QueryServiceClient(**grpc).query_time_series(request={"name": project, "query": "x"})),
    )


policies, policy_name = alert_policies()
snoozes(policy_name)
channels()
groups()
uptime()
services()
policies("delete_alert_policy", name=policy_name)
print(json.dumps({"called": sorted(set(called)), "absent": absent()}))
