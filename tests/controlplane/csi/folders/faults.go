package folders

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// faultsFolder has a file for each fault, so that tests can add some while others are used up.
const faultsFolder = "faults"

// Fault is what a call shall do wrong.
type Fault struct {
	// Method of the CSI specification, e.g. CreateVolume.
	Method string `json:"method"`
	// Match is text that the request must contain, as JSON without spaces; empty: any request.
	Match string `json:"match,omitempty"`
	// Code that the call ends with, e.g. ResourceExhausted; empty: as without the fault.
	Code string `json:"code,omitempty"`
	// Message that goes with it.
	Message string `json:"message,omitempty"`
	// Times that it happens; 0: until the file is removed.
	Times int `json:"times,omitempty"`
	// DelayMs is how long the call waits first.
	DelayMs int `json:"delayMs,omitempty"`
	// After the work is done: the answer is lost.
	After bool `json:"after,omitempty"`
	// Crash ends the process, before the work or after it.
	Crash bool `json:"crash,omitempty"`
}

// Call is a line of the journal.
type Call struct {
	Time     string          `json:"time"`
	Method   string          `json:"method"`
	Request  json.RawMessage `json:"request"`
	Code     string          `json:"code"`
	Message  string          `json:"message,omitempty"`
	Response json.RawMessage `json:"response,omitempty"`
	// Fault says that the result is that of a fault.
	Fault bool `json:"fault,omitempty"`
	// Done says that the work was carried out, whatever the result says.
	Done bool `json:"done"`
}

// intercept applies faults and keeps the journal.
func (d *Driver) intercept(ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	method := info.FullMethod[strings.LastIndex(info.FullMethod, "/")+1:]
	call := Call{Method: method, Request: jsonOf(request)}
	fault := d.takeFault(method, string(call.Request))
	if fault == nil {
		response, err := handler(ctx, request)
		call.Done = err == nil
		d.note(call, response, err)
		return response, err
	}
	call.Fault = true
	select {
	case <-time.After(time.Duration(fault.DelayMs) * time.Millisecond):
	case <-ctx.Done():
	}
	var response any
	var err error
	if fault.After || fault.Code == "" && !fault.Crash {
		response, err = handler(ctx, request)
		call.Done = err == nil
	}
	if fault.Code != "" && err == nil {
		response, err = nil, status.Error(codeOf(fault.Code), fault.Message)
	}
	d.note(call, response, err)
	if fault.Crash {
		os.Exit(137)
	}
	return response, err
}

// takeFault returns the first fault for a call, and uses it up.
func (d *Driver) takeFault(method, request string) *Fault {
	d.mu.Lock()
	defer d.mu.Unlock()
	paths, err := filepath.Glob(filepath.Join(d.Root, faultsFolder, "*.json"))
	if err != nil {
		return nil
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // removed meanwhile
		}
		fault := &Fault{}
		if err := json.Unmarshal(text, fault); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", path, err)
			continue
		}
		if fault.Method != method || !strings.Contains(request, fault.Match) {
			continue
		}
		switch fault.Times {
		case 0:
		case 1:
			_ = os.Remove(path)
		default:
			left := *fault
			left.Times--
			_ = writeJSON(path, left)
		}
		return fault
	}
	return nil
}

func codeOf(name string) codes.Code {
	for code := codes.OK; code <= codes.Unauthenticated; code++ {
		if code.String() == name {
			return code
		}
	}
	return codes.Unknown
}

// note appends a call to the journal, unless it only asks.
func (d *Driver) note(call Call, response any, err error) {
	if call.Method == "Probe" || strings.Contains(call.Method, "Get") {
		return
	}
	call.Time = time.Now().UTC().Format(time.RFC3339Nano)
	call.Code, call.Message = status.Code(err).String(), status.Convert(err).Message()
	if err == nil {
		call.Response = jsonOf(response)
	}
	line, err := json.Marshal(call)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	file, err := os.OpenFile(filepath.Join(d.Root, "calls.jsonl"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	defer file.Close()
	// One write: lines of calls at the same time do not mix.
	if _, err := file.Write(append(line, '\n')); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// jsonOf is a message as JSON without spaces.
func jsonOf(message any) json.RawMessage {
	typed, ok := message.(proto.Message)
	if !ok {
		return nil
	}
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(typed)
	if err != nil {
		return nil
	}
	// protojson puts spaces in at random, so that no one compares its bytes.
	var value any
	if json.Unmarshal(text, &value) != nil {
		return nil
	}
	text, err = json.Marshal(value)
	if err != nil {
		return nil
	}
	return text
}
