//! The process's environment, as libraries and programs that the action starts see it.
//!
//! `setenv`, which is behind `os.putenv`, keeps every value that a variable ever had; those of invocations are new each time.

use std::collections::HashMap;
use std::ffi::c_char;
use std::ptr::NonNull;

use pyo3::prelude::*;

// SAFETY: POSIX declares it so, and the C library that CPython itself needs has it.
unsafe extern "C" {
    /// `putenv(3)`: the string itself becomes a part of the environment.
    fn putenv(string: *mut c_char) -> i32;
}

/// The variables that were set here, each in room that is used again for its next value.
#[pyclass]
#[derive(Default)]
pub(super) struct Environment(HashMap<Vec<u8>, Room>);

/// Memory that is never freed, as C may look there at any time.
struct Room {
    start: NonNull<u8>,
    length: usize,
}

// SAFETY: it is a piece of memory that no thread owns more than another.
unsafe impl Send for Room {}
// SAFETY: it is written through `&mut Environment` only.
unsafe impl Sync for Room {}

impl Room {
    fn new(length: usize) -> Self {
        Self { start: NonNull::from(vec![0_u8; length].leak()).cast(), length }
    }
}

#[pymethods]
impl Environment {
    /// Sets a variable; neither part has a zero byte, and the name no `=`.
    fn set(&mut self, name: &[u8], value: &[u8]) {
        let string = [name, b"=", value, b"\0"].concat();
        let room = match self.0.get_mut(name) {
            Some(room) if room.length >= string.len() => room,
            // What was there before may still be read; values that grow do so a few times at most.
            _ => self.0.entry(name.to_owned()).insert_entry(Room::new(string.len().next_power_of_two())).into_mut(),
        };
        // SAFETY: the room has as many bytes, is never freed, and no Rust reference leads into it. Its last byte stays zero or is
        // that of the string, so whoever reads it meanwhile, in a thread that does not wait for the interpreter, stays within it:
        // he may see a part of the new value, where `setenv` would have shown him the old one.
        unsafe {
            room.start.copy_from_nonoverlapping(NonNull::from(&string[..]).cast(), string.len());
            putenv(room.start.as_ptr().cast());
        }
    }
}
