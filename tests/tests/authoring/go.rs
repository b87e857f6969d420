//! Plugins in Go.

use std::fs;

use crate::guide::{Shell, follow};

/// Most bytes of the component that a new project becomes.
const SMALL: u64 = 4_000_000;

/// Go keeps what it compiled where it always does. Nothing may be fetched.
pub(crate) fn shell() -> Shell {
    Shell::new(vec![("GOPROXY", "off".into())])
}

#[test]
fn the_guide_works_as_it_is_written() {
    follow("docs/plugins/go.md", shell());
}

/// The template is itself a valid project: with its own name, nothing of it changes.
#[test]
fn a_new_project_is_formatted_vetted_and_small() {
    let mut shell = shell();
    shell.succeed("wellhead plugin new my-plugin --lang go && cd my-plugin");
    assert_eq!(shell.succeed("gofmt -l . && (cd sdk && go vet ./...)"), "");
    shell.succeed("sh ci.sh");
    let size = fs::metadata(shell.path("my-plugin.wasm")).expect("it was built").len();
    assert!(size < SMALL, "it has {size} bytes");
    shell.succeed(
        "mkdir -p ../deep && cp -r . ../deep/two && (cd ../deep/two && rm my-plugin.wasm && \
         GOPATH=$PWD/../go wellhead plugin build) && cmp my-plugin.wasm ../deep/two/my-plugin.wasm",
    );
    assert_eq!(shell.succeed("git init -q . && git status --short | grep -c wasm || true"), "0\n");
}

#[test]
fn the_sdk_and_the_example_pass_their_own_tests() {
    let mut shell = shell();
    for folder in ["plugins/sdk-go", "examples/languages/go"] {
        let folder = format!("{}/../{folder}", env!("CARGO_MANIFEST_DIR"));
        shell.succeed(&format!("cd '{folder}' && go vet ./... && go test ./..."));
        assert_eq!(shell.succeed("gofmt -l *.go"), "");
    }
}

/// What plugins do that were written for an operating system: the stub answers, the same every time.
const CURIOUS: &str = r#"
func transform(pipeline wellhead.Pipeline, config Config) error {
	start := time.Now()
	time.Sleep(time.Hour)
	random := make([]byte, 4)
	rand.Read(random)
	_, missing := os.ReadFile("/etc/passwd")
	fmt.Println("printed for", config.Team, "\xff")
	done := make(chan int)
	go func() { done <- 7 }()
	wellhead.Warn("%d %d", start.Year(), <-done)
	wellhead.Warn("%t %t %v", time.Since(start) >= time.Hour, string(random) != "\x00\x00\x00\x00", missing)
	wellhead.Warn("%q %q", os.Args[min(1, len(os.Args)):], os.Environ())
	switch config.Team {
	case "deadlock":
		<-done
	case "exit":
		os.Exit(37)
	case "goroutine":
		go func() { panic("in a goroutine") }()
		<-done
	case "text":
		return pipeline.SetPodLabel("team", "\xff")
	}
	return nil
}
"#;

#[test]
fn what_needs_an_operating_system_meets_one_that_has_nothing() {
    let mut shell = shell();
    shell.succeed("wellhead plugin new curious --lang go && cd curious && rm -r cases/refuses*");
    let file = shell.path("main.go");
    let code = fs::read_to_string(&file).expect("the template's code");
    let (head, rest) = code.split_once("func transform").expect("it has a transformer");
    let (_, tail) = rest.split_once("\n}\n").expect("it ends");
    let imports = "import (\n\t\"crypto/rand\"\n\t\"fmt\"\n\t\"os\"\n\t\"time\"\n";
    let code = format!("{head}{CURIOUS}{tail}").replacen("import (\n", imports, 1);
    fs::write(&file, code).expect("our own file");
    shell.succeed(
        "wellhead plugin build && rm cases/*/expected.yaml && wellhead plugin test --bless",
    );
    let told = shell.succeed("cat cases/*/expected-warnings.txt");
    assert_eq!(
        told,
        "WH0524: 1970 7\n\
         WH0524: true true open /etc/passwd: Bad file number\n\
         WH0524: [] []\n"
    );
    says_why_it_ends(&mut shell);
}

/// What Go's runtime writes before it ends the plugin is known from its messages.
fn says_why_it_ends(shell: &mut Shell) {
    shell.succeed("cp cases/*/pipeline.yaml .");
    let mut said = |what: &str| {
        let run = "wellhead plugin run curious.wasm -f pipeline.yaml --config config.yaml";
        shell.run(&format!("echo 'team: {what}' > config.yaml; {run}")).0
    };
    assert!(said("print").contains("debug: \"printed for print ?\""), "a print is a message");
    for (what, why) in [
        ("deadlock", "fatal error: all goroutines are asleep - deadlock!"),
        ("exit", "it ended itself with exit code 37"),
        ("goroutine", "panic: in a goroutine"),
    ] {
        let said = said(what);
        assert!(said.contains(&format!("crashed\n  the plugin says: \"{why}\"")), "{said}");
    }
    let said = said("text");
    let why = r#"SetPodLabel got text that is not UTF-8: \"\xff\" (main.go:"#;
    assert!(said.contains(why), "{said}");
}

#[test]
fn a_validator_warns_and_refuses() {
    let mut shell = shell();
    shell
        .succeed("wellhead plugin new small-claims --lang go && cd small-claims && rm -r cases/r*");
    shell.succeed(
        "sed -i 's/transformer/validator/; s/transform(/validate(/; s/Register(transform)/Register(validate)/; \
         s/) error {/) ([]wellhead.Finding, error) {/; s/Writes: .*//' main.go && \
         sed -i '/^func validate/,/^}/{/^func/!{/^}/!d}}' main.go && sed -i 's/^func validate.*/&\\n\
         return []wellhead.Finding{wellhead.NewWarning(\"few\").At(\"replicas\").WithHint(\"ask for more\")}, nil/' main.go && \
         rm main_test.go",
    );
    shell.succeed("wellhead plugin build && wellhead plugin inspect small-claims.wasm | grep '^exports   validate$'");
    shell.succeed("rm cases/*/expected.yaml && wellhead plugin test --bless");
    let told = shell.succeed("cat cases/*/expected-warnings.txt");
    assert_eq!(told, "WH0523: replicas: few\nhelp: ask for more\n");
}
