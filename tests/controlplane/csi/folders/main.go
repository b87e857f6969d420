package folders

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

// ParseRoot reads `NAME=FOLDER` of a driver.
func ParseRoot(text string) (map[string]string, error) {
	name, folder, found := strings.Cut(text, "=")
	if !found || name == "" || folder == "" {
		return nil, fmt.Errorf("want NAME=FOLDER, got %q", text)
	}
	return map[string]string{name: folder}, nil
}

// Run is the main function of the process that serves several drivers; it returns the exit code.
func Run(name string, args []string, health func(address string) error) int {
	ended := make(chan error)
	start := func(plain bool) func(string) error {
		return func(text string) error {
			root, socket, found := strings.Cut(text, ",")
			parsed, err := ParseRoot(root)
			if err != nil || !found {
				return fmt.Errorf("want NAME=FOLDER,SOCKET, got %q", text)
			}
			for name, folder := range parsed {
				driver := &Driver{Name: name, Root: folder, Plain: plain}
				go func() { ended <- driver.Serve(socket) }()
			}
			return nil
		}
	}
	flags := flag.NewFlagSet(name, flag.ExitOnError)
	address := flags.String("health", "", "`ADDRESS` that answers GET /healthz")
	flags.Func("driver", "`NAME=FOLDER,SOCKET` of a driver that can do everything", start(false))
	flags.Func("plain-driver", "`NAME=FOLDER,SOCKET` of a driver that makes empty volumes only", start(true))
	_ = flags.Parse(args) // ends the process itself
	go func() { ended <- health(*address) }()
	fmt.Fprintf(os.Stderr, "%s: %v\n", name, <-ended)
	return 1
}
