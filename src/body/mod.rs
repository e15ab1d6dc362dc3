//! wip
mod response;
pub use response::ResponseBody;
