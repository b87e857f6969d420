package main

import (
	"fmt"
	"slices"
	"strconv"
)

// Names of the parts: subcommand, log file and control protocol use the same.
const (
	partEtcd              = "etcd"
	partAPIServer         = "kube-apiserver"
	partControllerManager = "kube-controller-manager"
	partScheduler         = "kube-scheduler"
	partKwok              = "kwok"
)

// partOrder is the order of starting: each part needs the ones before it.
var partOrder = []string{partEtcd, partAPIServer, partControllerManager, partScheduler, partKwok}

// wantedParts are all that are started, in their order.
func wantedParts(withCSI bool) []string {
	if withCSI {
		return slices.Concat(partOrder, csiParts)
	}
	return partOrder
}

// partSpec is how to run one part and how to tell that it serves.
type partSpec struct {
	csi    bool // run by the CSI program
	args   []string
	health string // URL that answers 200 when the part serves
	port   int
}

// partSpecs reserves the ports and writes the files that the parts read.
func partSpecs(files layout, ports *ports, secrets *credentials, withCSI bool) (map[string]partSpec, error) {
	port := map[string]int{}
	for _, name := range append([]string{"etcd-peer"}, wantedParts(withCSI)...) {
		number, err := ports.reserve()
		if err != nil {
			return nil, err
		}
		port[name] = number
	}
	specs := map[string]partSpec{
		partEtcd:      etcdSpec(files, port[partEtcd], port["etcd-peer"]),
		partAPIServer: apiServerSpec(secrets, port[partAPIServer], port[partEtcd]),
	}
	server := fmt.Sprintf("https://127.0.0.1:%d", port[partAPIServer])
	for _, name := range wantedParts(withCSI)[2:] {
		kubeconfig := files.dataFile(name + ".kubeconfig")
		if err := secrets.writeKubeconfig(kubeconfig, server, name); err != nil {
			return nil, err
		}
		switch name {
		case partControllerManager:
			specs[name] = controllerManagerSpec(secrets, kubeconfig, port[name])
		case partScheduler:
			specs[name] = schedulerSpec(secrets, kubeconfig, port[name])
		case partKwok:
			stages := files.dataFile("stages.yaml")
			if err := writeStages(stages); err != nil {
				return nil, err
			}
			specs[name] = kwokSpec(kubeconfig, stages, port[name])
		default:
			specs[name] = csiSpec(name, files, kubeconfig, port[name])
		}
	}
	return specs, nil
}

func etcdSpec(files layout, port, peerPort int) partSpec {
	client := fmt.Sprintf("http://127.0.0.1:%d", port)
	peer := fmt.Sprintf("http://127.0.0.1:%d", peerPort)
	return partSpec{port: port, health: client + "/health", args: []string{
		"--name=default",
		"--data-dir=" + files.dataFile("etcd"),
		"--listen-client-urls=" + client,
		"--advertise-client-urls=" + client,
		"--listen-peer-urls=" + peer,
		"--initial-advertise-peer-urls=" + peer,
		"--initial-cluster=default=" + peer,
		// The log is still written at every commit, so a killed process loses nothing; only a
		// crash of the whole machine could, and the data do not outlive it anyway.
		"--unsafe-no-fsync",
		// One member elects itself: no reason to wait the default second for others.
		"--heartbeat-interval=20", "--election-timeout=200",
		"--log-level=warn",
	}}
}

func apiServerSpec(secrets *credentials, port, etcdPort int) partSpec {
	return partSpec{port: port, health: fmt.Sprintf("https://127.0.0.1:%d/readyz", port), args: []string{
		fmt.Sprintf("--etcd-servers=http://127.0.0.1:%d", etcdPort),
		"--bind-address=127.0.0.1",
		"--secure-port=" + strconv.Itoa(port),
		// A loopback address may not stand in the endpoints of the Service `kubernetes`; no pod
		// here could reach it anyway.
		"--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none",
		"--tls-cert-file=" + secrets.certificateFile(),
		"--tls-private-key-file=" + secrets.keyFile(),
		"--token-auth-file=" + secrets.tokenFile(),
		"--authorization-mode=RBAC",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + secrets.serviceAccountKeyFile(),
		"--service-account-signing-key-file=" + secrets.serviceAccountKeyFile(),
		"--service-cluster-ip-range=10.96.0.0/16",
		"--allow-privileged=true",
		"--profiling=false",
	}}
}

func controllerManagerSpec(secrets *credentials, kubeconfig string, port int) partSpec {
	return partSpec{port: port, health: healthOf(port), args: append(clientFlags(secrets, kubeconfig, port),
		"--service-account-private-key-file="+secrets.serviceAccountKeyFile(),
		"--root-ca-file="+secrets.certificateFile(),
		"--enable-hostpath-provisioner=true",
		// The default of 20 requests per second makes parallel tests wait.
		"--kube-api-qps=500", "--kube-api-burst=1000",
	)}
}

func schedulerSpec(secrets *credentials, kubeconfig string, port int) partSpec {
	return partSpec{port: port, health: healthOf(port), args: append(clientFlags(secrets, kubeconfig, port),
		"--kube-api-qps=500", "--kube-api-burst=1000",
	)}
}

// clientFlags are what kube-controller-manager and kube-scheduler have in common.
func clientFlags(secrets *credentials, kubeconfig string, port int) []string {
	return []string{
		"--kubeconfig=" + kubeconfig,
		"--authentication-kubeconfig=" + kubeconfig,
		"--authorization-kubeconfig=" + kubeconfig,
		"--bind-address=127.0.0.1",
		"--secure-port=" + strconv.Itoa(port),
		"--tls-cert-file=" + secrets.certificateFile(),
		"--tls-private-key-file=" + secrets.keyFile(),
		"--leader-elect=false",
		"--profiling=false",
	}
}

func healthOf(port int) string { return fmt.Sprintf("https://127.0.0.1:%d/healthz", port) }

func kwokSpec(kubeconfig, stages string, port int) partSpec {
	address := fmt.Sprintf("127.0.0.1:%d", port)
	return partSpec{port: port, health: "http://" + address + "/healthz", args: []string{
		"--kubeconfig=" + kubeconfig,
		"--config=" + stages,
		"--manage-all-nodes",
		"--node-lease-duration-seconds=40",
		"--server-address=" + address,
	}}
}
