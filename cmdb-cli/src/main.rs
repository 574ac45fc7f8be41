//! The `cmdb` binary.

fn main() -> std::process::ExitCode {
    cmdb_cli::main()
}
