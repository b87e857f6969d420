package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// States of a part, as `status` reports them.
const (
	stateExited  = "exited"
	stateRunning = "running"
	stateStopped = "stopped" // by SIGSTOP
)

// pollInterval is how often a starting part is asked whether it serves: there is nothing to wait on.
const pollInterval = 25 * time.Millisecond

// restartPause is how long a part rests that ended before it served.
const restartPause = 500 * time.Millisecond

// process is one part: at any time at most one child process.
type process struct {
	name    string
	program string // path
	spec    partSpec
	logPath string
	client  *http.Client
	// Called when it serves again after it ended by itself.
	restarted func()

	mu     sync.Mutex
	wanted bool // nobody asked for its end
	served bool // a child has answered its health check since somebody asked for one
	ready  bool // the current child has
	state  string
	pid    int
	exited chan struct{} // closed when the current child has been reaped
	result error         // how it ended, valid once exited is closed
}

// spawner starts children on one thread that lives as long as this process: Linux delivers the
// parent-death signal when the starting *thread* ends, see prctl(2), PR_SET_PDEATHSIG.
type spawner struct {
	requests chan func()
}

func newSpawner() *spawner {
	s := &spawner{requests: make(chan func())}
	go func() {
		runtime.LockOSThread()
		for request := range s.requests {
			request()
		}
	}()
	return s
}

func (s *spawner) start(command *exec.Cmd) error {
	result := make(chan error)
	s.requests <- func() { result <- command.Start() }
	return <-result
}

// start runs the part's program; it does not wait until the part serves.
func (p *process) start(s *spawner) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.startLocked(s); err != nil {
		return err
	}
	p.wanted, p.served = true, false
	return nil
}

// startLocked does it while mu is held.
func (p *process) startLocked(s *spawner) error {
	if p.state != stateExited {
		return fmt.Errorf("%s is %s already", p.name, p.state)
	}
	log, err := os.OpenFile(p.logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	command := exec.Command(p.program, append([]string{p.name}, p.spec.args...)...)
	command.Args[0] = "controlplane"
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{
		Pdeathsig: syscall.SIGKILL,
		Setpgid:   true, // Ctrl-C in a terminal is for the supervisor, not for its parts
	}
	if err := s.start(command); err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	p.state, p.pid, p.exited = stateRunning, command.Process.Pid, make(chan struct{})
	p.ready = false
	go p.reap(command, s)
	return nil
}

// reap waits for the end of the child. One that served and ended by itself is started again, as a kubelet
// does with the parts of a control plane. They rely on it: a scheduler that missed the end of a pod while
// the API server was away exits, see updatePod in
// https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/scheduler/backend/cache/cache.go
// A CSI sidecar exits when it loses its driver. One that ends again before it serves, because what it needs is
// still away, is tried again after a pause.
func (p *process) reap(command *exec.Cmd, s *spawner) {
	err := command.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state, p.pid, p.result = stateExited, 0, err
	close(p.exited)
	switch {
	case !p.wanted || !p.served:
	case p.ready:
		p.restartLocked(s)
	default:
		time.AfterFunc(restartPause, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			if p.wanted {
				p.restartLocked(s)
			}
		})
	}
}

// restartLocked does nothing when the part runs already.
func (p *process) restartLocked(s *spawner) {
	if p.startLocked(s) == nil {
		go p.awaitRestarted()
	}
}

// awaitRestarted tells when the part serves again.
func (p *process) awaitRestarted() {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	if p.awaitServing(ctx) == nil {
		p.restarted()
	}
}

// signal sends a signal to the running part and notes the state it leads to.
func (p *process) signal(signal syscall.Signal, state string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state == stateExited {
		return fmt.Errorf("%s is not running", p.name)
	}
	if err := syscall.Kill(p.pid, signal); err != nil {
		return fmt.Errorf("signal %s: %w", p.name, err)
	}
	p.state = state
	return nil
}

// kill ends the part with SIGKILL and returns when it is gone.
func (p *process) kill() error {
	p.mu.Lock()
	p.wanted = false
	exited := p.exited
	p.mu.Unlock()
	if err := p.signal(syscall.SIGKILL, stateRunning); err != nil {
		return err
	}
	<-exited
	return nil
}

// awaitServing returns when the part answers its health check.
func (p *process) awaitServing(ctx context.Context) error {
	for {
		err := p.probe(ctx)
		p.mu.Lock()
		exited := p.exited
		if err == nil {
			p.served, p.ready = true, true
		}
		p.mu.Unlock()
		if err == nil {
			return nil
		}
		select {
		case <-exited:
			return fmt.Errorf("%s ended before it served (%v)\n%s", p.name, p.result, p.logTail())
		case <-ctx.Done():
			return fmt.Errorf("%s does not serve: %w (last answer: %v)\n%s", p.name, context.Cause(ctx), err, p.logTail())
		case <-time.After(pollInterval):
		}
	}
}

// probe asks once whether the part serves.
func (p *process) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.spec.health, nil)
	if err != nil {
		return err
	}
	response, err := p.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 4096))
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status + ": " + strings.TrimSpace(string(body)))
	}
	return nil
}

// logTail returns the last lines of the part's log, for an error message.
func (p *process) logTail() string {
	content, err := os.ReadFile(p.logPath)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	if len(lines) > 8 {
		lines = lines[len(lines)-8:]
	}
	return fmt.Sprintf("the end of %s:\n  %s", p.logPath, strings.Join(lines, "\n  "))
}
