package conformance

import (
	"context"
	"fmt"
	"math"
	"math/rand"
	"os"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/promqltest"
)

// The samples that both engines query.
const samples = `
load 30s
  requests_total{job="api", instance="a", code="200"} 0+10x60 0+7x60
  requests_total{job="api", instance="a", code="500"} 0+1x40 _x5 3+2x60
  requests_total{job="api", instance="b", code="200"} 5+9.5x120
  requests_total{job="web", instance="a", code="200"} 0+3x30 stale _x10 1+4x60
  requests_total{job="web", instance="b", code="404"} 1e300+1e299x60
  temperature{room="kitchen", floor="1"} 20 21.5 19 NaN 22 -3 Inf 4 -Inf 5 20+0.25x100
  temperature{room="hall", floor="1"} 20-0.5x120
  temperature{room="attic", floor="2"} 1 1 2 3 5 8 13 21 34 55 89 _x20 7x80
  latency_bucket{job="api", le="0.1"} 0+1x120
  latency_bucket{job="api", le="0.5"} 0+4x120
  latency_bucket{job="api", le="1"} 0+6x120
  latency_bucket{job="api", le="+Inf"} 0+7x120
  latency_bucket{job="web", le="0.1"} 0+2x120
  latency_bucket{job="web", le="0.5"} 0+1.5x120
  latency_bucket{job="web", le="+Inf"} 0+5x120
  native{job="api"} {{schema:0 count:4 sum:6 z_bucket:1 z_bucket_w:0.001 buckets:[1 2] n_buckets:[0 1]}}+{{schema:0 count:4 sum:6 z_bucket:1 z_bucket_w:0.001 buckets:[1 2] n_buckets:[0 1]}}x120
  native{job="web"} {{schema:1 count:6 sum:9 buckets:[1 2 3] offset:1}}+{{schema:1 count:3 sum:2 buckets:[1 1 1] offset:1}}x50 {{schema:1 count:1 sum:1 buckets:[1] offset:1}}+{{schema:1 count:2 sum:2 buckets:[2] offset:1}}x50
  custom{job="api"} {{schema:-53 count:6 sum:9 custom_values:[1 2 5] buckets:[1 2 2 1]}}+{{schema:-53 count:6 sum:9 custom_values:[1 2 5] buckets:[1 2 2 1]}}x100
  target_info{job="api", instance="a", version="1"} 1x120
  target_info{job="api", instance="b", version="2"} 1x120
  mixed{job="api"} 1 2 3 {{schema:0 count:1 sum:1 buckets:[1]}} 4 {{schema:0 count:2 sum:2 buckets:[2]}} 5 6 7x80
`

// A query that both engines evaluate, as an instant or range query.
type question struct {
	expression string
	start, end int64
	step       int64
}

func (q question) String() string {
	if q.step == 0 {
		return fmt.Sprintf("%s at %d ms", q.expression, q.start)
	}
	return fmt.Sprintf("%s from %d to %d ms step %d", q.expression, q.start, q.end, q.step)
}

func (q question) ask(engine promql.QueryEngine, storage *storageOf) *promql.Result {
	ctx := context.Background()
	var query promql.Query
	var err error
	if q.step == 0 {
		query, err = engine.NewInstantQuery(ctx, storage, nil, q.expression, time.UnixMilli(q.start))
	} else {
		step := time.Duration(q.step) * time.Millisecond
		query, err = engine.NewRangeQuery(ctx, storage, nil, q.expression, time.UnixMilli(q.start), time.UnixMilli(q.end), step)
	}
	if err != nil {
		return &promql.Result{Err: err}
	}
	return query.Exec(ctx)
}

// More than any query needs.
const maxSamples = 1_000_000

func TestDifferential(t *testing.T) {
	// A fixed seed, so that a failure is due to a change. Run other seeds by hand.
	seed := int64(3)
	if given := os.Getenv("SEED"); given != "" {
		seed, _ = strconv.ParseInt(given, 10, 64)
	}
	count := 2000
	if given := os.Getenv("COUNT"); given != "" {
		count, _ = strconv.Atoi(given)
	}
	fmt.Printf("differential: SEED=%d COUNT=%d\n", seed, count)
	t.Setenv("MAX_SAMPLES", strconv.Itoa(maxSamples))
	p, err := startProcess()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stop)
	ours := &engine{process: p}
	theirs := promqltest.NewTestEngine(t, false, 0, maxSamples)
	storage := promqltest.LoadedStorage(t, samples)
	generate := &generator{random: rand.New(rand.NewSource(seed))}
	failures, refused := 0, 0
	for range count {
		q := generate.question()
		want, got := q.ask(theirs, storage), q.ask(ours, storage)
		if want.Err != nil {
			refused++
		}
		difference := compare(q, want, got)
		// Some of Prometheus' results, and everything derived from them, are in random order.
		for again := 0; difference != "" && again < 20; again++ {
			if compare(q, q.ask(theirs, storage), got) == "" {
				difference = ""
			}
		}
		if difference != "" {
			failures++
			if failures <= 40 {
				t.Errorf("%s\n%s", q, difference)
			}
		}
	}
	fmt.Printf("differential: %d of %d queries have equal results, %d of them errors\n", count-failures, count, refused)
}

