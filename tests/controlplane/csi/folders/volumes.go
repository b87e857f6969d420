package folders

import (
	"context"
	"strconv"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// smallest is the size of a volume for which nothing was asked.
const smallest = 1 << 20

// volumeParameters are the parameters of a storage class.
type volumeParameters struct {
	pool          string // any word; volumes of one pool can be copied from each other
	maxBytes      int64  // no volume of the class is larger: OutOfRange
	poolBytes     int64  // all volumes of the pool together: ResourceExhausted
	onlyOwnPool   bool   // clones and restores come from the same pool: InvalidArgument
	nodeExpansion bool   // the node has to finish a growth, which no simulated node does
}

func parametersOf(raw map[string]string) (volumeParameters, error) {
	parameters := volumeParameters{pool: raw["pool"]}
	for name, to := range map[string]*int64{"maxBytes": &parameters.maxBytes, "poolBytes": &parameters.poolBytes} {
		if text := raw[name]; text != "" {
			number, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return parameters, status.Errorf(codes.InvalidArgument, "parameter %s: %v", name, err)
			}
			*to = number
		}
	}
	for name, to := range map[string]*bool{"onlyOwnPool": &parameters.onlyOwnPool, "nodeExpansion": &parameters.nodeExpansion} {
		if text := raw[name]; text != "" {
			value, err := strconv.ParseBool(text)
			if err != nil {
				return parameters, status.Errorf(codes.InvalidArgument, "parameter %s: %v", name, err)
			}
			*to = value
		}
	}
	return parameters, nil
}

// fits checks that a volume may have a size; except is one that is counted already.
func (d *Driver) fits(parameters volumeParameters, bytes int64, except string) error {
	if parameters.maxBytes > 0 && bytes > parameters.maxBytes {
		return status.Errorf(codes.OutOfRange, "a volume of %d bytes is larger than the class allows (%d)", bytes, parameters.maxBytes)
	}
	if parameters.poolBytes == 0 {
		return nil
	}
	all, err := d.all(volumes)
	if err != nil {
		return err
	}
	used := int64(0)
	for _, one := range all {
		if one.Pool == parameters.pool && one.ID != except {
			used += one.Bytes
		}
	}
	if used+bytes > parameters.poolBytes {
		return status.Errorf(codes.ResourceExhausted, "pool %q has %d of %d bytes left", parameters.pool, parameters.poolBytes-used, parameters.poolBytes)
	}
	return nil
}

func (d *Driver) CreateVolume(_ context.Context, request *csi.CreateVolumeRequest) (*csi.CreateVolumeResponse, error) {
	if request.Name == "" {
		return nil, status.Error(codes.InvalidArgument, "a volume needs a name")
	}
	if err := checkCapabilities(request.VolumeCapabilities); err != nil {
		return nil, err
	}
	parameters, err := parametersOf(request.Parameters)
	if err != nil {
		return nil, err
	}
	if err := checkMutable(request.MutableParameters); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()

	bytes := request.GetCapacityRange().GetRequiredBytes()
	id := idOf(request.Name)
	if one, err := d.load(volumes, id); err == nil {
		limit := request.GetCapacityRange().GetLimitBytes()
		if one.Bytes < bytes || limit > 0 && one.Bytes > limit {
			return nil, status.Errorf(codes.AlreadyExists, "volume %s exists with %d bytes", id, one.Bytes)
		}
		return created(one, request), nil
	}
	one := &record{
		ID: id, Bytes: max(bytes, smallest), Pool: parameters.pool, Created: time.Now().UTC(),
		Parameters: request.Parameters, Mutable: request.MutableParameters,
	}
	if err := d.fits(parameters, one.Bytes, ""); err != nil {
		return nil, err
	}
	source, err := d.sourceOf(request.GetVolumeContentSource(), one, parameters)
	if err != nil {
		return nil, err
	}
	if err := d.create(volumes, one, source); err != nil {
		return nil, err
	}
	return created(one, request), nil
}

// sourceOf finds the folder that a new volume starts with, if it has a source.
func (d *Driver) sourceOf(content *csi.VolumeContentSource, one *record, parameters volumeParameters) (string, error) {
	if content == nil {
		return "", nil
	}
	if d.Plain {
		return "", status.Error(codes.InvalidArgument, "this driver makes empty volumes only")
	}
	kind, id := volumes, content.GetVolume().GetVolumeId()
	if content.GetSnapshot() != nil {
		kind, id = snapshots, content.GetSnapshot().GetSnapshotId()
	}
	source, err := d.load(kind, id)
	if err != nil {
		return "", err
	}
	if source.Bytes > one.Bytes {
		return "", status.Errorf(codes.OutOfRange, "%d bytes cannot hold the %d bytes of %s/%s", one.Bytes, source.Bytes, kind, id)
	}
	if parameters.onlyOwnPool && source.Pool != one.Pool {
		return "", status.Errorf(codes.InvalidArgument, "pool %q takes no copy from pool %q", one.Pool, source.Pool)
	}
	one.From = kind + "/" + source.ID
	return d.folder(kind, source.ID), nil
}

