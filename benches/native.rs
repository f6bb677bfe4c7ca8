//! Runs a function as Upshift compiles it, from bytes to bytes, for `scripts/bench_compute.py`.
//!
//!     native UPSHIFT FILE.py ARGUMENTS.json
//!
//! Prints its answer first, then for each line of the input the nanoseconds that so many calls took.
//! It ends with the reason if native code does not answer as CPython does, or not at all.

use std::error::Error;
use std::io::BufRead;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use upshift_invoker::Zygote;
use upshift_invoker::check::{Check, check};
use upshift_invoker::pipeline::{Compiled, Compiler, Machine, NativeOutcome, Program, Sources};

const PATIENCE: Duration = Duration::from_secs(60);
const MEMORY: usize = 256 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let [_, upshift, file, arguments] = &std::env::args().collect::<Vec<_>>()[..] else {
        return Err("usage: native UPSHIFT FILE.py ARGUMENTS.json".into());
    };
    let (source, arguments) = (std::fs::read_to_string(file)?, std::fs::read_to_string(arguments)?);
    let cache = std::env::temp_dir().join("upshift-bench");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let (compiled, machine) = runtime.block_on(async {
        let zygote = Zygote::start(Path::new(upshift), &["zygote"]).await?;
        let calls = vec![arguments.clone()];
        let wanted = Check { file: file.clone(), source, calls, forced: false, live: false, cache };
        let report = check(&wanted, &zygote).await?;
        if let Some(reason) = report.reason {
            return Err(reason.into());
        }
        let sources = Sources { folder: None, packages: None, links_folder: false, library: zygote.library() };
        let program = Program::new(&wanted.source, "main", &sources).map_err(|unsupported| unsupported.to_string())?;
        let trace = report.trace.ok_or("there is no trace")?;
        let compiled = Compiler::new(&wanted.cache).compile(&program, &trace, false)?;
        Ok::<_, Box<dyn Error>>((compiled, Machine::of(&zygote)))
    })?;
    let arguments: Arc<[u8]> = arguments.as_bytes().into();
    println!("{}", String::from_utf8(run(&compiled, &machine, &arguments)?)?);
    for line in std::io::stdin().lock().lines() {
        let count: u32 = line?.trim().parse()?;
        let started = Instant::now();
        for _ in 0..count {
            run(&compiled, &machine, &arguments)?;
        }
        println!("{}", started.elapsed().as_nanos());
    }
    Ok(())
}

fn run(compiled: &Compiled, machine: &Machine, arguments: &Arc<[u8]>) -> Result<Vec<u8>, String> {
    match compiled.run(machine.call(Arc::clone(arguments), PATIENCE, MEMORY)) {
        NativeOutcome::Done { result, .. } => Ok(result),
        other => Err(format!("it did not answer: {other:?}")),
    }
}
