package conformance

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
)

// request is a query; without series, it is about those of the previous request.
type request struct {
	Query  string          `json:"query"`
	Start  int64           `json:"start"`
	End    int64           `json:"end"`
	Step   int64           `json:"step"`
	Range  bool            `json:"range"`
	Series json.RawMessage `json:"series,omitempty"`
}

type answer struct {
	Error    string       `json:"error"`
	Type     string       `json:"type"`
	Number   float        `json:"number"`
	Text     string       `json:"text"`
	Series   []wireSeries `json:"series"`
	Warnings []string     `json:"warnings"`
	Infos    []string     `json:"infos"`
}

func (a *answer) result(time int64) *promql.Result {
	if a.Error != "" {
		return &promql.Result{Err: errors.New(a.Error)}
	}
	result := &promql.Result{Warnings: toAnnotations(a.Warnings, a.Infos)}
	switch a.Type {
	case "scalar":
		result.Value = promql.Scalar{T: time, V: float64(a.Number)}
	case "string":
		result.Value = promql.String{T: time, V: a.Text}
	case "vector":
		vector := promql.Vector{}
		for _, s := range a.Series {
			vector = append(vector, s.toSample(time))
		}
		result.Value = vector
	default:
		matrix := promql.Matrix{}
		for _, s := range a.Series {
			matrix = append(matrix, s.toSeries())
		}
		result.Value = matrix
	}
	return result
}

// process is the engine, which reads requests and writes responses, one JSON object per line.
type process struct {
	command *exec.Cmd
	input   io.WriteCloser
	output  *bufio.Scanner
	series  []byte
}

func startProcess() (*process, error) {
	node := os.Getenv("NODE")
	if node == "" {
		node = "node"
	}
	command := exec.Command(node, "--conditions=@node-to-cloud/source", "answer-queries.ts")
	command.Stderr = os.Stderr
	input, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	scanner := bufio.NewScanner(output)
	scanner.Buffer(nil, 1<<28)
	return &process{command: command, input: input, output: scanner}, command.Start()
}

func (p *process) stop() {
	p.input.Close()
	p.command.Wait()
}

func (p *process) ask(r request, series []wireSeries) (*answer, error) {
	held, err := json.Marshal(series)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(held, p.series) {
		r.Series = held
		p.series = held
	}
	line, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	if _, err := p.input.Write(append(line, '\n')); err != nil {
		return nil, err
	}
	if !p.output.Scan() {
		return nil, errors.New("the engine has exited")
	}
	a := &answer{}
	return a, json.Unmarshal(p.output.Bytes(), a)
}

func toLabels(pairs [][2]string) labels.Labels {
	builder := labels.NewScratchBuilder(len(pairs))
	for _, pair := range pairs {
		builder.Add(pair[0], pair[1])
	}
	builder.Sort()
	return builder.Labels()
}
