package main

import (
	"fmt"
	"reflect"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsv1beta1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Types that read and write themselves.
var special = map[reflect.Type]string{
	reflect.TypeOf(resource.Quantity{}):         "q",
	reflect.TypeOf(intstr.IntOrString{}):        "x",
	reflect.TypeOf(metav1.Time{}):               "t",
	reflect.TypeOf(metav1.MicroTime{}):          "u",
	reflect.TypeOf(metav1.Duration{}):           "d",
	reflect.TypeOf(metav1.FieldsV1{}):           "r",
	reflect.TypeOf(runtime.RawExtension{}):      "r",
	reflect.TypeOf(apiextensionsv1.JSON{}):      "r",
	reflect.TypeOf(apiextensionsv1beta1.JSON{}): "r",
}

// Unions of an API schema with something else, by the name of their type.
var unions = map[string]string{
	"JSONSchemaPropsOrArray":       "A",
	"JSONSchemaPropsOrBool":        "B",
	"JSONSchemaPropsOrStringArray": "S",
}

var basic = map[reflect.Kind]string{
	reflect.String: "s", reflect.Bool: "b", reflect.Float64: "f", reflect.Float32: "f",
	reflect.Int32: "i", reflect.Int64: "l", reflect.Int: "l", reflect.Uint8: "n", reflect.Uint16: "n", reflect.Uint32: "n",
}

type types struct {
	structs map[string][]string
}

// visit gives the name of a struct, and adds it and all that it holds to the table.
func (t *types) visit(goType reflect.Type) string {
	name := structName(goType)
	if _, found := t.structs[name]; !found {
		t.structs[name] = nil
		t.structs[name] = t.fields(goType)
	}
	return name
}

func (t *types) fields(goType reflect.Type) []string {
	fields := []string{}
	definition := definitionOf(goType)
	for i := range goType.NumField() {
		field := goType.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		inline := field.Anonymous && name == ""
		switch {
		case name == "-" || !field.IsExported():
		case inline && field.Type.Kind() == reflect.Struct:
			fields = append(fields, t.fields(field.Type)...)
		case inline || name == "":
			panic(fmt.Sprintf("%v.%s", goType, field.Name))
		default:
			text := name + " " + t.typeCode(field.Type)
			if strings.Contains(options, "omitempty") {
				text += "?"
			}
			if strings.Contains(options, "omitzero") {
				text += "!"
			}
			fields = append(fields, text+merging(definition.Properties[name]))
		}
	}
	return fields
}

// typeCode is one letter or a struct's name, after a prefix for each pointer, list or map around it.
func (t *types) typeCode(goType reflect.Type) string {
	if code, found := special[goType]; found {
		return code
	}
	if code, found := unions[goType.Name()]; found {
		return code + t.visit(schemaOf(goType))
	}
	switch goType.Kind() {
	case reflect.Pointer:
		return "*" + t.typeCode(goType.Elem())
	case reflect.Slice:
		if goType.Elem().Kind() == reflect.Uint8 {
			return "y"
		}
		return "[" + t.typeCode(goType.Elem())
	case reflect.Map:
		return "{" + t.typeCode(goType.Elem())
	case reflect.Struct:
		return t.visit(goType)
	}
	if code, found := basic[goType.Kind()]; found {
		return code
	}
	panic(goType.String())
}

func schemaOf(union reflect.Type) reflect.Type {
	field, found := union.FieldByName("Schema")
	if !found {
		panic(union.String())
	}
	return field.Type.Elem()
}

// structName is `core/v1.Container`.
func structName(goType reflect.Type) string {
	parts := strings.Split(goType.PkgPath(), "/")
	return strings.Join(parts[len(parts)-2:], "/") + "." + goType.Name()
}
