//! Where a change stands, and which verbs move it on. The catalogue's lifecycle says the same as data.

use crate::error::{Error, Result};

/// Where a change stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    Draft,
    Assessed,
    AwaitingApproval,
    Approved,
    Scheduled,
    Implementing,
    Implemented,
    BackedOut,
    Reviewed,
    Closed,
    Rejected,
    Cancelled,
}

impl Status {
    pub const ALL: [Status; 12] = [
        Status::Draft,
        Status::Assessed,
        Status::AwaitingApproval,
        Status::Approved,
        Status::Scheduled,
        Status::Implementing,
        Status::Implemented,
        Status::BackedOut,
        Status::Reviewed,
        Status::Closed,
        Status::Rejected,
        Status::Cancelled,
    ];
    pub fn word(self) -> &'static str {
        match self {
            Status::Draft => "draft",
            Status::Assessed => "assessed",
            Status::AwaitingApproval => "awaiting_approval",
            Status::Approved => "approved",
            Status::Scheduled => "scheduled",
            Status::Implementing => "implementing",
            Status::Implemented => "implemented",
            Status::BackedOut => "backed_out",
            Status::Reviewed => "reviewed",
            Status::Closed => "closed",
            Status::Rejected => "rejected",
            Status::Cancelled => "cancelled",
        }
    }
    pub fn parse(word: &str) -> Option<Status> {
        Status::ALL.into_iter().find(|s| s.word() == word)
    }
    /// Not closed, rejected or cancelled: compared with other changes for collisions.
    pub fn is_open(self) -> bool {
        !matches!(self, Status::Closed | Status::Rejected | Status::Cancelled)
    }
    /// Decided on and not yet carried out: drift of its impact matters.
    pub fn is_committed(self) -> bool {
        matches!(self, Status::AwaitingApproval | Status::Approved | Status::Scheduled)
    }
    /// Going to be carried out, or being carried out: its window counts for others.
    pub fn is_ahead(self) -> bool {
        matches!(
            self,
            Status::Draft
                | Status::Assessed
                | Status::AwaitingApproval
                | Status::Approved
                | Status::Scheduled
                | Status::Implementing
        )
    }
}

/// What can be done with a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    Edit,
    Assess,
    Submit,
    Approve,
    Reject,
    Schedule,
    Start,
    Finish,
    BackOut,
    Review,
    Close,
    Cancel,
}

impl Verb {
    pub const ALL: [Verb; 12] = [
        Verb::Edit,
        Verb::Assess,
        Verb::Submit,
        Verb::Approve,
        Verb::Reject,
        Verb::Schedule,
        Verb::Start,
        Verb::Finish,
        Verb::BackOut,
        Verb::Review,
        Verb::Close,
        Verb::Cancel,
    ];
    pub fn word(self) -> &'static str {
        match self {
            Verb::Edit => "edit",
            Verb::Assess => "assess",
            Verb::Submit => "submit",
            Verb::Approve => "approve",
            Verb::Reject => "reject",
            Verb::Schedule => "schedule",
            Verb::Start => "start",
            Verb::Finish => "finish",
            Verb::BackOut => "back-out",
            Verb::Review => "review",
            Verb::Close => "close",
            Verb::Cancel => "cancel",
        }
    }
    /// Whether a change in `status` can be dealt with so; an emergency acts first and is decided on along the way.
    pub fn is_legal(self, status: Status, emergency: bool) -> bool {
        use Status::{
            Approved, Assessed, AwaitingApproval, BackedOut, Draft, Implemented, Implementing, Rejected,
            Reviewed, Scheduled,
        };
        match self {
            Verb::Edit => {
                matches!(status, Draft | Assessed | AwaitingApproval | Approved | Scheduled | Rejected)
            }
            Verb::Assess => matches!(status, Draft | Assessed | AwaitingApproval),
            Verb::Submit => matches!(status, Draft | Assessed),
            Verb::Approve => status == AwaitingApproval || emergency && matches!(status, Draft | Assessed),
            Verb::Reject => status == AwaitingApproval,
            Verb::Schedule => status == Approved,
            Verb::Start => status == Scheduled || emergency && status == Approved,
            Verb::Finish => status == Implementing,
            Verb::BackOut => matches!(status, Implementing | Implemented),
            Verb::Review => matches!(status, Implemented | BackedOut),
            Verb::Close => status == Reviewed,
            Verb::Cancel => matches!(status, Draft | Assessed | AwaitingApproval | Approved | Scheduled),
        }
    }
    /// Refuses a verb that the status does not allow, naming those that it does.
    ///
    /// # Errors
    /// `change.move`.
    pub fn check(self, number: &str, status: Status, emergency: bool) -> Result<()> {
        if self.is_legal(status, emergency) {
            return Ok(());
        }
        let legal: Vec<&str> =
            Verb::ALL.into_iter().filter(|v| v.is_legal(status, emergency)).map(Verb::word).collect();
        let hint = match legal.as_slice() {
            [] => format!("{} is final", status.word()),
            legal => format!("from {} it can: {}", status.word(), legal.join(", ")),
        };
        let message = format!("cannot {} {number}: it is {}", self.word(), status.word());
        Err(Error::refused("change.move", message).detail("/status", hint.clone()).hint(hint))
    }
}
