//! The kinds of problems: the table behind `type`, `status`, `title`, the pages under `/problems/` and those of `docs/errors/`.

use poem::http::StatusCode;

use super::scope::Scope;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $slug:literal $status:ident $title:literal in $scope:expr => $happened:literal, $remedy:literal,)+) => {
        /// What can go wrong, named by cause. Each has a page that says what it means and what to do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Kind { $($(#[$doc])* $kind,)+ }

        impl Kind {
            /// Every kind there is.
            pub const ALL: &'static [Self] = &[$(Self::$kind),+];

            /// The last part of the type's path, for example `validation`.
            #[must_use]
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$kind => $slug),+ }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$kind => StatusCode::$status),+ }
            }

            /// The kind in a few words.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$kind => $title),+ }
            }

            /// What happened, and when that is.
            #[must_use]
            pub const fn happened(self) -> &'static str {
                match self { $(Self::$kind => $happened),+ }
            }

            /// What to do about it.
            #[must_use]
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$kind => $remedy),+ }
            }

            /// What it means and what to do about it.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$kind => concat!($happened, " ", $remedy)),+ }
            }

            /// In which operations it may arise, among those that name its status.
            pub(super) const fn scope(self) -> Scope {
                match self { $(Self::$kind => $scope),+ }
            }
        }
    };
}

