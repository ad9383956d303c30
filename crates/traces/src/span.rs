use firstfault_model::{Name, Place};
use jiff::{SignedDuration, Timestamp};

/// One operation of one service inside a trace.
#[derive(Clone, Debug)]
pub struct Span {
    /// The trace.
    pub trace: Name,
    /// The span.
    pub id: Name,
    /// The span that caused it.
    pub parent: Option<Name>,
    /// The service that did the work.
    pub service: Name,
    /// The operation.
    pub operation: Name,
    /// When it began.
    pub start: Timestamp,
    /// How long it took.
    pub duration: SignedDuration,
    /// It failed, by status, tag or HTTP status of 500 and more.
    pub error: bool,
    /// It is the caller's side of a call.
    pub client: bool,
    /// `peer.service`, `net.peer.name`, `db.system` or the host of `http.url`: the side that was called.
    pub peer: Option<Name>,
    /// HTTP or gRPC status, or the error's text.
    pub status: Option<String>,
    /// Where it stands.
    pub place: Place,
}
