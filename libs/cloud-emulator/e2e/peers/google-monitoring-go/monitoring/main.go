// Writes and reads metrics, descriptors, dashboards and spans with Google's clients for Go, and prints what it has read as JSON.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	monitoring "cloud.google.com/go/monitoring/apiv3/v2"
	"cloud.google.com/go/monitoring/apiv3/v2/monitoringpb"
	dashboard "cloud.google.com/go/monitoring/dashboard/apiv1"
	"cloud.google.com/go/monitoring/dashboard/apiv1/dashboardpb"
	tracev1 "cloud.google.com/go/trace/apiv1"
	tracev1pb "cloud.google.com/go/trace/apiv1/tracepb"
	trace "cloud.google.com/go/trace/apiv2"
	"cloud.google.com/go/trace/apiv2/tracepb"
	"google.golang.org/api/iterator"
	rest "google.golang.org/api/monitoring/v3"
	"google.golang.org/api/option"
	"google.golang.org/genproto/googleapis/api/metric"
	"google.golang.org/genproto/googleapis/api/monitoredres"
	"google.golang.org/protobuf/types/known/timestamppb"
)

const (
	project    = "projects/demo-project"
	metricType = "custom.googleapis.com/go_level"
	traceID    = "0af7651916cd43dd8448eb211c80319e"
)

type answer struct {
	Descriptor string    `json:"descriptor"`
	Refused    bool      `json:"refused"`
	Read       []float64 `json:"read"`
	Dashboard  string    `json:"dashboard"`
	Spans      []string  `json:"spans"`
	ByREST     []string  `json:"byRest"`
}

func main() {
	var result answer
	ctx := context.Background()
	endpoint := option.WithEndpoint("127.0.0.1:" + os.Getenv("EMULATOR_PORT"))
	for _, step := range []func(context.Context, option.ClientOption, *answer) error{metrics, dashboards, spans, byREST} {
		if err := step(ctx, endpoint, &result); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	json.NewEncoder(os.Stdout).Encode(result)
}

func metrics(ctx context.Context, endpoint option.ClientOption, result *answer) error {
	client, err := monitoring.NewMetricClient(ctx, endpoint)
	if err != nil {
		return err
	}
	defer client.Close()
	descriptor, err := client.CreateMetricDescriptor(ctx, &monitoringpb.CreateMetricDescriptorRequest{
		Name: project,
		MetricDescriptor: &metric.MetricDescriptor{
			Type:        metricType,
			MetricKind:  metric.MetricDescriptor_GAUGE,
			ValueType:   metric.MetricDescriptor_DOUBLE,
			Description: "A level",
		},
	})
	if err != nil {
		return err
	}
	result.Descriptor = descriptor.Description
	now := time.Now()
	write := func(end time.Time) error {
		return client.CreateTimeSeries(ctx, &monitoringpb.CreateTimeSeriesRequest{Name: project, TimeSeries: series(end)})
	}
	if err := write(now); err != nil {
		return err
	}
	refusal := write(now.Add(-time.Minute))
	result.Refused = refusal != nil && strings.Contains(refusal.Error(), "Points must be written in order")
	listed := client.ListTimeSeries(ctx, &monitoringpb.ListTimeSeriesRequest{
		Name:   project,
		Filter: fmt.Sprintf(`metric.type = "%s"`, metricType),
		Interval: &monitoringpb.TimeInterval{
			StartTime: timestamppb.New(now.Add(-5 * time.Minute)),
			EndTime:   timestamppb.New(now.Add(time.Second)),
		},
	})
	for {
		one, err := listed.Next()
		if err == iterator.Done {
			return nil
		}
		if err != nil {
			return err
		}
		result.Read = append(result.Read, one.Points[0].Value.GetDoubleValue())
	}
}

func series(end time.Time) []*monitoringpb.TimeSeries {
	return []*monitoringpb.TimeSeries{{
		Metric:   &metric.Metric{Type: metricType, Labels: map[string]string{"shop": "north"}},
		Resource: &monitoredres.MonitoredResource{Type: "global"},
		Points: []*monitoringpb.Point{{
			Interval: &monitoringpb.TimeInterval{EndTime: timestamppb.New(end)},
			Value:    &monitoringpb.TypedValue{Value: &monitoringpb.TypedValue_DoubleValue{DoubleValue: 7.5}},
		}},
	}}
}

func dashboards(ctx context.Context, endpoint option.ClientOption, result *answer) error {
	client, err := dashboard.NewDashboardsClient(ctx, endpoint)
	if err != nil {
		return err
	}
	defer client.Close()
	created, err := client.CreateDashboard(ctx, &dashboardpb.CreateDashboardRequest{
		Parent: project,
		Dashboard: &dashboardpb.Dashboard{
			DisplayName: "From Go",
			Layout:      &dashboardpb.Dashboard_GridLayout{GridLayout: &dashboardpb.GridLayout{}},
		},
	})
	if err != nil {
		return err
	}
	read, err := client.GetDashboard(ctx, &dashboardpb.GetDashboardRequest{Name: created.Name})
	result.Dashboard = read.GetDisplayName()
	return err
}

func spans(ctx context.Context, endpoint option.ClientOption, result *answer) error {
	writer, err := trace.NewClient(ctx, endpoint)
	if err != nil {
		return err
	}
	defer writer.Close()
	now := time.Now()
	span := &tracepb.Span{
		Name:        project + "/traces/" + traceID + "/spans/b7ad6b7169203331",
		SpanId:      "b7ad6b7169203331",
		DisplayName: &tracepb.TruncatableString{Value: "go span"},
		StartTime:   timestamppb.New(now.Add(-time.Second)),
		EndTime:     timestamppb.New(now),
	}
	request := &tracepb.BatchWriteSpansRequest{Name: project, Spans: []*tracepb.Span{span}}
	if err := writer.BatchWriteSpans(ctx, request); err != nil {
		return err
	}
	reader, err := tracev1.NewClient(ctx, endpoint)
	if err != nil {
		return err
	}
	defer reader.Close()
	read, err := reader.GetTrace(ctx, &tracev1pb.GetTraceRequest{ProjectId: "demo-project", TraceId: traceID})
	for _, one := range read.GetSpans() {
		result.Spans = append(result.Spans, one.Name)
	}
	return err
}

func byREST(ctx context.Context, _ option.ClientOption, result *answer) error {
	service, err := rest.NewService(ctx, option.WithEndpoint(os.Getenv("EMULATOR_URL")+"/"))
	if err != nil {
		return err
	}
	listed, err := service.Projects.MetricDescriptors.List(project).Do()
	if err != nil {
		return err
	}
	for _, one := range listed.MetricDescriptors {
		result.ByREST = append(result.ByREST, one.Type)
	}
	return nil
}
