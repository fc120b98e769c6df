package conformance

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/util/teststorage"
)

type storageOf = teststorage.TestStorage

// generator generates random PromQL queries, most of which have a result.
type generator struct{ random *rand.Rand }

func (g *generator) of(words ...string) string { return words[g.random.Intn(len(words))] }

func (g *generator) chance(percent int) bool { return g.random.Intn(100) < percent }

func (g *generator) question() question {
	start := int64(g.random.Intn(70*60)) * 1000
	depth := 1 + g.random.Intn(3)
	q := question{expression: g.vector(depth), start: start, end: start}
	if g.chance(10) {
		q.expression = g.scalar(depth)
	}
	if g.chance(50) {
		q.step = int64(g.random.Intn(300)+1) * 1000
		q.end = start + int64(g.random.Intn(20))*q.step
	} else if g.chance(5) {
		q.expression = g.matrix(depth)
	}
	return q
}

func (g *generator) selector() string {
	name := g.of("requests_total", "requests_total", "temperature", "latency_bucket", "native", "custom", "mixed", "target_info")
	selector := name + g.of("", "", `{job="api"}`, `{job=~"api|web"}`, `{instance!="a"}`, `{code=~"2.."}`, `{room!~"h.*"}`, `{none=""}`)
	if g.chance(3) {
		selector = g.of(`{job="api"}`, `{__name__=~"native|custom"}`, `{__name__=~"re.*|tem.*", job!="x"}`)
	}
	return selector
}

func (g *generator) shift() string {
	switch g.random.Intn(8) {
	case 0:
		return " offset " + g.of("1m", "-1m", "7m30s", "(1m + 30s)", "step()")
	case 1:
		return " @ " + g.of("600", "1800.5", "start()", "end()")
	case 2:
		return " @ 1200 offset 1m"
	}
	return ""
}

func (g *generator) duration() string {
	return g.of("1m", "2m", "5m", "90s", "17m", "1m * 2", "45s", "1h")
}

func (g *generator) matrix(depth int) string {
	if depth > 0 && g.chance(30) {
		return fmt.Sprintf("(%s)[%s:%s]%s", g.vector(depth-1), g.duration(), g.of("", "30s", "1m", "17s"), g.shift())
	}
	return fmt.Sprintf("%s[%s]%s", g.selector(), g.duration(), g.shift())
}

func (g *generator) number() string {
	return g.of("0", "1", "2", "0.5", "-1", "1e3", "NaN", "Inf", "-Inf", "10", "0.9", "3")
}

func (g *generator) scalar(depth int) string {
	if depth == 0 || g.chance(40) {
		return g.of(g.number(), g.number(), "time()", "pi()", "5m")
	}
	switch g.random.Intn(3) {
	case 0:
		return fmt.Sprintf("scalar(%s)", g.vector(depth-1))
	case 1:
		return fmt.Sprintf("(%s %s %s)", g.scalar(depth-1), g.of("+", "-", "*", "/", "%", "== bool", "> bool"), g.scalar(depth-1))
	}
	return fmt.Sprintf("%s(%s, %s)", g.of("max_of", "min_of"), g.scalar(depth-1), g.scalar(depth-1))
}

func (g *generator) grouping() string {
	return g.of("", " by (job)", " by (job, instance)", " without (instance)", " by (le)", " without (le)", " by (room)", " by ()")
}

func (g *generator) vector(depth int) string {
	if depth == 0 {
		return g.selector() + g.shift()
	}
	switch g.random.Intn(10) {
	case 0:
		return g.selector() + g.shift()
	case 1, 2:
		return g.aggregation(depth)
	case 3:
		return g.binary(depth)
	case 4:
		return fmt.Sprintf("-%s", g.vector(depth-1))
	case 5, 6, 7:
		return g.overRange(depth)
	}
	return g.call(depth)
}

func (g *generator) aggregation(depth int) string {
	inner := g.vector(depth - 1)
	switch g.random.Intn(4) {
	case 0:
		return fmt.Sprintf("%s%s (%s, %s)", g.of("topk", "bottomk", "quantile", "limit_ratio"), g.grouping(), g.number(), inner)
	case 1:
		// In Prometheus the series of an aggregation's result are in random order.
		if g.chance(50) {
			return fmt.Sprintf("limitk%s (%s, %s)", g.grouping(), g.number(), g.selector())
		}
		return fmt.Sprintf(`count_values%s ("value", %s)`, g.grouping(), g.selector())
	}
	return fmt.Sprintf("%s%s (%s)", g.of("sum", "avg", "min", "max", "count", "stddev", "stdvar", "group"), g.grouping(), inner)
}

