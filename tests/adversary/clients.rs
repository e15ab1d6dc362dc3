//! What real clients send, which has to get through and have its effect.
