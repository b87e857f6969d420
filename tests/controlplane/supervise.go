package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// startLimit is how long all parts together may take to serve: about 20 times what an idle
// two-core machine needs.
const startLimit = 2 * time.Minute

// options of `controlplane supervise`.
type options struct {
	dir         string
	nodes       int
	extra       map[string][]string // more arguments of parts, by part
	csi         bool
	keepData    bool
	keepLogs    bool
	detachStdin bool
}

func parseOptions(args []string) (options, error) {
	o := options{extra: map[string][]string{}}
	flags := flag.NewFlagSet("supervise", flag.ContinueOnError)
	flags.StringVar(&o.dir, "dir", "", "folder of this control plane: kubeconfig, state.json, control.sock, logs/ and data/")
	flags.IntVar(&o.nodes, "nodes", 3, "number of simulated nodes")
	flags.Func("arg", "`PART=FLAG`: one more argument of a part, e.g. etcd=--quota-backend-bytes=4194304; may be repeated", o.addArgument)
	flags.BoolVar(&o.csi, "csi", false, "also start CSI drivers with their sidecars, and what does the work of copy Jobs")
	flags.BoolVar(&o.keepData, "keep-data", false, "leave all files in place at the end")
	flags.BoolVar(&o.keepLogs, "keep-logs", false, "leave the logs in place at the end")
	flags.BoolVar(&o.detachStdin, "detach-stdin", false, "live on when standard input closes, in a session of its own")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.dir == "" || flags.NArg() > 0 {
		return o, errors.New("usage: controlplane supervise --dir DIR [--nodes N] [--arg PART=FLAG]... [--csi] [--keep-data] [--keep-logs] [--detach-stdin]")
	}
	dir, err := filepath.Abs(o.dir)
	o.dir = dir
	return o, err
}

func (o *options) addArgument(text string) error {
	part, argument, found := strings.Cut(text, "=")
	if parts := wantedParts(true); !found || !slices.Contains(parts, part) {
		return fmt.Errorf("want PART=FLAG with one of the parts %s", strings.Join(parts, ", "))
	}
	o.extra[part] = append(o.extra[part], argument)
	return nil
}

// supervisor owns the parts of one control plane.
type supervisor struct {
	options options
	files   layout
	spawner *spawner
	parts   map[string]*process
	cluster cluster
	server  string
	ports   ports

	csiProgram *os.File
	keepLogs   atomic.Bool
	stateFile  sync.Mutex // one writer of state.json at a time
	ended      bool       // nothing writes state.json any more; stateFile guards it
	stop       context.CancelCauseFunc
}

var errAskedToStop = errors.New("asked to stop")

func runSupervise(args []string) error {
	options, err := parseOptions(args)
	if err != nil {
		return err
	}
	if options.detachStdin {
		// Fails when this process leads its process group already: then it is detached enough.
		_, _ = syscall.Setsid()
		signal.Ignore(syscall.SIGHUP)
	}
	ctx, stop := context.WithCancelCause(context.Background())
	s := &supervisor{options: options, files: layout{options.dir}, spawner: newSpawner(), stop: stop}
	s.keepLogs.Store(options.keepLogs)
	s.watchSignals()
	if !options.detachStdin {
		go s.watchStdin()
	}
	listener, err := s.claimFolder()
	if err != nil {
		return err
	}
	if err := s.up(ctx); err != nil {
		s.keepLogs.Store(true)
		return errors.Join(err, s.down(listener))
	}
	go s.serveControl(ctx, listener)
	fmt.Println("ready")
	debug.FreeOSMemory()
	<-ctx.Done()
	return s.down(listener)
}

func (s *supervisor) watchSignals() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-signals
		s.stop(errAskedToStop)
	}()
}

// keepLogsLine on standard input says that something failed and a person will want to read the logs.
const keepLogsLine = "keep-logs"

// watchStdin stops the control plane when its owner closes the pipe or dies.
func (s *supervisor) watchStdin() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if lines.Text() == keepLogsLine {
			s.keepLogs.Store(true)
		}
	}
	s.stop(errAskedToStop)
}

