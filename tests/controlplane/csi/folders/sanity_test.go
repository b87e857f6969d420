package folders

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"github.com/kubernetes-csi/csi-test/v5/pkg/sanity"
	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
)

// node is what the cases clean up with; a driver whose volumes no one mounts has none.
type node struct{ csi.UnimplementedNodeServer }

func (node) NodeGetCapabilities(context.Context, *csi.NodeGetCapabilitiesRequest) (*csi.NodeGetCapabilitiesResponse, error) {
	return &csi.NodeGetCapabilitiesResponse{}, nil
}

func (node) NodeUnpublishVolume(context.Context, *csi.NodeUnpublishVolumeRequest) (*csi.NodeUnpublishVolumeResponse, error) {
	return &csi.NodeUnpublishVolumeResponse{}, nil
}

// TestSanity holds the driver to the CSI specification, with the cases of kubernetes-csi/csi-test.
func TestSanity(t *testing.T) {
	// Not t.TempDir, which takes most of the 107 bytes that a socket's path may have.
	root, err := os.MkdirTemp("", "csi")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(root)
	driver := &Driver{Name: "folders.csi.wellhead.dev", Root: filepath.Join(root, "driver")}
	server, err := driver.server()
	if err != nil {
		t.Fatal(err)
	}
	csi.RegisterNodeServer(server, node{})
	socket := filepath.Join(root, "csi.sock")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(listener)
	defer server.Stop()

	config := sanity.NewTestConfig()
	config.Address = socket
	config.TargetPath, config.StagingPath = filepath.Join(root, "target"), filepath.Join(root, "staging")
	config.TestVolumeParameters = map[string]string{"pool": "standard"}
	config.TestVolumeMutableParameters = map[string]string{"tier": "gold"}
	sanity.GinkgoTest(&config)
	gomega.RegisterFailHandler(ginkgo.Fail)
	suite, report := ginkgo.GinkgoConfiguration()
	suite.SkipStrings = []string{"Node Service"}
	ginkgo.RunSpecs(t, "CSI", suite, report)
}
