package tests

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	wellhead "github.com/wellhead-dev/wellhead/plugins/sdk-go"
	"github.com/wellhead-dev/wellhead/plugins/sdk-go/wellheadtest"
)

type object = map[string]any

func TestAnyFieldGoesByItsPath(t *testing.T) {
	main := object{"name": "main", "image": "a:1", "args": []string{"x"}, "ports": []object{{"containerPort": 80}}}
	pipeline := wellheadtest.New(object{
		"metadata": object{"labels": object{"a": "b"}},
		"spec":     object{"tolerations": []object{{"key": "gpu"}}, "containers": []object{main}},
	})
	label, found, err := wellhead.Get[string](pipeline, "labels.a")
	same(t, "labels.a", []any{label, found, err}, []any{"b", true, nil})
	_, found, err = wellhead.Get[any](pipeline, "hostAliases")
	same(t, "hostAliases", []any{found, err}, []any{false, nil})
	added := func(path string, err error) string {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
		return path
	}
	same(t, "append", added(wellhead.Append(pipeline, "tolerations", wellhead.Toleration{Key: "spot"})), "tolerations[1]")
	same(t, "first", added(wellhead.Insert(pipeline, "tolerations", object{"key": "first"}, wellhead.First())), "tolerations[0]")
	same(t, "before", added(wellhead.Insert(pipeline, "containers.main.args", "w", wellhead.Before("containers.main.args[0]"))), "containers.main.args[0]")
	same(t, "args", pipeline.MainContainer().Args(), []string{"w", "x"})
	same(t, "ip", added(wellhead.Append(pipeline, "hostAliases", object{"ip": "10.0.0.1"})), `hostAliases["10.0.0.1"]`)
	for path, value := range map[string]any{"containers.main.ports.80/TCP.hostPort": 8080, "containers.proxy": object{"image": "proxy:1"}} {
		if err := wellhead.Set(pipeline, path, value); err != nil {
			t.Error(err)
		}
	}
	sidecar := object{"name": "second", "image": "b:1"}
	same(t, "after", added(wellhead.Insert(pipeline, "containers", sidecar, wellhead.After("containers.main"))), "containers.second")
	same(t, "containers", pipeline.ContainerNames(), []string{"main", "second", "proxy"})
	for _, path := range []string{"tolerations[2]", "containers.second", `hostAliases["10.0.0.9"]`} {
		if err := pipeline.Remove(path); err != nil {
			t.Error(err)
		}
	}
	same(t, "tolerations", *pipeline.Tolerations(), `[{"key":"first"},{"key":"gpu"}]`)
	ports, _, _ := wellhead.Get[json.RawMessage](pipeline, "containers.main.ports")
	same(t, "ports", string(ports), `[{"containerPort":80,"hostPort":8080}]`)
	same(t, "edits", len(pipeline.Edits()), 9)
}

func TestWhatNoPathLeadsToIsRefused(t *testing.T) {
	pipeline := wellheadtest.New(nil)
	if _, err := wellhead.Append(pipeline, "claims", object{"name": "data", "size": "1Gi"}); err != nil {
		t.Fatal(err)
	}
	if err := pipeline.SetReplicas(1); err != nil {
		t.Fatal(err)
	}
	second := func(_ string, err error) error { return err }
	errs := []error{
		wellhead.Set(pipeline, "containers", []any{}),
		wellhead.Set(pipeline, "containers.main", object{"image": "b:1"}),
		wellhead.Set(pipeline, "containers[0].image", "b:1"),
		wellhead.Set(pipeline, "claims.data", object{"name": "other", "size": "1Gi"}),
		wellhead.Set(pipeline, "volumes.data", object{"emptyDir": object{}}),
		wellhead.Set(pipeline, "replicas", nil),
		pipeline.Set("replicas", "{"),
		pipeline.Remove("claims.data"),
		pipeline.Remove("containers.main"),
		second(wellhead.Append(pipeline, "claims", object{"name": "data", "size": "1Gi"})),
		second(wellhead.Append(pipeline, "claims", object{"size": "1Gi"})),
		second(wellhead.Append(pipeline, "replicas", 1)),
		second(wellhead.Insert(pipeline, "containers", object{"name": "a", "image": "a:1"}, wellhead.First())),
	}
	for _, path := range []string{"", "a..b", ".a", "a.*", "a[", "a[1", "a[x]", `a["x]`, "a b", "a."} {
		errs = append(errs, pipeline.Set(path, "1"))
	}
	for at, err := range errs {
		var refused *wellhead.EditError
		if !errors.As(err, &refused) || refused.Kind != wellhead.Invalid {
			t.Errorf("%d: %v", at, err)
		}
	}
	_, err := wellhead.Insert(pipeline, "tolerations", object{}, wellhead.Before("tolerations[3]"))
	var missing *wellhead.EditError
	if !errors.As(err, &missing) || missing.Kind != wellhead.NotFound {
		t.Error(err)
	}
}

func TestAMountKeepsWhatItsRecordDoesNotHave(t *testing.T) {
	mount := object{"name": "data", "mountPath": "/d", "subPathExpr": "$(POD)", "mountPropagation": "None"}
	pipeline := wellheadtest.New(object{"spec": object{"containers": []object{{"name": "main", "volumeMounts": []object{mount}}}}})
	read := pipeline.MainContainer().Mounts()[0]
	read.ReadOnly = true
	if err := pipeline.MainContainer().SetMount(read); err != nil {
		t.Fatal(err)
	}
	if document := pipeline.Document(); !strings.Contains(document, `"subPathExpr": "$(POD)"`) || !strings.Contains(document, `"readOnly": true`) {
		t.Error(document)
	}
}

