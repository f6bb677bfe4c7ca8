//! Writes Python files as their normal form: `normal_form PLAIN RECORDING FILE...`.
//!
//! Each goes under its own name into the folder `PLAIN`, and with the recorder's stores in it into `RECORDING`.
//! `scripts/regression.py` runs CPython's own tests on what comes out.
//! The names that such code uses beside the source's (`_up_iter` …) are for the caller to provide, as a worker does.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use upshift_frontend::{Hooks, NoHooks, normalise, print};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args_os().skip(1);
    let (Some(plain), Some(recording)) = (args.next(), args.next()) else {
        return Err("normal_form PLAIN RECORDING FILE...".into());
    };
    let ways: [(_, &dyn Hooks); 2] = [(plain, &NoHooks), (recording, &upshift_tracer::Recording)];
    for file in args {
        let path = Path::new(&file);
        let source = fs::read_to_string(path)?;
        let name = path.file_name().ok_or("a file has a name")?;
        let module = normalise(&source).map_err(|error| format!("{}: {error}", path.display()))?;
        for (folder, hooks) in &ways {
            let text = print(&module, *hooks).text;
            // A module whose namespace is looked at must not have more names in it.
            let own = |line: &&str| !line.starts_with("from builtins import iter as _up_iter");
            let lines: Vec<&str> = text.lines().filter(own).filter(|line| !line.starts_with("_up_end =")).collect();
            fs::write(Path::new(folder).join(name), lines.join("\n") + "\n")?;
        }
    }
    Ok(())
}
