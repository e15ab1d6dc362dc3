//! Why a request line is refused rather than guessed at.

/// A request line that Nova, or something in front of it, may read differently from this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unclear {
    /// A control character or a backslash, raw or encoded.
    #[error("the path has a control character or a backslash")]
    ControlCharacter,
    /// A `.` or `..` segment, raw or encoded.
    #[error("the path has a dot segment")]
    DotSegment,
    /// An encoded slash or backslash.
    #[error("the path has an encoded slash or backslash")]
    EncodedSlash,
    /// A `%` that two hexadecimal digits do not follow.
    #[error("the path has a malformed percent-escape")]
    MalformedEscape,
    /// A `_method` in the query.
    #[error("the query overrides the method")]
    MethodOverride,
    /// A request target that is no path, such as `*`.
    #[error("the request target is not a path")]
    NotAPath,
    /// A port id in the path that is not a canonical UUID.
    #[error("the port id in the path is not a UUID in lower case with hyphens")]
    PortId,
    /// A server id in the path that is not a canonical UUID.
    #[error("the server id in the path is not a UUID in lower case with hyphens")]
    ServerId,
    /// A trunk id in the path that is not a canonical UUID.
    #[error("the trunk id in the path is not a UUID in lower case with hyphens")]
    TrunkId,
    /// A path of a judged operation with a suffix, further segments or a method it does not have.
    #[error("the path and method are not a known form of this operation")]
    UnknownForm,
    /// A method Nova has no route for.
    #[error("the method is not one that Nova has")]
    UnknownMethod,
    /// A path of a judged operation below another prefix than the configured one.
    #[error(
        "the path of this operation must begin with the API's version, below the API's own prefix"
    )]
    UnknownPrefix,
}
