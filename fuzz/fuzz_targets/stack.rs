//! See `wafflehaus_fuzz::targets::stack`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wafflehaus_fuzz::targets::stack(data));
