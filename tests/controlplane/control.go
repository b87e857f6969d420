package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// Commands of the control socket. A request is one line, `COMMAND [PART]`; the answer is one line,
// `ok`, `ok JSON` (status only) or `error MESSAGE`.
const (
	commandKill   = "kill"   // SIGKILL, returns when the process is gone
	commandStart  = "start"  // on the same port and data, returns when the part serves
	commandStop   = "stop"   // SIGSTOP
	commandCont   = "cont"   // SIGCONT
	commandStatus = "status" // the state of every part, as JSON
	commandDown   = "down"   // end everything; the connection closes when the supervisor has ended
)

// partReport is one part in state.json and in the answer to `status`.
type partReport struct {
	Pid         int    `json:"pid"` // 0 when exited
	Port        int    `json:"port"`
	State       string `json:"state"` // running, stopped or exited
	Serving     bool   `json:"serving"`
	ResidentKiB int    `json:"residentKiB"`
}

// report describes the control plane in state.json and in the answer to `status`.
type report struct {
	Supervisor int                   `json:"supervisor"` // process id
	Dir        string                `json:"dir"`
	Kubeconfig string                `json:"kubeconfig"`
	Server     string                `json:"server"`
	Parts      map[string]partReport `json:"parts"`
}

func (p *process) report() partReport {
	p.mu.Lock()
	defer p.mu.Unlock()
	return partReport{Pid: p.pid, Port: p.spec.port, State: p.state, ResidentKiB: residentKiB(p.pid)}
}

// residentKiB reads the resident memory of a process, 0 when there is none.
func residentKiB(pid int) int {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(content), "VmRSS:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	number, _ := strconv.Atoi(fields[0])
	return number
}

// report asks every part that runs whether it serves.
func (s *supervisor) report(ctx context.Context) report {
	r := report{
		Supervisor: os.Getpid(),
		Dir:        s.files.dir,
		Kubeconfig: s.files.kubeconfig(),
		Server:     s.server,
		Parts:      map[string]partReport{},
	}
	for name, part := range s.parts {
		one := part.report()
		one.Serving = one.State == stateRunning && part.probe(ctx) == nil
		r.Parts[name] = one
	}
	return r
}

func (s *supervisor) writeState() error {
	s.stateFile.Lock()
	defer s.stateFile.Unlock()
	if s.ended {
		return nil
	}
	return writeJSON(s.files.state(), s.report(context.Background()))
}

// serveControl answers requests until the listener closes.
func (s *supervisor) serveControl(ctx context.Context, listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer connection.Close()
			lines := bufio.NewScanner(connection)
			for lines.Scan() {
				if _, err := fmt.Fprintln(connection, s.answer(ctx, lines.Text())); err != nil {
					return
				}
			}
		}()
	}
}

func (s *supervisor) answer(ctx context.Context, request string) string {
	text, err := s.execute(ctx, strings.Fields(request))
	if err != nil {
		return "error " + strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	return strings.TrimSpace("ok " + text)
}

// execute carries out one request and returns the text that follows `ok`.
func (s *supervisor) execute(ctx context.Context, words []string) (string, error) {
	if len(words) == 1 {
		switch words[0] {
		case commandStatus:
			text, err := json.Marshal(s.report(ctx))
			return string(text), err
		case commandDown:
			s.stop(errAskedToStop)
			return "", nil
		}
	}
	if len(words) != 2 {
		return "", fmt.Errorf("want `kill|start|stop|cont PART`, `status` or `down`")
	}
	part, ok := s.parts[words[1]]
	if !ok {
		return "", fmt.Errorf("no part %q: want %s", words[1], strings.Join(wantedParts(s.options.csi), ", "))
	}
	if err := s.control(ctx, words[0], part); err != nil {
		return "", err
	}
	return "", s.writeState()
}

func (s *supervisor) control(ctx context.Context, command string, part *process) error {
	switch command {
	case commandKill:
		return part.kill()
	case commandStart:
		ctx, cancel := context.WithTimeout(ctx, startLimit)
		defer cancel()
		return s.startPart(ctx, part.name)
	case commandStop:
		return part.signal(syscall.SIGSTOP, stateStopped)
	case commandCont:
		return part.signal(syscall.SIGCONT, stateRunning)
	default:
		return fmt.Errorf("unknown command %q", command)
	}
}
