//! Starts the embedded interpreter so that it finds the standard library that belongs to it.

use std::path::Path;

use pyo3::prelude::*;

// SAFETY: the library declares it as a union of 24 bytes, aligned as its widest member, a pair of 64-bit words.
unsafe extern "C" {
    /// `_Py_HashSecret_t`, which begins with the two keys of SipHash.
    #[link_name = "_Py_HashSecret"]
    static HASH_SECRET: [u64; 3];
}

/// What hashes depend on in this process and in those forked from it: SipHash's two keys, and the hash of None.
pub(super) fn hash_secret(py: Python<'_>) -> PyResult<[u64; 3]> {
    // SAFETY: the interpreter runs, as `py` says; it writes the secret once, before, and never again.
    let [first, second, _] = unsafe { HASH_SECRET };
    let none = py.None().bind(py).hash()?;
    Ok([first, second, none as u64])
}

/// Whether the zone of this process, and of those forked from it, is UTC.
pub(super) fn is_utc(py: Python<'_>) -> PyResult<bool> {
    let time = py.import("time")?;
    let offset: i64 = time.getattr("timezone")?.extract()?;
    let summer: i64 = time.getattr("daylight")?.extract()?;
    Ok(offset == 0 && summer == 0)
}

/// Tells CPython, before it starts, which program it is: the one that its shared library was installed with.
///
/// It would otherwise search `PATH` for a `python3`, which may be of another version, and guess its library from that.
pub(super) fn name_program() {
    let Some(program) = std::fs::read_to_string("/proc/self/maps").ok().and_then(|maps| program(&maps)) else { return };
    let wide: Vec<_> = program.chars().chain(['\0']).map(|character| character as u32 as _).collect();
    // SAFETY: the interpreter has not started, and the string ends with a zero and is never freed.
    #[expect(deprecated, reason = "its successor needs a configuration of one's own, which pyo3 has no place for")]
    unsafe {
        pyo3::ffi::Py_SetProgramName(wide.leak().as_ptr());
    }
}

/// The interpreter beside the shared library in these memory mappings: in `bin` of a folder above it.
fn program(maps: &str) -> Option<String> {
    let library = maps.lines().find_map(|line| {
        let path = Path::new(line.get(line.find('/')?..)?);
        path.file_name()?.to_str()?.starts_with("libpython3").then_some(path)
    })?;
    let version = library.file_name()?.to_str()?.strip_prefix("lib")?.split(".so").next()?;
    let program =
        library.ancestors().map(|folder| folder.join("bin").join(version)).find(|program| program.exists())?;
    Some(program.to_str()?.to_owned())
}
