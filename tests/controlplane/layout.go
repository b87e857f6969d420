package main

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// layout names the files of one control plane.
type layout struct {
	dir string
}

func (l layout) kubeconfig() string    { return filepath.Join(l.dir, "kubeconfig") }
func (l layout) state() string         { return filepath.Join(l.dir, "state.json") }
func (l layout) controlSocket() string { return filepath.Join(l.dir, "control.sock") }
func (l layout) logs() string          { return filepath.Join(l.dir, "logs") }
func (l layout) data() string          { return filepath.Join(l.dir, "data") }
func (l layout) csi() string           { return filepath.Join(l.dir, "csi") }

func (l layout) log(part string) string { return filepath.Join(l.logs(), part+".log") }

func (l layout) dataFile(name string) string { return filepath.Join(l.data(), name) }

// create makes the folders, after removing what an earlier control plane left.
func (l layout) create() error {
	if err := os.MkdirAll(l.dir, 0o755); err != nil {
		return err
	}
	if err := l.remove(false); err != nil {
		return err
	}
	if err := os.Mkdir(l.logs(), 0o755); err != nil {
		return err
	}
	return os.Mkdir(l.data(), 0o700)
}

// remove deletes all that a supervisor creates, and the folder itself if nothing else is in it.
func (l layout) remove(keepLogs bool) error {
	paths := []string{l.data(), l.csi(), l.kubeconfig(), l.state()}
	for _, one := range csiDrivers {
		paths = append(paths, one.socket(l))
	}
	if !keepLogs {
		paths = append(paths, l.logs())
	}
	for _, path := range paths {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	return nil
}

// writeJSON replaces the file in one step, so that a reader never sees half of it.
func writeJSON(path string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(path, append(text, '\n'), 0o644)
}

func writeFile(path string, content []byte, mode os.FileMode) error {
	temporary := path + ".new"
	if err := os.WriteFile(temporary, content, mode); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}
