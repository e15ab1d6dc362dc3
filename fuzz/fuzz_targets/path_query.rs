//! See `wafflehaus_fuzz::targets::path_query`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wafflehaus_fuzz::targets::path_query(data));
