package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
)

// Ports come from below the range that Linux hands to outgoing connections (32768 upwards), so that
// a killed part finds its port still free when it is started again.
const (
	firstPort = 20000
	lastPort  = 32000
)

// ports reserves loopback ports among all supervisors of the machine, for the life of this process.
type ports struct {
	reservations []net.Listener
}

// reserve returns a port that nothing listens on and that no other supervisor has reserved.
func (p *ports) reserve() (int, error) {
	for range 200 {
		port := firstPort + rand.IntN(lastPort-firstPort)
		// The name of an abstract socket lives in the same network namespace as the port, and it
		// is gone with the process.
		lock, err := net.Listen("unix", fmt.Sprintf("@wellhead-controlplane-port-%d", port))
		if err != nil {
			continue
		}
		probe, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			lock.Close()
			continue
		}
		probe.Close()
		p.reservations = append(p.reservations, lock)
		return port, nil
	}
	return 0, errors.New("no free loopback port between 20000 and 32000")
}
