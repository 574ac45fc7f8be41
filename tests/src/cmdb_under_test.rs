//! The product, for the tests of this package.

fn main() -> std::process::ExitCode {
    cmdb_cli::main()
}
