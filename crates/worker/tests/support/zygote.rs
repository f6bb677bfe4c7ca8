//! The zygote that this package's tests fork workers from.

use std::process::ExitCode;

fn main() -> ExitCode {
    upshift_worker::zygote_main(None, &[])
}