// Each setter that has one parameter, and whose getter reads the same, reads back what it wrote.
func TestWhatIsSetIsReadBack(t *testing.T) {
	pipeline := wellheadtest.New(object{"spec": object{"claims": []object{{"name": "data", "size": "1Gi"}}}})
	claim, _ := pipeline.Claim("data")
	samples := map[string]any{"string": "text", "int32": int32(7), "int64": int64(8), "bool": true, "[]string": []string{"a", "b"}}
	seen := 0
	for _, part := range []any{pipeline, pipeline.MainContainer(), claim, pipeline.Service()} {
		value := reflect.ValueOf(part)
		for at := range value.NumMethod() {
			name := value.Type().Method(at).Name
			getter := value.MethodByName(strings.TrimPrefix(name, "Set"))
			setter := value.Method(at)
			if !strings.HasPrefix(name, "Set") || setter.Type().NumIn() != 1 || !getter.IsValid() || getter.Type().NumIn() != 0 {
				continue
			}
			kind := setter.Type().In(0)
			isPointer := kind.Kind() == reflect.Pointer
			if isPointer {
				kind = kind.Elem()
			}
			sample := reflect.ValueOf(samples[kind.String()])
			if isPointer && kind.Kind() == reflect.String {
				// Of a text that is JSON, too.
				sample = reflect.ValueOf(`"text"`)
			}
			given := sample
			if isPointer {
				given = reflect.New(kind)
				given.Elem().Set(sample)
			}
			if err := setter.Call([]reflect.Value{given})[0]; !err.IsNil() {
				t.Errorf("%s: %v", name, err)
			}
			read := getter.Call(nil)[0]
			if isPointer {
				read = read.Elem()
			}
			same(t, name, read.Interface(), sample.Interface())
			seen++
		}
	}
	if seen < 30 || len(pipeline.Edits()) != seen {
		t.Error(seen, len(pipeline.Edits()))
	}
}

func TestItemsAreAddedChangedAndRemoved(t *testing.T) {
	pipeline := wellheadtest.New(nil)
	pipeline.Because("a reason")
	helper, err := pipeline.AddContainer("helper", "b:2")
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		helper.SetEnv("A", "1"),
		helper.SetEnvSource("B", `{"secretKeyRef":{"name":"s","key":"k"}}`),
		helper.SetPort(wellhead.ContainerPort{Number: 80, Protocol: wellhead.ProtocolUDP}),
		helper.SetRequest("cpu", "100m"),
		pipeline.Service().SetPort(wellhead.ServicePort{Number: 80, Target: "8080"}),
		pipeline.SetVolume("scratch", `{"emptyDir":{}}`),
		pipeline.SetLabel("a", "b"),
		pipeline.RemoveLabel("a"),
		pipeline.RemoveNodeSelector("a"),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	same(t, "env", []any{helper.EnvNames(), *helper.Env("A"), helper.Env("B")}, []any{[]string{"A", "B"}, "1", (*string)(nil)})
	same(t, "ports", helper.Ports(), []wellhead.ContainerPort{{Number: 80, Protocol: wellhead.ProtocolUDP}})
	same(t, "service", pipeline.Service().Ports(), []wellhead.ServicePort{{Number: 80, Target: "8080"}})
	same(t, "requests", helper.Requests(), map[string]string{"cpu": "100m"})
	same(t, "volumes", pipeline.VolumeNames(), []string{"scratch"})
	same(t, "first", pipeline.Edits()[0], wellheadtest.Edit{Path: "containers.helper", Reason: "a reason"})
	for _, err := range []error{helper.RemovePort(81, wellhead.ProtocolTCP), pipeline.RemoveVolume("none"), pipeline.RemoveContainer("main")} {
		if err == nil {
			t.Error("it is removed")
		}
	}
	if err := pipeline.RemoveContainer("helper"); err != nil {
		t.Error(err)
	}
	if err := helper.SetImage("c:3"); err == nil {
		t.Error("what is gone is changed")
	}
	_, found := pipeline.Container("helper")
	same(t, "helper", found, false)
}

func TestFactsTheBaseAndWhoSetAFieldAreKnown(t *testing.T) {
	wellheadtest.Facts(object{"storageClasses": []string{"fast"}})
	pipeline := wellheadtest.New(object{"spec": object{"replicas": 2}})
	if err := pipeline.SetReplicas(3); err != nil {
		t.Fatal(err)
	}
	classes, _, err := wellhead.Fact[[]string]("storageClasses")
	same(t, "classes", []any{classes, err}, []any{[]string{"fast"}, nil})
	_, told, _ := wellhead.Fact[any]("nodes")
	base, _, _ := wellhead.Base[int32]("replicas")
	by, _ := wellhead.SetBy("replicas")
	nobody, _ := wellhead.SetBy("labels.a")
	same(t, "context", []any{told, base, *by, nobody, wellhead.KnowsLive()}, []any{false, int32(2), "plugin", (*string)(nil), false})
}
