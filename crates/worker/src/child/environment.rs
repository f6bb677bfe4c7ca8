//! The process's environment, as libraries and programs that the action starts see it.
//!
//! `setenv`, which is behind `os.putenv`, keeps every value that a variable ever had; those of invocations are new each time.

use std::collections::HashMap;
use std::ffi::c_char;

use pyo3::prelude::*;

// SAFETY: POSIX declares it so, and the C library that CPython itself needs has it.
unsafe extern "C" {
    /// `putenv(3)`: the string itself becomes a part of the environment.
    fn putenv(string: *mut c_char) -> i32;
}

/// The variables that were set here, each in room that is used again for its next value.
#[pyclass]
#[derive(Default)]
pub(super) struct Environment(HashMap<Vec<u8>, &'static mut [u8]>);

#[pymethods]
impl Environment {
    /// Sets a variable; neither part has a zero byte, and the name no `=`.
    fn set(&mut self, name: &[u8], value: &[u8]) {
        let length = name.len() + 1 + value.len() + 1;
        let room = match self.0.get_mut(name) {
            Some(room) if room.len() >= length => room,
            // What was there before may still be read; values that grow do so a few times at most.
            _ => {
                let room = vec![0; length.next_power_of_two()].leak();
                self.0.entry(name.to_owned()).insert_entry(room).into_mut()
            }
        };
        room[..name.len()].copy_from_slice(name);
        room[name.len()] = b'=';
        room[name.len() + 1..length - 1].copy_from_slice(value);
        room[length - 1..].fill(0);
        // SAFETY: the string ends with a zero, has an `=`, and is never freed. It is written by this method alone, while the
        // interpreter is attached, as `os.putenv` would write it; what reads the environment meanwhile is as much at fault there.
        unsafe { putenv(room.as_mut_ptr().cast()) };
    }
}
