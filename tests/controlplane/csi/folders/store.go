package folders

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Kinds of folders.
const (
	volumes   = "volumes"
	snapshots = "snapshots"
	trash     = "trash"
)

// record is what the driver knows of a volume or a snapshot.
type record struct {
	ID    string
	Bytes int64
	// Pool of the class, which decides what may be copied where.
	Pool string `json:",omitempty"`
	// Of a volume that was made from another or from a snapshot: `volumes/ID` or `snapshots/ID`.
	From string `json:",omitempty"`
	// Of a snapshot: its volume.
	Volume     string            `json:",omitempty"`
	Created    time.Time         //
	Parameters map[string]string `json:",omitempty"`
	Mutable    map[string]string `json:",omitempty"`
}

func (d *Driver) folder(kind, id string) string { return filepath.Join(d.Root, kind, id) }

// DataFolder is where the bytes of a volume are.
func DataFolder(root, volume string) string { return filepath.Join(root, volumes, volume, "data") }

func (d *Driver) load(kind, id string) (*record, error) {
	if id == "" || strings.ContainsAny(id, "/.") {
		return nil, status.Errorf(codes.NotFound, "%s have no %q", kind, id)
	}
	text, err := os.ReadFile(filepath.Join(d.folder(kind, id), "volume.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, status.Errorf(codes.NotFound, "%s have no %q", kind, id)
	}
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	one := &record{}
	if err := json.Unmarshal(text, one); err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return one, nil
}

// all returns every record of a kind, sorted by id.
func (d *Driver) all(kind string) ([]*record, error) {
	entries, err := os.ReadDir(filepath.Join(d.Root, kind))
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	var found []*record
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), unfinished) {
			continue
		}
		one, err := d.load(kind, entry.Name())
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, nil
}

// update replaces what is known of one that exists.
func (d *Driver) update(kind string, one *record) error {
	if err := writeJSON(filepath.Join(d.folder(kind, one.ID), "volume.json"), one); err != nil {
		return status.Error(codes.Internal, err.Error())
	}
	return nil
}

// unfinished starts the names of folders that are not complete.
const unfinished = ".unfinished-"

// create makes the folder aside and renames it: after a kill it exists as a whole or not at all.
func (d *Driver) create(kind string, one *record, source string) error {
	aside := d.folder(kind, unfinished+one.ID)
	err := os.RemoveAll(aside)
	if err == nil {
		err = os.MkdirAll(aside, 0o755)
	}
	if err == nil && source != "" {
		err = os.CopyFS(filepath.Join(aside, "data"), os.DirFS(filepath.Join(source, "data")))
	} else if err == nil {
		err = os.Mkdir(filepath.Join(aside, "data"), 0o755)
	}
	if err == nil {
		err = writeJSON(filepath.Join(aside, "volume.json"), one)
	}
	if err == nil {
		err = os.Rename(aside, d.folder(kind, one.ID))
	}
	if err != nil {
		return status.Error(codes.Internal, err.Error())
	}
	return nil
}

// discard moves a folder to the trash, where tests look for bytes that no one should have deleted.
func (d *Driver) discard(kind, id string) error {
	if _, err := d.load(kind, id); status.Code(err) == codes.NotFound {
		return nil
	}
	to := filepath.Join(d.Root, trash, kind)
	if err := os.MkdirAll(to, 0o755); err != nil {
		return status.Error(codes.Internal, err.Error())
	}
	for number := 0; ; number++ {
		name := id
		if number > 0 {
			name = fmt.Sprintf("%s.%d", id, number)
		}
		if _, err := os.Lstat(filepath.Join(to, name)); err == nil {
			continue
		}
		if err := os.Rename(d.folder(kind, id), filepath.Join(to, name)); err != nil {
			return status.Error(codes.Internal, err.Error())
		}
		return nil
	}
}

// idOf makes an id of a name, so that a repeated call finds what the first one made.
func idOf(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, name)
}

// writeJSON replaces the file in one step.
func writeJSON(path string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
