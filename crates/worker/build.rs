//! Lets the programs of this package find libpython at run time, and tells the packages above where it is.

fn main() {
    pyo3_build_config::add_libpython_rpath_link_args();
    if let Some(directory) = &pyo3_build_config::get().lib_dir() {
        println!("cargo::metadata=LIBDIR={directory}");
    }
}
