package admission

import (
	"reflect"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/admission/plugin/policy/generic"
	"k8s.io/client-go/informers"
)

// CollectParams finds the params of a binding; from 1.37 the plugin's function takes clients as well, to ask the API server directly.
func CollectParams(kind *admissionregistrationv1.ParamKind, informer informers.GenericInformer, scope meta.RESTScope, paramRef *admissionregistrationv1.ParamRef, namespace string) ([]runtime.Object, error) {
	collect := reflect.ValueOf(generic.CollectParams)
	signature := collect.Type()
	given := []reflect.Value{}
	for i, argument := range []any{kind, informer, scope, paramRef, namespace} {
		value := reflect.ValueOf(argument)
		if !value.IsValid() {
			value = reflect.Zero(signature.In(i))
		}
		given = append(given, value)
	}
	for i := len(given); i < signature.NumIn(); i++ {
		given = append(given, reflect.Zero(signature.In(i)))
	}
	answers := collect.Call(given)
	params, _ := answers[0].Interface().([]runtime.Object)
	err, _ := answers[1].Interface().(error)
	return params, err
}

func nameOf(object runtime.Object) string {
	accessor, err := meta.Accessor(object)
	if err != nil {
		return err.Error()
	}
	return accessor.GetNamespace() + "/" + accessor.GetName()
}
