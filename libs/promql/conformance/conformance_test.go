// Package conformance runs Prometheus' own PromQL test scripts against the engine in this repository.
package conformance

import (
	"context"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"
	"github.com/prometheus/prometheus/util/stats"
)

func TestConformance(t *testing.T) {
	p, err := startProcess()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stop)
	promqltest.RunBuiltinTests(t, &engine{process: p})
}

// engine passes queries and the contents of the storage to the process.
type engine struct{ process *process }

func (e *engine) NewInstantQuery(_ context.Context, q storage.Queryable, _ promql.QueryOpts, qs string, ts time.Time) (promql.Query, error) {
	return &query{process: e.process, storage: q, request: request{Query: qs, Start: ts.UnixMilli(), End: ts.UnixMilli()}}, nil
}

func (e *engine) NewRangeQuery(_ context.Context, q storage.Queryable, _ promql.QueryOpts, qs string, start, end time.Time, interval time.Duration) (promql.Query, error) {
	r := request{Query: qs, Start: start.UnixMilli(), End: end.UnixMilli(), Step: interval.Milliseconds(), Range: true}
	return &query{process: e.process, storage: q, request: r}, nil
}

type query struct {
	process *process
	storage storage.Queryable
	request request
}

func (q *query) Exec(ctx context.Context) *promql.Result {
	series, err := readAll(ctx, q.storage)
	if err != nil {
		return &promql.Result{Err: err}
	}
	answer, err := q.process.ask(q.request, series)
	if err != nil {
		return &promql.Result{Err: err}
	}
	return answer.result(q.request.Start)
}

func (q *query) Close()                      {}
func (q *query) Statement() parser.Statement { return nil }
func (q *query) Stats() *stats.Statistics    { return nil }
func (q *query) Cancel()                     {}
func (q *query) String() string              { return q.request.Query }

// annotation is an annotation with the final text that users see.
type annotation struct {
	text  string
	level error
}

func (r *annotation) Error() string { return r.text }
func (r *annotation) Unwrap() error { return r.level }

func toAnnotations(warnings, infos []string) annotations.Annotations {
	all := annotations.Annotations{}
	for _, text := range warnings {
		all.Add(&annotation{text, annotations.PromQLWarning})
	}
	for _, text := range infos {
		all.Add(&annotation{text, annotations.PromQLInfo})
	}
	return all
}
