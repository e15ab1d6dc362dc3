//! See `wafflehaus_fuzz::targets::create_body`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wafflehaus_fuzz::targets::create_body(data));
