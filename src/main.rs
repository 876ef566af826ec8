//! The `vigie` program: everything is in the library, so that tests and benches can call it.
fn main() -> std::process::ExitCode {
    vigie::cli::main()
}
