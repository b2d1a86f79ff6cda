package celrun

import (
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	apiservercel "k8s.io/apiserver/pkg/cel"

	"bulkhead.dev/oracle/internal/vectors"
)

type object = map[string]any

// Plain is a CEL value as JSON that keeps its type: an object of one member (opaque values have two).
func Plain(value ref.Val) any {
	switch typed := value.(type) {
	case types.Bool:
		return object{"bool": bool(typed)}
	case types.Int:
		return object{"int": strconv.FormatInt(int64(typed), 10)}
	case types.Uint:
		return object{"uint": strconv.FormatUint(uint64(typed), 10)}
	case types.Double:
		return object{"double": double(float64(typed))}
	case types.String:
		return object{"string": string(typed)}
	case types.Bytes:
		return object{"bytes": []byte(typed)}
	case types.Null:
		return object{"null": true}
	case types.Timestamp:
		return object{"timestamp": typed.Time.UTC().Format(time.RFC3339Nano)}
	case types.Duration:
		return object{"duration": string(typed.ConvertToType(types.StringType).(types.String))}
	case *types.Optional:
		if !typed.HasValue() {
			return object{"optional": nil}
		}
		return object{"optional": Plain(typed.GetValue())}
	case apiservercel.Quantity:
		return object{"opaque": typed.Type().TypeName(), "text": typed.String()}
	case *types.Err:
		return object{"error": typed.Error()}
	case *types.Unknown:
		return object{"unknown": true}
	case traits.Lister:
		list := []any{}
		for i := types.Int(0); i < typed.Size().(types.Int); i++ {
			list = append(list, Plain(typed.Get(i)))
		}
		return object{"list": list}
	case traits.Mapper:
		entries := [][2]any{}
		for keys := typed.Iterator(); keys.HasNext() == types.True; {
			key := keys.Next()
			entries = append(entries, [2]any{Plain(key), Plain(typed.Get(key))})
		}
		sort.Slice(entries, func(i, j int) bool { return vectors.Text(entries[i][0]) < vectors.Text(entries[j][0]) })
		return object{"map": entries}
	case ref.Type:
		return object{"type": typed.TypeName()}
	}
	return object{"opaque": value.Type().TypeName(), "text": text(value)}
}

// double is a JSON number, or text where JSON has none.
func double(number float64) any {
	switch {
	case math.IsNaN(number):
		return "NaN"
	case math.IsInf(number, 1):
		return "Infinity"
	case math.IsInf(number, -1):
		return "-Infinity"
	case number == 0 && math.Signbit(number):
		return "-0"
	}
	return number
}

// text is the native value in words, or nothing where it would print an address.
func text(value ref.Val) string {
	native := value.Value()
	if words, ok := native.(fmt.Stringer); ok {
		return words.String()
	}
	if words := fmt.Sprint(native); !strings.Contains(words, "0x") {
		return words
	}
	return ""
}
