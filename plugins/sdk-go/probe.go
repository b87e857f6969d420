package wellhead

import (
	"bytes"
	"encoding/json"
)

// Probe is Kubernetes': how a container says that it has started, is alive, is ready. Fields that are
// empty have the default that Kubernetes gives them; fields that have no name here stay in Rest.
type Probe struct {
	// A command in the container; 0 is success.
	Exec *ExecAction `json:"exec,omitempty"`
	// An HTTP request; 200 to 399 is success.
	HTTPGet *HTTPGetAction `json:"httpGet,omitempty"`
	// A connection.
	TCPSocket *TCPSocketAction `json:"tcpSocket,omitempty"`
	// A call of the gRPC health service.
	GRPC *GRPCAction `json:"grpc,omitempty"`
	// Seconds from the container's start to the first probe.
	InitialDelaySeconds int32 `json:"initialDelaySeconds,omitempty"`
	// Seconds that an answer may take.
	TimeoutSeconds int32 `json:"timeoutSeconds,omitempty"`
	// Seconds from one probe to the next.
	PeriodSeconds int32 `json:"periodSeconds,omitempty"`
	// Successes in a row after a failure that are one.
	SuccessThreshold int32 `json:"successThreshold,omitempty"`
	// Failures in a row that are one.
	FailureThreshold int32 `json:"failureThreshold,omitempty"`
	// Seconds that the container has to stop, when the probe stops it.
	TerminationGracePeriodSeconds *int64 `json:"terminationGracePeriodSeconds,omitempty"`
	// What else Kubernetes has there.
	Rest Rest `json:"-"`
}

// ExecAction is a command.
type ExecAction struct {
	// The program and its arguments; no shell reads them.
	Command []string `json:"command,omitempty"`
	// What else Kubernetes has there.
	Rest Rest `json:"-"`
}

// HTTPGetAction is an HTTP request.
type HTTPGetAction struct {
	// The path; empty for `/`.
	Path string `json:"path,omitempty"`
	// Number or name of the port.
	Port Port `json:"port"`
	// The host; empty for the pod.
	Host string `json:"host,omitempty"`
	// `HTTP` or `HTTPS`; empty for `HTTP`.
	Scheme string `json:"scheme,omitempty"`
	// Headers of the request.
	HTTPHeaders []HTTPHeader `json:"httpHeaders,omitempty"`
	// What else Kubernetes has there.
	Rest Rest `json:"-"`
}

// HTTPHeader is a header of a request.
type HTTPHeader struct {
	// Its name.
	Name string `json:"name"`
	// Its value.
	Value string `json:"value"`
}

// TCPSocketAction is a connection.
type TCPSocketAction struct {
	// Number or name of the port.
	Port Port `json:"port"`
	// The host; empty for the pod.
	Host string `json:"host,omitempty"`
	// What else Kubernetes has there.
	Rest Rest `json:"-"`
}

// GRPCAction is a call of the gRPC health service.
type GRPCAction struct {
	// Number of the port.
	Port int32 `json:"port"`
	// Name that the service is asked for.
	Service *string `json:"service,omitempty"`
	// What else Kubernetes has there.
	Rest Rest `json:"-"`
}

// Port is a port of the container: its name, or its number where the name is empty.
type Port struct {
	Number int32
	Name   string
}

// MarshalJSON is for [encoding/json].
func (p Port) MarshalJSON() ([]byte, error) {
	if p.Name != "" {
		return json.Marshal(p.Name)
	}
	return json.Marshal(p.Number)
}

// UnmarshalJSON is for [encoding/json].
func (p *Port) UnmarshalJSON(text []byte) error {
	*p = Port{}
	if bytes.HasPrefix(text, []byte(`"`)) {
		return json.Unmarshal(text, &p.Name)
	}
	return json.Unmarshal(text, &p.Number)
}

// UnmarshalJSON is for [encoding/json].
func (p *Probe) UnmarshalJSON(text []byte) error {
	type plain Probe
	return unmarshalWithRest(text, (*plain)(p), &p.Rest)
}

// MarshalJSON is for [encoding/json].
func (p Probe) MarshalJSON() ([]byte, error) {
	type plain Probe
	return marshalWithRest(plain(p), p.Rest)
}

// UnmarshalJSON is for [encoding/json].
func (a *ExecAction) UnmarshalJSON(text []byte) error {
	type plain ExecAction
	return unmarshalWithRest(text, (*plain)(a), &a.Rest)
}

// MarshalJSON is for [encoding/json].
func (a ExecAction) MarshalJSON() ([]byte, error) {
	type plain ExecAction
	return marshalWithRest(plain(a), a.Rest)
}

// UnmarshalJSON is for [encoding/json].
func (a *HTTPGetAction) UnmarshalJSON(text []byte) error {
	type plain HTTPGetAction
	return unmarshalWithRest(text, (*plain)(a), &a.Rest)
}

// MarshalJSON is for [encoding/json].
func (a HTTPGetAction) MarshalJSON() ([]byte, error) {
	type plain HTTPGetAction
	return marshalWithRest(plain(a), a.Rest)
}

// UnmarshalJSON is for [encoding/json].
func (a *TCPSocketAction) UnmarshalJSON(text []byte) error {
	type plain TCPSocketAction
	return unmarshalWithRest(text, (*plain)(a), &a.Rest)
}

// MarshalJSON is for [encoding/json].
func (a TCPSocketAction) MarshalJSON() ([]byte, error) {
	type plain TCPSocketAction
	return marshalWithRest(plain(a), a.Rest)
}

// UnmarshalJSON is for [encoding/json].
func (a *GRPCAction) UnmarshalJSON(text []byte) error {
	type plain GRPCAction
	return unmarshalWithRest(text, (*plain)(a), &a.Rest)
}

// MarshalJSON is for [encoding/json].
func (a GRPCAction) MarshalJSON() ([]byte, error) {
	type plain GRPCAction
	return marshalWithRest(plain(a), a.Rest)
}
