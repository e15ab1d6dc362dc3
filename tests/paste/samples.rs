//! The samples of the Python middleware's README, and Nova's own file.
