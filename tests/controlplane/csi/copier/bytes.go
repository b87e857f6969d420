package copier

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// ending is how the container of a copy ended.
type ending struct {
	code    int32
	message string
}

// Fault is what a copy shall do wrong: a file `NAME.json` in the folder of faults.
type Fault struct {
	// Match is text that `NAMESPACE/POD` must contain; empty: any.
	Match string `json:"match,omitempty"`
	// Times that it happens; 0: until the file is removed.
	Times int `json:"times,omitempty"`
	// Half ends the copy with exit code 137 when half of the bytes are there, in the middle of a file.
	Half bool `json:"half,omitempty"`
	// Damage changes one byte of the target, which the copy does not notice: its digest tells.
	Damage bool `json:"damage,omitempty"`
	// DelayMs is how long the copy waits when half of the bytes are there.
	DelayMs int `json:"delayMs,omitempty"`
}

// takeFault returns the first fault for a pod, and uses it up.
func takeFault(folder, pod string) Fault {
	paths, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return Fault{}
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // removed meanwhile
		}
		fault := Fault{}
		if err := json.Unmarshal(text, &fault); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", path, err)
			continue
		}
		if !strings.Contains(pod, fault.Match) {
			continue
		}
		switch fault.Times {
		case 0:
		case 1:
			_ = os.Remove(path)
		default:
			left := fault
			left.Times--
			if text, err := json.Marshal(left); err == nil {
				_ = os.WriteFile(path, text, 0o644)
			}
		}
		return fault
	}
	return Fault{}
}

// file is one of a folder.
type file struct {
	path  string // below the folder, with slashes
	bytes int64
}

// filesOf lists the files of a folder, sorted by path as bytes.
func filesOf(folder string) ([]file, error) {
	var found []file
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		below, err := filepath.Rel(folder, path)
		found = append(found, file{path: filepath.ToSlash(below), bytes: info.Size()})
		return err
	})
	slices.SortFunc(found, func(a, b file) int { return strings.Compare(a.path, b.path) })
	return found, err
}

// digest is that of the folder's paths and bytes, as the package says.
func digest(folder string) (string, error) {
	files, err := filesOf(folder)
	if err != nil {
		return "", err
	}
	whole := sha256.New()
	for _, one := range files {
		content, err := os.Open(filepath.Join(folder, one.path))
		if err != nil {
			return "", err
		}
		hash := sha256.New()
		_, err = io.Copy(hash, content)
		err = errors.Join(err, content.Close())
		if err != nil {
			return "", err
		}
		fmt.Fprintf(whole, "%s  ./%s\n", hex.EncodeToString(hash.Sum(nil)), one.path)
	}
	return "sha256:" + hex.EncodeToString(whole.Sum(nil)), nil
}

// killed is the exit code of a container that the kernel ended.
const killed = 137

// copyFolder copies every file and says how that ended.
func copyFolder(ctx context.Context, source, target string, fault Fault) (ending, error) {
	files, err := filesOf(source)
	if err != nil {
		return ending{}, err
	}
	total := int64(0)
	for _, one := range files {
		total += one.bytes
	}
	copied := int64(0)
	for _, one := range files {
		if err := ctx.Err(); err != nil {
			return ending{}, err
		}
		wanted := one.bytes
		middle := copied <= total/2 && copied+one.bytes > total/2
		if middle && fault.Half {
			wanted = total/2 - copied
		}
		if middle && fault.DelayMs > 0 {
			select {
			case <-ctx.Done():
				return ending{}, ctx.Err()
			case <-time.After(time.Duration(fault.DelayMs) * time.Millisecond):
			}
		}
		if err := copyFile(source, target, one.path, wanted); err != nil {
			return ending{}, err
		}
		if middle && fault.Half {
			return ending{code: killed, message: "killed when half of the bytes were there"}, nil
		}
		copied += one.bytes
	}
	if fault.Damage {
		if err := damage(target, files); err != nil {
			return ending{}, err
		}
	}
	from, err := digest(source)
	if err != nil {
		return ending{}, err
	}
	to, err := digest(target)
	if err != nil {
		return ending{}, err
	}
	return ending{message: fmt.Sprintf("source=%s target=%s files=%d bytes=%d", from, to, len(files), total)}, nil
}

// copyFile replaces a file of the target by the first bytes of the source's.
func copyFile(source, target, path string, bytes int64) error {
	from, err := os.Open(filepath.Join(source, path))
	if err != nil {
		return err
	}
	defer from.Close()
	if err := os.MkdirAll(filepath.Dir(filepath.Join(target, path)), 0o755); err != nil {
		return err
	}
	to, err := os.Create(filepath.Join(target, path))
	if err != nil {
		return err
	}
	// Fewer bytes than expected: the file became shorter, which the digest shows.
	_, err = io.CopyN(to, from, bytes)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, to.Close())
}

// damage inverts the first byte of the first file that has one.
func damage(target string, files []file) error {
	for _, one := range files {
		if one.bytes == 0 {
			continue
		}
		path := filepath.Join(target, one.path)
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		content[0] ^= 0xff
		return os.WriteFile(path, content, 0o644)
	}
	return errors.New("nothing to damage")
}
