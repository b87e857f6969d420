package folders

import (
	"context"
	"strconv"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func (d *Driver) CreateSnapshot(_ context.Context, request *csi.CreateSnapshotRequest) (*csi.CreateSnapshotResponse, error) {
	if d.Plain {
		return nil, status.Error(codes.Unimplemented, "this driver takes no snapshot")
	}
	if request.SourceVolumeId == "" || request.Name == "" {
		return nil, status.Error(codes.InvalidArgument, "a snapshot needs a name and a volume")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	id := idOf(request.Name)
	if one, err := d.load(snapshots, id); err == nil {
		if one.Volume != request.SourceVolumeId {
			return nil, status.Errorf(codes.AlreadyExists, "snapshot %s is of volume %s", id, one.Volume)
		}
		return &csi.CreateSnapshotResponse{Snapshot: snapshotOf(one)}, nil
	}
	volume, err := d.load(volumes, request.SourceVolumeId)
	if err != nil {
		return nil, err
	}
	one := &record{
		ID: id, Bytes: volume.Bytes, Pool: volume.Pool, Volume: volume.ID,
		Created: time.Now().UTC(), Parameters: request.Parameters,
	}
	if err := d.create(snapshots, one, d.folder(volumes, volume.ID)); err != nil {
		return nil, err
	}
	return &csi.CreateSnapshotResponse{Snapshot: snapshotOf(one)}, nil
}

func snapshotOf(one *record) *csi.Snapshot {
	return &csi.Snapshot{
		SnapshotId: one.ID, SourceVolumeId: one.Volume, SizeBytes: one.Bytes,
		CreationTime: timestamppb.New(one.Created), ReadyToUse: true,
	}
}

func (d *Driver) DeleteSnapshot(_ context.Context, request *csi.DeleteSnapshotRequest) (*csi.DeleteSnapshotResponse, error) {
	if request.SnapshotId == "" {
		return nil, status.Error(codes.InvalidArgument, "which snapshot?")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return &csi.DeleteSnapshotResponse{}, d.discard(snapshots, request.SnapshotId)
}

func (d *Driver) ListSnapshots(_ context.Context, request *csi.ListSnapshotsRequest) (*csi.ListSnapshotsResponse, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	all, err := d.all(snapshots)
	if err != nil {
		return nil, err
	}
	var found []*record
	for _, one := range all {
		if (request.SnapshotId == "" || request.SnapshotId == one.ID) && (request.SourceVolumeId == "" || request.SourceVolumeId == one.Volume) {
			found = append(found, one)
		}
	}
	first := 0
	if request.StartingToken != "" {
		if first, err = strconv.Atoi(request.StartingToken); err != nil || first < 0 || first > len(found) {
			return nil, status.Errorf(codes.Aborted, "no page starts with %q", request.StartingToken)
		}
	}
	last, next := len(found), ""
	if most := int(request.MaxEntries); most > 0 && first+most < last {
		last = first + most
		next = strconv.Itoa(last)
	}
	response := &csi.ListSnapshotsResponse{NextToken: next}
	for _, one := range found[first:last] {
		response.Entries = append(response.Entries, &csi.ListSnapshotsResponse_Entry{Snapshot: snapshotOf(one)})
	}
	return response, nil
}
