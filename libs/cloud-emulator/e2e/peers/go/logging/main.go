// Writes, lists, tails and deletes log entries with Google's client for Go, and prints what it has read as JSON.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"cloud.google.com/go/logging"
	vkit "cloud.google.com/go/logging/apiv2"
	"cloud.google.com/go/logging/apiv2/loggingpb"
	"cloud.google.com/go/logging/logadmin"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
)

type answer struct {
	Tailed string   `json:"tailed"`
	Listed [][3]any `json:"listed"`
	Logs   []string `json:"logs"`
	Left   int      `json:"left"`
}

func main() {
	project := os.Getenv("GOOGLE_CLOUD_PROJECT")
	result, err := run(context.Background(), project, option.WithEndpoint("127.0.0.1:"+os.Getenv("EMULATOR_PORT")))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(result)
}

func run(ctx context.Context, project string, endpoint option.ClientOption) (result answer, err error) {
	client, clientError := logging.NewClient(ctx, project, endpoint)
	admin, adminError := logadmin.NewClient(ctx, project, endpoint)
	if err := errors.Join(clientError, adminError); err != nil {
		return result, err
	}
	defer client.Close()
	defer admin.Close()
	tail, err := startTail(ctx, project, endpoint)
	if err != nil {
		return result, err
	}

	logger := client.Logger("go-log", logging.CommonLabels(map[string]string{"from": "go"}))
	payload := map[string]any{"message": "go says", "order": 17}
	if err := logger.LogSync(ctx, logging.Entry{Payload: payload, Severity: logging.Error}); err != nil {
		return result, err
	}
	if result.Tailed, err = nextTailed(tail, logger); err != nil {
		return result, err
	}

	entries := admin.Entries(ctx, logadmin.Filter(`severity>=ERROR jsonPayload.order=17`))
	for {
		entry, err := entries.Next()
		if err == iterator.Done {
			break
		}
		if err != nil {
			return result, err
		}
		result.Listed = append(result.Listed, [3]any{entry.Payload, entry.Severity.String(), entry.Labels})
	}
	if result.Logs, err = logsOf(ctx, admin); err != nil {
		return result, err
	}
	if err := admin.DeleteLog(ctx, "go-log"); err != nil {
		return result, err
	}
	left, err := logsOf(ctx, admin)
	result.Left = len(left)
	return result, err
}

func startTail(ctx context.Context, project string, endpoint option.ClientOption) (loggingpb.LoggingServiceV2_TailLogEntriesClient, error) {
	client, err := vkit.NewClient(ctx, endpoint)
	if err != nil {
		return nil, err
	}
	stream, err := client.TailLogEntries(ctx)
	if err != nil {
		return nil, err
	}
	request := &loggingpb.TailLogEntriesRequest{
		ResourceNames: []string{"projects/" + project},
		Filter:        `textPayload:"buffered"`,
	}
	return stream, stream.Send(request)
}

// A tail returns entries that are written after it has started, which is not signalled: entries are written until it
// returns one.
func nextTailed(stream loggingpb.LoggingServiceV2_TailLogEntriesClient, logger *logging.Logger) (string, error) {
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		for {
			logger.Log(logging.Entry{Payload: "a buffered text"})
			logger.Flush()
			select {
			case <-ended:
				return
			case <-time.After(250 * time.Millisecond):
			}
		}
	}()
	for {
		response, err := stream.Recv()
		if err != nil {
			return "", err
		}
		for _, entry := range response.GetEntries() {
			return entry.GetTextPayload(), nil
		}
	}
}

func logsOf(ctx context.Context, admin *logadmin.Client) ([]string, error) {
	names := []string{}
	logs := admin.Logs(ctx)
	for {
		name, err := logs.Next()
		if err == iterator.Done {
			return names, nil
		}
		if err != nil {
			return nil, err
		}
		// The client logs about itself, too.
		if name != "diagnostic-log" {
			names = append(names, name)
		}
	}
}