func (g *generator) binary(depth int) string {
	left, right := g.vector(depth-1), g.vector(depth-1)
	if g.chance(30) {
		left = g.scalar(depth - 1)
	} else if g.chance(30) {
		right = g.scalar(depth - 1)
	} else if g.chance(40) {
		return fmt.Sprintf("(%s %s%s %s)", left, g.of("and", "or", "unless"), g.of("", " on (job)", " ignoring (code)", " on ()"), right)
	} else {
		modifier := g.of("", " on (job)", " ignoring (code)", " on (job, instance)", " on (job) group_left ()", " on (job) group_right (version)", " ignoring (le) group_left ()", " fill (0)", " on (job) fill_left (1)", " on (job) fill_right (2)")
		return fmt.Sprintf("(%s %s%s %s)", left, g.operator(), modifier, right)
	}
	return fmt.Sprintf("(%s %s %s)", left, g.operator(), right)
}

func (g *generator) operator() string {
	return g.of("+", "-", "*", "/", "%", "==", "!=", ">", "<", ">=", "<=", "== bool", "> bool", "</", ">/")
}

func (g *generator) overRange(depth int) string {
	name := g.of("rate", "increase", "delta", "irate", "idelta", "resets", "changes", "deriv", "avg_over_time", "sum_over_time",
		"min_over_time", "max_over_time", "count_over_time", "stddev_over_time", "stdvar_over_time", "last_over_time",
		"first_over_time", "present_over_time", "absent_over_time", "mad_over_time", "ts_of_max_over_time", "ts_of_min_over_time",
		"ts_of_last_over_time", "ts_of_first_over_time", "integral")
	if g.chance(10) {
		extension := g.of("anchored", "smoothed")
		return fmt.Sprintf("%s(%s[%s] %s)", g.of("rate", "increase", "delta"), g.selector(), g.duration(), extension)
	}
	switch g.random.Intn(12) {
	case 0:
		return fmt.Sprintf("quantile_over_time(%s, %s)", g.number(), g.matrix(depth-1))
	case 1:
		return fmt.Sprintf("predict_linear(%s, %s)", g.matrix(depth-1), g.number())
	case 2:
		return fmt.Sprintf("double_exponential_smoothing(%s, 0.3, 0.6)", g.matrix(depth-1))
	}
	return fmt.Sprintf("%s(%s)", name, g.matrix(depth-1))
}

func (g *generator) call(depth int) string {
	inner := g.vector(depth - 1)
	switch g.random.Intn(10) {
	case 0:
		return fmt.Sprintf("histogram_quantile(%s, %s)", g.number(), inner)
	case 1:
		return fmt.Sprintf("histogram_fraction(%s, %s, %s)", g.number(), g.number(), inner)
	case 2:
		return fmt.Sprintf("%s(%s)", g.of("histogram_count", "histogram_sum", "histogram_avg", "histogram_stddev", "histogram_stdvar"), inner)
	case 3:
		return fmt.Sprintf(`label_replace(%s, "%s", "$1-x", "%s", "%s")`, inner, g.of("job", "new", "__name__"), g.of("job", "le", "__name__"), g.of("(.*)", "(a.*)", "x"))
	case 4:
		return fmt.Sprintf(`label_join(%s, "%s", "-", "job", "instance")`, inner, g.of("job", "new"))
	case 5:
		return fmt.Sprintf("%s(%s)", g.of("absent", "timestamp", "sort", "sort_desc", "info"), inner)
	case 6:
		return fmt.Sprintf("%s(%s, %s)", g.of("clamp_min", "clamp_max", "round"), inner, g.number())
	case 7:
		return fmt.Sprintf("vector(%s)", g.scalar(depth-1))
	case 8:
		argument := g.of("vector(time())", "latency_bucket * 86400", "vector(time() * 1e5)", "vector(-1e9)")
		return fmt.Sprintf("%s(%s)", g.of("hour", "minute", "month", "day_of_year", "days_in_month", "year", "day_of_week"), argument)
	}
	var names []string
	for name, function := range parser.Functions {
		if len(function.ArgTypes) == 1 && function.Variadic == 0 && function.ArgTypes[0] == parser.ValueTypeVector && function.ReturnType == parser.ValueTypeVector && !strings.HasPrefix(name, "start") {
			names = append(names, name)
		}
	}
	// Maps have no order, but a seed must always give the same queries.
	return fmt.Sprintf("%s(%s)", sortedNames(names)[g.random.Intn(len(names))], inner)
}

func sortedNames(names []string) []string {
	slices.Sort(names)
	return names
}