func created(one *record, request *csi.CreateVolumeRequest) *csi.CreateVolumeResponse {
	return &csi.CreateVolumeResponse{Volume: &csi.Volume{
		VolumeId: one.ID, CapacityBytes: one.Bytes, ContentSource: request.GetVolumeContentSource(),
		VolumeContext: map[string]string{"pool": one.Pool},
	}}
}

// checkCapabilities refuses what a folder cannot be.
func checkCapabilities(capabilities []*csi.VolumeCapability) error {
	if len(capabilities) == 0 {
		return status.Error(codes.InvalidArgument, "a volume needs capabilities")
	}
	for _, one := range capabilities {
		if one.GetBlock() != nil {
			return status.Error(codes.InvalidArgument, "a folder is no block device")
		}
	}
	return nil
}

func (d *Driver) DeleteVolume(_ context.Context, request *csi.DeleteVolumeRequest) (*csi.DeleteVolumeResponse, error) {
	if request.VolumeId == "" {
		return nil, status.Error(codes.InvalidArgument, "which volume?")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return &csi.DeleteVolumeResponse{}, d.discard(volumes, request.VolumeId)
}

func (d *Driver) ValidateVolumeCapabilities(_ context.Context, request *csi.ValidateVolumeCapabilitiesRequest) (*csi.ValidateVolumeCapabilitiesResponse, error) {
	if request.VolumeId == "" || len(request.VolumeCapabilities) == 0 {
		return nil, status.Error(codes.InvalidArgument, "which volume, and which capabilities?")
	}
	if _, err := d.load(volumes, request.VolumeId); err != nil {
		return nil, err
	}
	if err := checkCapabilities(request.VolumeCapabilities); err != nil {
		return &csi.ValidateVolumeCapabilitiesResponse{Message: status.Convert(err).Message()}, nil
	}
	return &csi.ValidateVolumeCapabilitiesResponse{Confirmed: &csi.ValidateVolumeCapabilitiesResponse_Confirmed{
		VolumeCapabilities: request.VolumeCapabilities,
	}}, nil
}

func (d *Driver) ControllerExpandVolume(_ context.Context, request *csi.ControllerExpandVolumeRequest) (*csi.ControllerExpandVolumeResponse, error) {
	if d.Plain {
		return nil, status.Error(codes.Unimplemented, "this driver expands no volume")
	}
	if request.VolumeId == "" || request.CapacityRange == nil {
		return nil, status.Error(codes.InvalidArgument, "which volume, and how large?")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	one, err := d.load(volumes, request.VolumeId)
	if err != nil {
		return nil, err
	}
	parameters, err := parametersOf(one.Parameters)
	if err != nil {
		return nil, err
	}
	if bytes := request.CapacityRange.RequiredBytes; bytes > one.Bytes {
		if err := d.fits(parameters, bytes, one.ID); err != nil {
			return nil, err
		}
		one.Bytes = bytes
		if err := d.update(volumes, one); err != nil {
			return nil, err
		}
	}
	return &csi.ControllerExpandVolumeResponse{CapacityBytes: one.Bytes, NodeExpansionRequired: parameters.nodeExpansion}, nil
}

// tiers are the values of the mutable parameter `tier`.
var tiers = map[string]bool{"silver": true, "gold": true}

// checkMutable refuses the parameters of a VolumeAttributesClass that this driver does not know.
func checkMutable(parameters map[string]string) error {
	for name, value := range parameters {
		if name != "tier" || !tiers[value] {
			return status.Errorf(codes.InvalidArgument, "no volume can have %s=%s: want tier=silver or tier=gold", name, value)
		}
	}
	return nil
}

func (d *Driver) ControllerModifyVolume(_ context.Context, request *csi.ControllerModifyVolumeRequest) (*csi.ControllerModifyVolumeResponse, error) {
	if d.Plain {
		return nil, status.Error(codes.Unimplemented, "this driver modifies no volume")
	}
	if request.VolumeId == "" {
		return nil, status.Error(codes.InvalidArgument, "which volume?")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	one, err := d.load(volumes, request.VolumeId)
	if err != nil {
		return nil, err
	}
	if err := checkMutable(request.MutableParameters); err != nil {
		return nil, err
	}
	one.Mutable = request.MutableParameters
	return &csi.ControllerModifyVolumeResponse{}, d.update(volumes, one)
}
