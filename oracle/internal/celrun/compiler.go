// Package celrun compiles and runs CEL expressions as the admission plugins of the linked release do.
package celrun

import (
	"context"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/google/cel-go/cel"

	"k8s.io/apimachinery/pkg/util/version"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/cel/environment"

	"bulkhead.dev/oracle/internal/vectors"
)

// Expression is text of any type with, if it is a mutation's, the types of patches.
type Expression string

func (e Expression) GetExpression() string    { return string(e) }
func (e Expression) ReturnTypes() []*cel.Type { return []*cel.Type{cel.AnyType} }

// Compiler compiles new expressions for one version of the language.
type Compiler struct {
	compiler plugincel.Compiler
	options  plugincel.OptionalVariableDeclarations
}

// NewCompiler speaks the language of Kubernetes 1.minor, with the default feature gates of the linked release.
func NewCompiler(minor uint) Compiler {
	// From 1.30 to 1.34 the cost of the Kubernetes libraries hung on a feature gate, on by default from 1.32.
	strict := reflect.ValueOf(ReleaseMinor() >= 32)
	build := reflect.ValueOf(environment.MustBaseEnvSet)
	given := []reflect.Value{reflect.ValueOf(version.MajorMinor(1, minor))}
	if build.Type().NumIn() == 2 {
		given = append(given, strict)
	}
	options := plugincel.OptionalVariableDeclarations{HasParams: true, HasAuthorizer: true}
	if field := reflect.ValueOf(&options).Elem().FieldByName("StrictCost"); field.IsValid() {
		field.Set(strict)
	}
	base := build.Call(given)[0].Interface().(*environment.EnvSet)
	return Compiler{plugincel.NewCompiler(base), options}
}

// ReleaseMinor is the minor release of Kubernetes whose code is linked.
func ReleaseMinor() uint {
	minor, err := strconv.ParseUint(strings.Split(vectors.Kubernetes(), ".")[1], 10, 32)
	if err != nil {
		panic(err)
	}
	return uint(minor)
}

// Result is what became of an expression: issues, or a type with a value or an error.
type Result struct {
	Issues []string `json:"issues,omitempty"`
	Type   string   `json:"type,omitempty"`
	Value  any      `json:"value,omitempty"`
	Error  string   `json:"error,omitempty"`
	Cost   *uint64  `json:"cost,omitempty"`
}

// Run compiles the expression and, if it could be compiled, evaluates it over the data.
// Where cel-go panics, as some older ones do over some texts, the only issue says so.
func (c Compiler) Run(expression string, data Activation) (result Result) {
	defer func() {
		if reason := recover(); reason != nil {
			result = Result{Issues: []string{fmt.Sprint("panic: ", reason)}}
		}
	}()
	compiled := c.compiler.CompileCELExpression(Expression(expression), c.options, environment.NewExpressions)
	if compiled.Error != nil {
		return Result{Issues: Issues(compiled.Error.Detail)}
	}
	result.Type = outputType(compiled)
	value, details, err := compiled.Program.ContextEval(context.Background(), data)
	result.Cost = details.ActualCost()
	if err != nil {
		result.Error = err.Error()
	} else {
		result.Value = Plain(value)
	}
	return result
}

// outputType is the checked type; 1.28 does not tell.
func outputType(compiled plugincel.CompilationResult) string {
	field := reflect.ValueOf(compiled).FieldByName("OutputType")
	if !field.IsValid() {
		return ""
	}
	return field.Interface().(*cel.Type).String()
}

// Text is the whole text of the compilation's error, or nothing.
func (c Compiler) Text(expression string) (text string) {
	defer func() {
		if reason := recover(); reason != nil {
			text = fmt.Sprint("panic: ", reason)
		}
	}()
	compiled := c.compiler.CompileCELExpression(Expression(expression), c.options, environment.NewExpressions)
	if compiled.Error == nil {
		return ""
	}
	return address.ReplaceAllString(compiled.Error.Detail, "${1}0x…")
}

// Some releases print addresses, which are others on every run.
var address = regexp.MustCompile(`(&\{\d+ )0x[0-9a-f]+`)

var issueStart = regexp.MustCompile(`(?m)^(?:compilation failed: )?ERROR: <input>:`)
var issueSource = regexp.MustCompile(`(?s)\n \| .*`)

// Issues are the issues of a compilation's error as "line:column: message", without the excerpts of the source.
func Issues(text string) []string {
	issues := []string{}
	text = address.ReplaceAllString(text, "${1}0x…")
	for _, part := range issueStart.Split(text, -1) {
		if part = strings.TrimSpace(issueSource.ReplaceAllString(part, "")); part != "" {
			issues = append(issues, part)
		}
	}
	return issues
}
