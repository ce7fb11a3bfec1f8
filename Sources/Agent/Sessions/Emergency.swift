package import Primitives

/// An access that people are told of and that somebody else looks at afterwards: a declared emergency, or a session without the card
/// (promise P6).
package struct Emergency: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case breakGlass = "break_glass"
        /// A session without the card; its id is that of the session.
        case degraded
    }

    /// What a reviewer found.
    package struct Review: Hashable, Sendable {
        package enum Outcome: String, Hashable, Sendable, CaseIterable {
            case accepted, questioned
        }

        package let outcome: Outcome
        package let comment: String
        /// National identifier and name of the reviewer.
        package let by: String
        package let name: String
        package let at: Timestamp
        /// Whether the person looked at their own access, where nobody else works.
        package let isSelf: Bool

        package init(outcome: Outcome, comment: String, by: String, name: String, at: Timestamp, isSelf: Bool) {
            self.outcome = outcome
            self.comment = comment
            self.by = by
            self.name = name
            self.at = at
            self.isSelf = isSelf
        }
    }

    package let id: String
    package let kind: Kind
    package let session: String
    package let uid: UInt32
    /// Name of the program that it was declared with, for which alone rights are widened.
    package let client: String
    /// National identifier and name of who declared it.
    package let person: String
    package let name: String
    /// Of the session when it was declared: `card`, `mobile` or `degraded`.
    package let mode: String
    /// Code of why.
    package let reason: String
    /// What they said of it; may follow until the review.
    package var note: String?
    /// Reference of the patient as the application writes it, or `unknown`; `nil` for a session without the card.
    package let patient: String?
    /// National identifiers of who made the way in, confirmed it or vouched: they do not review its uses.
    package let makers: [String]
    package let declaredAt: Timestamp
    package var expiresAt: Timestamp
    package var endedAt: Timestamp?
    package var endReason: String?
    /// When the review is overdue.
    package let reviewDueAt: Timestamp
    /// Since when it has been told that it is overdue.
    package var overdueSince: Timestamp?
    package var review: Review?

    package init(
        id: String, kind: Kind, session: String, uid: UInt32, client: String, person: String, name: String, mode: String,
        reason: String, note: String?, patient: String?, makers: [String], declaredAt: Timestamp, expiresAt: Timestamp,
        reviewDueAt: Timestamp
    ) {
        self.id = id
        self.kind = kind
        self.session = session
        self.uid = uid
        self.client = client
        self.person = person
        self.name = name
        self.mode = mode
        self.reason = reason
        self.note = note
        self.patient = patient
        self.makers = makers
        self.declaredAt = declaredAt
        self.expiresAt = expiresAt
        self.reviewDueAt = reviewDueAt
    }

    package var isActive: Bool { endedAt == nil }

    /// As it is kept: open until it has ended and was reviewed.
    package var record: KeptRecord {
        KeptRecord(.emergency, id, key: person, isOpen: isActive || review == nil, json: json)
    }
}

extension Emergency {
    /// As callers and the store see it; absent values are `null`.
    package var json: JSON {
        [
            "id": .string(id), "kind": .string(kind.rawValue), "session": .string(session), "uid": .int(Int64(uid)),
            "client": .string(client), "person": ["national_id": .string(person), "name": .string(name)], "mode": .string(mode),
            "reason": .string(reason), "note": JSON(note), "patient": JSON(patient), "makers": .array(makers.map(JSON.string)),
            "declared_at": .string(declaredAt.description), "expires_at": .string(expiresAt.description),
            "ended_at": JSON(endedAt?.description), "end_reason": JSON(endReason),
            "review_due_at": .string(reviewDueAt.description), "overdue_since": JSON(overdueSince?.description),
            "review": review?.json ?? .null,
        ]
    }

    /// `nil` for what is none.
    package init?(_ json: JSON) {
        guard let id = json["id"]?.string, let kind = json["kind"]?.string.flatMap(Kind.init(rawValue:)),
            let session = json["session"]?.string, let uid = json["uid"]?.int.flatMap(UInt32.init(exactly:)),
            let client = json["client"]?.string, let person = json["person"]?["national_id"]?.string,
            let name = json["person"]?["name"]?.string, let mode = json["mode"]?.string, let reason = json["reason"]?.string,
            let makers = json["makers"]?.array?.compactMap(\.string), let declared = json.time("declared_at"),
            let expires = json.time("expires_at"), let due = json.time("review_due_at")
        else { return nil }
        self.init(
            id: id, kind: kind, session: session, uid: uid, client: client, person: person, name: name, mode: mode, reason: reason,
            note: json["note"]?.string, patient: json["patient"]?.string, makers: makers, declaredAt: declared, expiresAt: expires,
            reviewDueAt: due)
        endedAt = json.time("ended_at")
        endReason = json["end_reason"]?.string
        overdueSince = json.time("overdue_since")
        review = json["review"].flatMap { Review($0) }
    }
}

extension Emergency.Review {
    var json: JSON {
        [
            "outcome": .string(outcome.rawValue), "comment": .string(comment),
            "by": ["national_id": .string(by), "name": .string(name)], "at": .string(at.description), "self": .bool(isSelf),
        ]
    }

    init?(_ json: JSON) {
        guard let outcome = json["outcome"]?.string.flatMap(Outcome.init(rawValue:)), let comment = json["comment"]?.string,
            let by = json["by"]?["national_id"]?.string, let name = json["by"]?["name"]?.string, let at = json.time("at"),
            let isSelf = json["self"]?.bool
        else { return nil }
        self.init(outcome: outcome, comment: comment, by: by, name: name, at: at, isSelf: isSelf)
    }
}

extension JSON {
    /// The time under a name; `nil` where there is none.
    package func time(_ name: String) -> Timestamp? { self[name]?.string.flatMap { Timestamp($0) } }
}