kinds! {
    /// A body, parameter or header that does not parse or is out of range.
    Validation = "validation" BAD_REQUEST "The request is not valid" in Scope::Any
        => "The body does not parse, or a field, parameter or header is not what the OpenAPI document describes. `errors` names each wrong field, what is wrong with it and what would be right.",
        "Correct them and send the request again.",
    /// A position that the log does not hold.
    PositionUnknown = "position-unknown" BAD_REQUEST "The log holds no such position" in Scope::With("position")
        => "`position` asks to see at least one certain event, and the log does not hold it: it is beyond the log's end, or names no stream of events. Any answer would be older than what was asked for, so there is none, and waiting changes nothing.",
        "Take positions from answers of this deployment. Where one of those is refused, the log was put back from an older copy: read without `position`, and send again what is missing.",
    /// No token, or none that counts.
    Unauthorized = "unauthorized" UNAUTHORIZED "A valid token is needed" in Scope::Any
        => "There is no token, or none that counts; `WWW-Authenticate` says what is wrong with it.",
        "Send `Authorization: Bearer <token>` with a token that this deployment issued and that has not expired. In development `ally token` makes one.",
    /// A token that may not do this.
    Forbidden = "forbidden" FORBIDDEN "The token may not do this" in Scope::Roles
        => "The token is valid and lacks the role that this operation needs or the claim for what it asks for, names somebody else, or does not open the room; `detail` says which.",
        "Ask whoever issues tokens.",
    /// A connection of another user's.
    ForeignConnection = "foreign-connection" FORBIDDEN "The connection is somebody else's" in Scope::Only(&["heartbeat", "leaveRoom"])
        => "The heartbeat or the leave names a connection of another user.",
        "Name a connection that a join with a token of the same user was answered with. An operator removes others by `POST /api/v1/presence/rooms/{room}/members/{connId}/kick`.",
    /// A page of another origin than the allowed ones.
    OriginNotAllowed = "origin-not-allowed" FORBIDDEN "The origin is not allowed" in Scope::Any
        => "A browser page from this origin may not call the API.",
        "Whoever operates the deployment adds the origin to `CORS_ALLOWED_ORIGINS`.",
    /// Nothing of the caller's is there.
    NotFound = "not-found" NOT_FOUND "There is no such thing" in Scope::Gateway
        => "Nothing at this path, or nothing that belongs to the athlete of this token. An unknown id and another athlete's id get the same answer.",
        "Check the id, and whose token it is.",
    /// A connection that is not in the room.
    NotAMember = "not-a-member" NOT_FOUND "The connection is no member of the room" in Scope::Presence
        => "The connection never joined this room, has left it, or was let go because its heartbeats did not come in time.",
        "Join again, and send heartbeats at least every third of `ttlMs`.",
    /// The path is there, the method is not.
    MethodNotAllowed = "method-not-allowed" METHOD_NOT_ALLOWED "The method is not allowed here" in Scope::Any
        => "The path exists and takes other methods.",
        "Use one of those that `Allow` lists.",
    /// A form that there is not.
    NotAcceptable = "not-acceptable" NOT_ACCEPTABLE "There is no such form" in Scope::Any
        => "`Accept` allows none of the media types, or `Accept-Encoding` none of the codings, that `detail` lists.",
        "Name one of them, or leave the header out. Many addresses also take the form as their end: `.ics`, `.csv`, `.md`.",
    /// The body came too slowly.
    BodyTimeout = "body-timeout" REQUEST_TIMEOUT "The body did not arrive in time" in Scope::Any
        => "The connection delivered the body too slowly.",
        "Send the request again.",
    /// Onboarding is not complete.
    NoProfile = "no-profile" CONFLICT "There is no profile to plan for" in Scope::Only(&["generatePlan", "retryJob"])
        => "A plan needs a completed onboarding.",
        "Send the missing answers to `POST /api/v1/onboarding`; `GET /api/v1/profile` lists them. Completing it makes the first plan by itself.",
    /// The job is at an end or not yet in the queue.
    JobState = "job-state" CONFLICT "The job is not in a state for this" in Scope::Only(&["cancelJob", "retryJob", "expediteJob", "redriveDeadLetter"])
        => "The job has ended, or is about to enter the queue.",
        "Read its status; a job that has ended cannot be cancelled.",
    /// The plan's log or its versions are at their limit.
    PlanFull = "plan-full" CONFLICT "The plan takes no more" in Scope::Only(&["logWorkout", "reportPain"])
        => "A plan holds a bounded number of versions and of log entries, and this one has reached it.",
        "Ask for a new plan with `POST /api/v1/plans/generate`.",
    /// The room takes no more members.
    RoomFull = "room-full" CONFLICT "The room is full" in Scope::Only(&["joinRoom"])
        => "The room has as many members as it may have.",
        "Try again when somebody has left; it can be observed meanwhile.",
    /// A membership that is over.
    StaleEpoch = "stale-epoch" CONFLICT "The epoch is over" in Scope::Only(&["heartbeat"])
        => "The request speaks of an earlier membership of the connection.",
        "Send the epoch that the last join was answered with, or none.",
    /// A membership that there never was.
    UnknownEpoch = "unknown-epoch" CONFLICT "The epoch was never given out" in Scope::Only(&["heartbeat"])
        => "Epochs come from the server, and this one did not.",
        "Send the epoch that the join was answered with, or none.",
    /// A request for what a socket does.
    OtherDoor = "other-door" CONFLICT "The connection has a socket" in Scope::Only(&["heartbeat"])
        => "The connection came in by a socket, which keeps it alive and takes its heartbeats and patches.",
        "Send them over the socket. Requests keep those connections alive that joined by a request.",
    /// A revision that is another one than expected.
    MetadataConflict = "metadata-conflict" CONFLICT "The channel has moved on" in Scope::Only(&["setChannelMetadata", "updateChannelMetadata", "removeChannelMetadata"])
        => "The request expects revisions that the channel or its items do not have (any more). `errors` names each with the revision that it has now.",
        "Read the channel's metadata, decide anew, and send the request with those revisions.",
    /// An endpoint or a delivery that this is not possible of now.
    WebhookState = "webhook-state" CONFLICT "The webhook is not in a state for this" in Scope::Only(&["pingWebhook", "replayWebhookDelivery", "replayWebhookDeliveries"])
        => "The endpoint is disabled and gets nothing, or the delivery is on its way already; `detail` says which.",
        "Enable the endpoint with `PATCH /api/v1/operator/webhooks/{id}`, or wait until the delivery is delivered or given up.",
    /// The app has as many endpoints as it may have.
    WebhookLimit = "webhook-limit" CONFLICT "The app has as many endpoints as it may have" in Scope::Only(&["registerWebhook"])
        => "An app has a bounded number of endpoints, which `detail` names, since each of them is sent each message.",
        "Remove one with `DELETE /api/v1/operator/webhooks/{id}`, or change one with `PATCH`.",
    /// Others kept changing the same thing.
    Conflict = "conflict" CONFLICT "Somebody else was faster" in Scope::Any
        => "The same athlete, job or channel was changed by other requests at the same time, and the bounded retries were used up.",
        "Send the request again.",
    /// A body over the limit.
    PayloadTooLarge = "payload-too-large" PAYLOAD_TOO_LARGE "The body is too large" in Scope::Any
        => "The body is over the limit that `detail` names.",
        "Send less.",
    /// A state over the limit.
    StateTooLarge = "state-too-large" PAYLOAD_TOO_LARGE "The state is too large" in Scope::Only(&["joinRoom", "heartbeat"])
        => "What the member says of itself would be more than 4 KiB of JSON, with every patch.",
        "Send less of it, or set keys to something shorter.",
    /// A path and query over the limit.
    UriTooLong = "uri-too-long" URI_TOO_LONG "The address is too long" in Scope::Any
        => "The path with its query is over the limit that `detail` names.",
        "Send a shorter one.",
    /// A body of another type.
    UnsupportedMediaType = "unsupported-media-type" UNSUPPORTED_MEDIA_TYPE "The body is of an unsupported type" in Scope::Any
        => "The body is of a type that is not read: bodies are JSON.",
        "Send `Content-Type: application/json`.",
    /// A body in a coding that nobody here reads.
    UnsupportedCoding = "unsupported-content-encoding" UNSUPPORTED_MEDIA_TYPE "The body is in an unsupported coding" in Scope::Any
        => "The body comes in a content coding that is not read; `Accept-Encoding` of the answer lists those that are.",
        "Send it with `Content-Encoding: gzip`, or without one.",
    /// Each answer is fine and together they cannot be.
    Contradiction = "contradiction" UNPROCESSABLE_ENTITY "The answers contradict each other" in Scope::Only(&["answerOnboarding", "generatePlan", "retryJob", "logWorkout", "reportPain"])
        => "Each field is fine by itself and together they cannot be: more sessions a week than available days, a competition in the past. `errors` names the fields.",
        "Change one of them.",
    /// An idempotency key with another body.
    KeyReused = "idempotency-key-reused" UNPROCESSABLE_ENTITY "The idempotency key was used for another request" in Scope::With("Idempotency-Key")
        => "The key was used with another body before; a key names one request for ever.",
        "Send the same body to get the same job, or a new key for a new one.",
    /// An address that no webhook may go to.
    WebhookUrl = "webhook-url-refused" UNPROCESSABLE_ENTITY "Webhooks may not go to this address" in Scope::Only(&["registerWebhook", "changeWebhook"])
        => "The address is one that this deployment sends nothing to: it is not encrypted, or leads into the deployment's own network; `errors` says which.",
        "Give the endpoint an address of `https` that is reachable from outside.",
    /// A session that cannot be as short.
    TooFewMinutes = "too-few-minutes" UNPROCESSABLE_ENTITY "The session cannot be as short" in Scope::Only(&["previewTimeCrunch"])
        => "Even with its warm-up and one set of each main exercise the session takes longer.",
        "`errors` names the fewest minutes that it can take; ask for as many, or leave the session out.",
    /// A professional's yes is needed first.
    ClearanceRequired = "clearance-required" UNPROCESSABLE_ENTITY "A professional should say yes first" in Scope::Only(&["previewTimeCrunch"])
        => "Newer answers, a report of pain or a note call for a professional's yes before anybody trains on; `detail` names what.",
        "`POST /api/v1/onboarding` takes it as `clearedByProfessional`, and answers that have changed.",
    /// Nothing of a session suits the athlete of today.
    NothingSuits = "nothing-suits" UNPROCESSABLE_ENTITY "Nothing of the session suits today" in Scope::Only(&["previewTimeCrunch"])
        => "What hurts now, or the equipment that there is now, leaves nothing of this session.",
        "Ask for the plan's next version with `POST /api/v1/plans/{id}/replan`; it replaces what does not suit.",
    /// A lock that somebody else holds.
    LockHeld = "lock-held" LOCKED "The lock is somebody else's" in Scope::Only(&["takeLock"])
        => "A lock has one owner, and this one is held by another user; `detail` says by whom.",
        "Try again when it is released or has ended by itself.",
    /// A lock that the caller does not hold.
    LockNotHeld = "lock-not-held" LOCKED "The lock is not yours" in Scope::Presence
        => "The request needs a lock that the user does not hold: it was never taken, has ended by itself, or was taken by somebody else since.",
        "Take it by `POST /api/v1/presence/locks/{lockName}`, renew it within its `ttlMs`, read what has changed meanwhile, and send the request again.",
    /// Too many requests.
    RateLimited = "rate-limited" TOO_MANY_REQUESTS "Too many requests" in Scope::Any
        => "The athlete or the client sent more than their share, or has as many connections open as they may have.",
        "Wait as long as `Retry-After` says.",
    /// Headers over the limit.
    HeadersTooLarge = "headers-too-large" REQUEST_HEADER_FIELDS_TOO_LARGE "The headers are too large" in Scope::Any
        => "The headers together are over the limit that `detail` names.",
        "Send fewer or shorter ones.",
    /// A fault of the server.
    Internal = "internal" INTERNAL_SERVER_ERROR "The server failed" in Scope::Any
        => "A fault of the server, logged with the trace id.",
        "A command may or may not have been carried out: send it again with the same idempotency key.",
    /// The log or the database does not answer.
    Unavailable = "unavailable" SERVICE_UNAVAILABLE "A part that is needed does not answer" in Scope::Any
        => "The event log, the database or the leases of presence are not reachable; the service recovers by itself when it returns. `/health/ready` says which.",
        "Wait as long as `Retry-After` says and send the request again.",
    /// The server is about to end.
    Draining = "draining" SERVICE_UNAVAILABLE "The server is about to end" in Scope::Only(&["joinRoom"])
        => "This server is being replaced and takes nobody in any more.",
        "Send the request again: another one answers it.",
    /// The log holds what only a newer version can read.
    Outdated = "outdated" SERVICE_UNAVAILABLE "This server is older than the data" in Scope::Any
        => "The service is being updated, and the process that answered is not yet: it met an event of a newer version and decides nothing without it. Nothing was stored.",
        "Wait as long as `Retry-After` says and send the request again.",
    /// A segment of the archive is gone.
    ArchiveMissing = "archive-missing" SERVICE_UNAVAILABLE "A part of the archive is missing" in Scope::Gateway
        => "What happened long ago is kept in an archive, and the part of it that this answer needs is not where it should be. Nothing newer is touched.",
        "Whoever operates the service puts it back; `ally archive list` names it. Send the request again later.",
    /// The queue is as long as it may be.
    QueueFull = "queue-full" SERVICE_UNAVAILABLE "The queue is full" in Scope::Only(&["answerOnboarding", "generatePlan", "retryJob", "replan"])
        => "More jobs wait than the deployment allows. Nothing was stored.",
        "Wait as long as `Retry-After` says and send the request again.",
    /// The log's store has no room left.
    StoreFull = "store-full" SERVICE_UNAVAILABLE "The event log is full" in Scope::Any
        => "The event log has no room for anything new, and whoever operates the deployment knows it. Nothing was stored; what was accepted before is kept and goes on when there is room; reading and cancelling work meanwhile.",
        "Wait as long as `Retry-After` says and send the request again.",
    /// More requests at once than the server takes.
    Overloaded = "overloaded" SERVICE_UNAVAILABLE "The server is busy" in Scope::Any
        => "As many requests as the server takes at once are being worked on, or it is shutting down. Nothing was stored.",
        "Wait as long as `Retry-After` says and send the request again.",
    /// The answer took too long.
    DeadlineExceeded = "deadline-exceeded" GATEWAY_TIMEOUT "The answer took too long" in Scope::Any
        => "The request was not answered within its deadline.",
        "A command may still be carried out: send it again with the same idempotency key.",
}

