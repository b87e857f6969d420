// Package folders is a CSI driver whose volumes are folders, for tests.
//
// Its root folder has:
//
//	volumes/ID/volume.json, volumes/ID/data/       and the same for snapshots/
//	trash/volumes/ID, trash/snapshots/ID           what was deleted; nothing is ever removed
//	faults/*.json                                  what the next calls shall do wrong, see Fault
//	calls.jsonl                                    every call that could change something, see Call
//
// Parameters of a storage class: see volumeParameters.
package folders

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"sync"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// Driver serves the identity and controller services. It needs no node service: nothing is mounted.
type Driver struct {
	csi.UnimplementedIdentityServer
	csi.UnimplementedControllerServer

	// Name as in CSIDriver and StorageClass.
	Name string
	// Root is the folder of everything.
	Root string
	// Plain drivers create and delete volumes, and can do nothing else.
	Plain bool

	mu sync.Mutex // guards the folders: one call at a time changes them
}

// Serve listens on a socket and answers calls; it returns only with an error.
func (d *Driver) Serve(socket string) error {
	server, err := d.server()
	if err != nil {
		return err
	}
	// What an earlier process left, which a signal ended.
	if err := os.RemoveAll(socket); err != nil {
		return err
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	return server.Serve(listener)
}

// server makes the folders and the services.
func (d *Driver) server() (*grpc.Server, error) {
	for _, folder := range []string{volumes, snapshots, faultsFolder} {
		if err := os.MkdirAll(filepath.Join(d.Root, folder), 0o755); err != nil {
			return nil, err
		}
	}
	server := grpc.NewServer(grpc.UnaryInterceptor(d.intercept))
	csi.RegisterIdentityServer(server, d)
	csi.RegisterControllerServer(server, d)
	return server, nil
}

func (d *Driver) GetPluginInfo(context.Context, *csi.GetPluginInfoRequest) (*csi.GetPluginInfoResponse, error) {
	return &csi.GetPluginInfoResponse{Name: d.Name, VendorVersion: "1"}, nil
}

func (d *Driver) Probe(context.Context, *csi.ProbeRequest) (*csi.ProbeResponse, error) {
	return &csi.ProbeResponse{Ready: wrapperspb.Bool(true)}, nil
}

func (d *Driver) GetPluginCapabilities(context.Context, *csi.GetPluginCapabilitiesRequest) (*csi.GetPluginCapabilitiesResponse, error) {
	response := &csi.GetPluginCapabilitiesResponse{Capabilities: []*csi.PluginCapability{{
		Type: &csi.PluginCapability_Service_{Service: &csi.PluginCapability_Service{
			Type: csi.PluginCapability_Service_CONTROLLER_SERVICE,
		}},
	}}}
	if !d.Plain {
		response.Capabilities = append(response.Capabilities, &csi.PluginCapability{
			Type: &csi.PluginCapability_VolumeExpansion_{VolumeExpansion: &csi.PluginCapability_VolumeExpansion{
				Type: csi.PluginCapability_VolumeExpansion_ONLINE,
			}},
		})
	}
	return response, nil
}

func (d *Driver) ControllerGetCapabilities(context.Context, *csi.ControllerGetCapabilitiesRequest) (*csi.ControllerGetCapabilitiesResponse, error) {
	types := []csi.ControllerServiceCapability_RPC_Type{
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_VOLUME,
		csi.ControllerServiceCapability_RPC_SINGLE_NODE_MULTI_WRITER,
	}
	if !d.Plain {
		types = append(types,
			csi.ControllerServiceCapability_RPC_CREATE_DELETE_SNAPSHOT,
			csi.ControllerServiceCapability_RPC_LIST_SNAPSHOTS,
			csi.ControllerServiceCapability_RPC_CLONE_VOLUME,
			csi.ControllerServiceCapability_RPC_EXPAND_VOLUME,
			csi.ControllerServiceCapability_RPC_MODIFY_VOLUME,
		)
	}
	response := &csi.ControllerGetCapabilitiesResponse{}
	for _, one := range types {
		response.Capabilities = append(response.Capabilities, &csi.ControllerServiceCapability{
			Type: &csi.ControllerServiceCapability_Rpc{Rpc: &csi.ControllerServiceCapability_RPC{Type: one}},
		})
	}
	return response, nil
}
