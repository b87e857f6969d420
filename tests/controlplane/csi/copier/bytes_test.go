package copier

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// folder has files whose order by path depends on how paths are compared.
func folder(t *testing.T) string {
	root := t.TempDir()
	for path, content := range map[string]string{"a b": "x", "a/b": "y", "a.b": "", "Z": "z", "a/c/d": strings.Repeat("long", 5000)} {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func digestOf(t *testing.T, folder string) string {
	found, err := digest(folder)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestDigestIsWhatAShellPrints(t *testing.T) {
	for _, root := range []string{folder(t), t.TempDir()} {
		shell := exec.Command("sh", "-c", `find . -type f | LC_ALL=C sort | xargs -r -d '\n' sha256sum | sha256sum`)
		shell.Dir = root
		output, err := shell.Output()
		if err != nil {
			t.Fatal(err)
		}
		if wanted := "sha256:" + strings.Fields(string(output))[0]; digestOf(t, root) != wanted {
			t.Errorf("got %s, a shell prints %s", digestOf(t, root), wanted)
		}
	}
}

func TestACopyReplacesWhatIsThere(t *testing.T) {
	source, target := folder(t), t.TempDir()
	if ended, err := copyFolder(context.Background(), source, target, Fault{Half: true}); err != nil || ended.code != killed {
		t.Fatal(ended, err)
	}
	if digestOf(t, source) == digestOf(t, target) {
		t.Error("half a copy is no copy")
	}
	ended, err := copyFolder(context.Background(), source, target, Fault{})
	if err != nil || ended.code != 0 {
		t.Fatal(ended, err)
	}
	if digestOf(t, source) != digestOf(t, target) || !strings.Contains(ended.message, "files=5 bytes=20003") {
		t.Error(ended.message)
	}
}

func TestAFaultIsUsedUp(t *testing.T) {
	faults := t.TempDir()
	if err := os.WriteFile(filepath.Join(faults, "1.json"), []byte(`{"match":"ns/","times":2,"damage":true}`), 0o644); err != nil {
		t.Fatal(err)
	}
	for index, wanted := range []struct {
		pod    string
		damage bool
	}{{"other/copy", false}, {"ns/copy", true}, {"ns/copy", true}, {"ns/copy", false}} {
		if got := takeFault(faults, wanted.pod); got.Damage != wanted.damage {
			t.Errorf("%d: %+v", index, got)
		}
	}
}
