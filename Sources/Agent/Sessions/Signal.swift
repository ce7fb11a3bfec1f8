internal import Identity
package import Primitives

/// That a session ended before its time, for servers that took tokens of it (CAEP session-revoked, RFC 8936).
package struct Signal: Hashable, Sendable {
    /// `jti` of the event.
    package let id: String
    package let session: String
    /// National identifier of the person.
    package let subject: String
    package let reason: String
    package let at: Timestamp
    /// When no token of the session could be in force any more, and nobody needs to hear of it.
    package let until: Timestamp
    /// Services that tokens of it were for; `nil` where an earlier run of the agent gave them.
    package let audiences: [String]?
    /// Names of the servers that have acknowledged it.
    package var acknowledged: [String]

    package init(
        id: String, session: String, subject: String, reason: String, at: Timestamp, until: Timestamp, audiences: [String]?,
        acknowledged: [String] = []
    ) {
        self.id = id
        self.session = session
        self.subject = subject
        self.reason = reason
        self.at = at
        self.until = until
        self.audiences = audiences
        self.acknowledged = acknowledged
    }

    /// `nil` for what is none.
    package init?(_ json: JSON) {
        guard let id = json["id"]?.string, let session = json["session"]?.string, let subject = json["subject"]?.string,
            let reason = json["reason"]?.string, let at = json.time("at"), let until = json.time("until")
        else { return nil }
        self.init(
            id: id, session: session, subject: subject, reason: reason, at: at, until: until,
            audiences: json["audiences"]?.array?.compactMap(\.string),
            acknowledged: json["acknowledged"]?.array?.compactMap(\.string) ?? [])
    }

    package var json: JSON {
        [
            "id": .string(id), "session": .string(session), "subject": .string(subject), "reason": .string(reason),
            "at": .string(at.description), "until": .string(until.description),
            "audiences": audiences.map { .array($0.map(JSON.string)) } ?? .null,
            "acknowledged": .array(acknowledged.map(JSON.string)),
        ]
    }

    package var record: KeptRecord { KeptRecord(.signal, id, key: session, isOpen: true, json: json) }
}

extension SessionRegistry {
    /// What servers are to hear of a session that ends now; `nil` where none of them has taken a token of it.
    func signal(_ session: Session, _ audiences: Set<String>?, _ reason: Session.EndReason, at now: Timestamp) -> Signal? {
        guard settings.tellsServers, reason != .expired, audiences?.isEmpty != true else { return nil }
        return Signal(
            id: random.opaqueID(), session: session.id, subject: session.holder.nationalID.text, reason: reason.rawValue, at: now,
            until: max(session.expiresAt, now.advanced(bySeconds: 900)), audiences: audiences?.sorted())
    }
}
