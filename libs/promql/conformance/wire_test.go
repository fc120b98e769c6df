package conformance

import (
	"context"
	"encoding/json"
	"math"
	"strconv"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// float is a number as a string, since JSON has neither NaN nor infinity.
type float float64

func (f float) MarshalJSON() ([]byte, error) {
	return json.Marshal(strconv.FormatFloat(float64(f), 'g', -1, 64))
}

func (f *float) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	number, err := strconv.ParseFloat(text, 64)
	*f = float(number)
	return err
}

type wireSeries struct {
	Labels [][2]string `json:"labels"`
	Points []wirePoint `json:"points"`
}

type wirePoint struct {
	Time      int64          `json:"t"`
	Start     int64          `json:"st,omitempty"`
	Stale     bool           `json:"stale,omitempty"`
	Value     *float         `json:"v,omitempty"`
	Histogram *wireHistogram `json:"h,omitempty"`
}

type wireSide struct {
	Spans  [][2]int64 `json:"spans"`
	Counts []float    `json:"counts"`
}

type wireHistogram struct {
	Hint          string   `json:"hint"`
	Schema        int32    `json:"schema"`
	ZeroThreshold float    `json:"zeroThreshold"`
	ZeroCount     float    `json:"zeroCount"`
	Count         float    `json:"count"`
	Sum           float    `json:"sum"`
	Positive      wireSide `json:"positive"`
	Negative      wireSide `json:"negative"`
	CustomValues  []float  `json:"customValues"`
}

var hints = map[histogram.CounterResetHint]string{
	histogram.UnknownCounterReset: "unknown",
	histogram.CounterReset:        "reset",
	histogram.NotCounterReset:     "notReset",
	histogram.GaugeType:           "gauge",
}

func toFloats(numbers []float64) []float {
	list := make([]float, len(numbers))
	for i, number := range numbers {
		list[i] = float(number)
	}
	return list
}

func fromFloats(list []float) []float64 {
	if len(list) == 0 {
		return nil
	}
	numbers := make([]float64, len(list))
	for i, number := range list {
		numbers[i] = float64(number)
	}
	return numbers
}

func toSide(spans []histogram.Span, counts []float64) wireSide {
	side := wireSide{Spans: [][2]int64{}, Counts: toFloats(counts)}
	for _, span := range spans {
		side.Spans = append(side.Spans, [2]int64{int64(span.Offset), int64(span.Length)})
	}
	return side
}

func (s wireSide) spans() []histogram.Span {
	var spans []histogram.Span
	for _, span := range s.Spans {
		spans = append(spans, histogram.Span{Offset: int32(span[0]), Length: uint32(span[1])})
	}
	return spans
}

func toWire(h *histogram.FloatHistogram) *wireHistogram {
	return &wireHistogram{
		Hint: hints[h.CounterResetHint], Schema: h.Schema,
		ZeroThreshold: float(h.ZeroThreshold), ZeroCount: float(h.ZeroCount), Count: float(h.Count), Sum: float(h.Sum),
		Positive: toSide(h.PositiveSpans, h.PositiveBuckets), Negative: toSide(h.NegativeSpans, h.NegativeBuckets),
		CustomValues: toFloats(h.CustomValues),
	}
}

func (w *wireHistogram) toHistogram() *histogram.FloatHistogram {
	h := &histogram.FloatHistogram{
		Schema: w.Schema, ZeroThreshold: float64(w.ZeroThreshold), ZeroCount: float64(w.ZeroCount),
		Count: float64(w.Count), Sum: float64(w.Sum),
		PositiveSpans: w.Positive.spans(), PositiveBuckets: fromFloats(w.Positive.Counts),
		NegativeSpans: w.Negative.spans(), NegativeBuckets: fromFloats(w.Negative.Counts),
		CustomValues: fromFloats(w.CustomValues),
	}
	for hint, name := range hints {
		if name == w.Hint {
			h.CounterResetHint = hint
		}
	}
	return h
}

func (s *wireSeries) toSample(time int64) promql.Sample {
	sample := promql.Sample{Metric: toLabels(s.Labels), T: time}
	if s.Points[0].Histogram != nil {
		sample.H = s.Points[0].Histogram.toHistogram()
	} else {
		sample.F = float64(*s.Points[0].Value)
	}
	return sample
}

func (s *wireSeries) toSeries() promql.Series {
	series := promql.Series{Metric: toLabels(s.Labels)}
	for _, point := range s.Points {
		if point.Histogram != nil {
			series.Histograms = append(series.Histograms, promql.HPoint{T: point.Time, H: point.Histogram.toHistogram()})
		} else {
			series.Floats = append(series.Floats, promql.FPoint{T: point.Time, F: float64(*point.Value)})
		}
	}
	return series
}

// readAll reads the contents of the storage.
func readAll(ctx context.Context, queryable storage.Queryable) ([]wireSeries, error) {
	querier, err := queryable.Querier(math.MinInt64, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	defer querier.Close()
	all := labels.MustNewMatcher(labels.MatchRegexp, labels.MetricName, ".*")
	found := []wireSeries{}
	set := querier.Select(ctx, false, nil, all)
	for set.Next() {
		series := wireSeries{Labels: [][2]string{}, Points: []wirePoint{}}
		set.At().Labels().Range(func(l labels.Label) {
			series.Labels = append(series.Labels, [2]string{l.Name, l.Value})
		})
		iterator := set.At().Iterator(nil)
		for kind := iterator.Next(); kind != chunkenc.ValNone; kind = iterator.Next() {
			series.Points = append(series.Points, readPoint(iterator, kind))
		}
		if err := iterator.Err(); err != nil {
			return nil, err
		}
		found = append(found, series)
	}
	return found, set.Err()
}

func readPoint(iterator chunkenc.Iterator, kind chunkenc.ValueType) wirePoint {
	point := wirePoint{Start: iterator.AtST()}
	if kind == chunkenc.ValFloat {
		t, v := iterator.At()
		number := float(v)
		point.Time, point.Value, point.Stale = t, &number, value.IsStaleNaN(v)
		return point
	}
	t, h := iterator.AtFloatHistogram(nil)
	point.Time, point.Histogram, point.Stale = t, toWire(h), value.IsStaleNaN(h.Sum)
	return point
}
