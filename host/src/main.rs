//! The `wellhead` command.

mod cli;

fn main() -> std::process::ExitCode {
    // A child that compiles a plugin is this same program, and none of the rest concerns it.
    wellhead::serve_compilation();
    cli::main()
}