impl Kind {
    /// The problem's type: a path that resolves to its page.
    #[must_use]
    pub fn path(self) -> String {
        format!("/problems/{}", self.slug())
    }

    /// The kind that tells most about a bare status: what the framework answers by itself.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::CONFLICT => Self::Conflict,
            StatusCode::UNPROCESSABLE_ENTITY => Self::Contradiction,
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
            StatusCode::FORBIDDEN => Self::Forbidden,
            _ => {
                let same = Self::ALL.iter().copied().find(|kind| kind.status() == status);
                let other = if status.is_client_error() { Self::Validation } else { Self::Internal };
                same.unwrap_or(other)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_kind_has_its_own_page_and_an_error_status() {
        let slugs: HashSet<_> = Kind::ALL.iter().map(|kind| kind.slug()).collect();
        assert_eq!(slugs.len(), Kind::ALL.len());
        for kind in Kind::ALL {
            assert!(kind.status().is_client_error() || kind.status().is_server_error(), "{kind:?}");
            assert!(kind.slug().bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{kind:?}");
        }
    }

    #[test]
    fn a_bare_status_keeps_its_class() {
        for code in 400..600 {
            let status = StatusCode::from_u16(code).unwrap();
            assert_eq!(Kind::of_status(status).status().is_client_error(), status.is_client_error(), "{code}");
        }
    }
}
