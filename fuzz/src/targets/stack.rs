pub fn stack(_data: &[u8]) {}