func compare(q question, want, got *promql.Result) string {
	if want.Err != nil || got.Err != nil {
		if want.Err != nil && got.Err != nil && sameError(want.Err.Error(), got.Err.Error()) {
			return ""
		}
		return fmt.Sprintf("error: want %v\n        got %v", want.Err, got.Err)
	}
	if texts := annotationsOf(want, q.expression); texts != annotationsOf(got, q.expression) {
		return fmt.Sprintf("annotations: want %s\n          got %s", texts, annotationsOf(got, q.expression))
	}
	wantValue, gotValue := lines(want), lines(got)
	if len(wantValue) != len(gotValue) {
		return fmt.Sprintf("want %d series %v\n got %d %v", len(wantValue), wantValue, len(gotValue), gotValue)
	}
	for i := range wantValue {
		if !wantValue[i].equals(gotValue[i]) {
			return fmt.Sprintf("want %v\n got %v", wantValue[i], gotValue[i])
		}
	}
	return ""
}

// sameError compares the kinds of errors: series in their messages may be in any order.
func sameError(want, got string) bool {
	cut := func(text string) string { return strings.SplitN(text, " for the match group", 2)[0] }
	return cut(want) == cut(got)
}

var (
	countOfSamples = regexp.MustCompile(`over \d+ samples`)
	mixed          = regexp.MustCompile(`(vector contains|encountered) a mix of histograms (with exponential and custom buckets schemas for metric name "[^"]*"|and floats for aggregation)`)
)

func annotationsOf(result *promql.Result, query string) string {
	warnings, infos := result.Warnings.AsStrings(query, 0, 0)
	all := append(warnings, infos...)
	for i, text := range all {
		// Prometheus counts an annotation again for each later step.
		text = countOfSamples.ReplaceAllString(text, "samples")
		// Which of these a group gets, and for which metric, depends on the order of series.
		all[i] = mixed.ReplaceAllString(text, "mixed")
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), "\n")
}

// line is a series with its numbers; native histograms contribute all of their fields in order.
type line struct {
	labels  string
	numbers []float64
}

func (l line) equals(other line) bool {
	if l.labels != other.labels || len(l.numbers) != len(other.numbers) {
		return false
	}
	for i, want := range l.numbers {
		got := other.numbers[i]
		if want == got || math.IsNaN(want) && math.IsNaN(got) {
			continue
		}
		if math.Abs(want-got) > 1e-12*math.Max(math.Abs(want), math.Abs(got)) && math.Abs(want-got) > 1e-12 {
			return false
		}
	}
	return true
}

func lines(result *promql.Result) []line {
	var all []line
	switch value := result.Value.(type) {
	case promql.Scalar:
		all = append(all, line{"scalar", []float64{value.V}})
	case promql.String:
		all = append(all, line{"string " + value.V, nil})
	case promql.Vector:
		for _, sample := range value {
			one := line{sample.Metric.String(), nil}
			if sample.H != nil {
				one.numbers = numbersOf(toWire(sample.H.Copy().Compact(0)))
			} else {
				one.numbers = []float64{sample.F}
			}
			all = append(all, one)
		}
	case promql.Matrix:
		for _, series := range value {
			one := line{series.Metric.String(), nil}
			for _, point := range series.Floats {
				one.numbers = append(one.numbers, float64(point.T), point.F)
			}
			for _, point := range series.Histograms {
				one.numbers = append(one.numbers, float64(point.T))
				one.numbers = append(one.numbers, numbersOf(toWire(point.H.Copy().Compact(0)))...)
			}
			all = append(all, one)
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].labels < all[j].labels })
	return all
}

func numbersOf(h *wireHistogram) []float64 {
	numbers := []float64{float64(h.Schema), float64(h.ZeroThreshold), float64(h.ZeroCount), float64(h.Count), float64(h.Sum)}
	for _, side := range []wireSide{h.Positive, h.Negative} {
		for _, span := range side.Spans {
			numbers = append(numbers, float64(span[0]), float64(span[1]))
		}
		numbers = append(numbers, fromFloats(side.Counts)...)
	}
	return append(numbers, fromFloats(h.CustomValues)...)
}
