//! Lets the programs of this package find libpython at run time; the worker package says where it is.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if let Ok(directory) = std::env::var("DEP_UPSHIFT_WORKER_LIBDIR") {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{directory}");
        println!("cargo::metadata=LIBDIR={directory}");
    }
}