// claimFolder prepares the folder; the control socket in it marks that it is in use.
func (s *supervisor) claimFolder() (net.Listener, error) {
	socket := s.files.controlSocket()
	if connection, err := net.Dial("unix", socket); err == nil {
		connection.Close()
		return nil, fmt.Errorf("a control plane runs in %s already", s.files.dir)
	}
	if err := s.files.create(); err != nil {
		return nil, err
	}
	if err := os.RemoveAll(socket); err != nil {
		return nil, err
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return nil, fmt.Errorf("control socket (a socket's path may have 107 bytes at most): %w", err)
	}
	return listener, nil
}

// up starts every part and returns when workloads can be created.
func (s *supervisor) up(parent context.Context) error {
	ctx, cancel := context.WithTimeoutCause(parent, startLimit, fmt.Errorf("not up after %v", startLimit))
	defer cancel()
	if err := s.prepare(); err != nil {
		return err
	}
	for _, name := range []string{partEtcd, partAPIServer} {
		if err := s.startPart(ctx, name); err != nil {
			return err
		}
	}
	if err := s.cluster.populate(ctx, s.options.nodes); err != nil {
		return err
	}
	if s.options.csi {
		if err := s.cluster.populateCSI(ctx); err != nil {
			return err
		}
	}
	clients := wantedParts(s.options.csi)[2:]
	for _, name := range clients {
		if err := s.parts[name].start(s.spawner); err != nil {
			return err
		}
	}
	for _, name := range clients {
		if err := s.parts[name].awaitServing(ctx); err != nil {
			return err
		}
	}
	if err := s.cluster.awaitUsable(ctx); err != nil {
		return err
	}
	return s.writeState()
}

// prepare makes ports, secrets, files and the (not yet running) parts.
func (s *supervisor) prepare() error {
	secrets, err := newCredentials(s.files)
	if err != nil {
		return err
	}
	specs, err := partSpecs(s.files, &s.ports, secrets, s.options.csi)
	if err != nil {
		return err
	}
	s.server = fmt.Sprintf("https://127.0.0.1:%d", specs[partAPIServer].port)
	if err := secrets.writeKubeconfig(s.files.kubeconfig(), s.server, adminUser); err != nil {
		return err
	}
	s.cluster, err = newCluster(secrets.restConfig(s.server))
	if err != nil {
		return err
	}
	prober := &http.Client{Transport: &http.Transport{
		TLSClientConfig:   &tls.Config{RootCAs: secrets.roots()},
		DisableKeepAlives: true, // a killed part must not be asked on its old connection
	}}
	if s.options.csi {
		if s.csiProgram, err = openCSIProgram(); err != nil {
			return err
		}
	}
	s.parts = map[string]*process{}
	for name, spec := range specs {
		// Not os.Executable: a later build may have removed the file this process was started from.
		program := "/proc/self/exe"
		if spec.csi {
			program = fmt.Sprintf("/proc/self/fd/%d", s.csiProgram.Fd())
		}
		// Last, so that they win over the ones above.
		spec.args = append(spec.args, s.options.extra[name]...)
		s.parts[name] = &process{
			name: name, program: program, spec: spec, logPath: s.files.log(name), client: prober, state: stateExited,
			// A state that cannot be written shows in the next answer to `status`.
			restarted: func() { _ = s.writeState() },
		}
	}
	return nil
}

// startPart starts one part and waits until it serves.
func (s *supervisor) startPart(ctx context.Context, name string) error {
	if err := s.parts[name].start(s.spawner); err != nil {
		return err
	}
	return s.parts[name].awaitServing(ctx)
}

// down ends every part and removes the files that nobody asked to keep.
func (s *supervisor) down(listener net.Listener) error {
	if api := s.parts[partAPIServer]; api != nil && !s.options.keepData && api.report().State == stateRunning {
		s.cluster.removeVolumeFolders()
	}
	for _, part := range s.parts {
		// A part that is not running has nothing to kill.
		_ = part.kill()
	}
	s.stateFile.Lock()
	s.ended = true
	s.stateFile.Unlock()
	var err error
	if !s.options.keepData {
		err = s.files.remove(s.keepLogs.Load())
	}
	// Last, and it removes the socket's file: who waits for the end waits for this.
	err = errors.Join(err, listener.Close())
	if !s.options.keepData {
		_ = os.Remove(s.files.dir) // succeeds only when nothing is left in it
	}
	return err
}
