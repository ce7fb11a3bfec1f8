internal import Audit
internal import DegradedMode
internal import Identity
package import Primitives
package import Sessions

/// The setting of a password, from its beginning to its last secret.
struct PasswordEntry: Sendable {
    enum Purpose: Sendable {
        /// By the holder, in this session with their card.
        case enrolment(session: String)
        /// By who knows the password in force.
        case change(identifier: String)
    }

    let id: String
    let purpose: Purpose
    let uid: UInt32
    let expiresAt: Timestamp
    let deadline: Duration
    var current: Password?
    var new: Password?
    /// Whose account it is, once the password in force was right.
    var account: String?
    var isRunning = false

    /// Seconds that somebody may think of a password.
    static let life: Int64 = 300
    static let most = 64
    static let mostOfUser = 8

    /// What is still missing, as the API names it.
    var awaits: [String] {
        switch purpose {
        case .enrolment: ["password"]
        case .change: (account == nil && current == nil ? ["current_password"] : []) + (new == nil ? ["new_password"] : [])
        }
    }

    var json: JSON {
        [
            "id": .string(id), "state": "awaiting_password", "awaits": .array(awaits.map(JSON.string)),
            "expires_at": .string(expiresAt.description),
        ]
    }
}

extension AccountDesk {
    /// Which of the two an entry is of: each has routes of its own.
    package enum EntryKind: Sendable {
        case enrolment, change
    }

    /// The holder, at work with their card, begins to set a password.
    package func beginEnrolment(session id: String, by caller: Caller) async throws(Refusal) -> JSON {
        do throws(Refusal) {
            try caller.client.check(.login)
            try checkEnabled()
            let session = try await registry.atCard(in: id, of: caller)
            if let account = try await account(of: session.holder.nationalID.text), account.isDisabled { throw called(.accountDisabled) }
            return try begin(.enrolment(session: id), by: caller).json
        } catch {
            throw try await refused(error, .accountRefused, by: caller)
        }
    }

    /// Somebody begins to change a password by the one in force. The answer is the same whether there is such an account.
    package func beginChange(_ identifier: String, by caller: Caller) async throws(Refusal) -> JSON {
        do throws(Refusal) {
            try caller.client.check(.login)
            try checkEnabled()
            return try begin(.change(identifier: identifier), by: caller).json
        } catch {
            throw try await refused(error, .accountRefused, by: caller)
        }
    }

    package func entry(_ id: String, _ kind: EntryKind, for caller: Caller) throws(Refusal) -> JSON { try owned(id, kind, caller).json }

    package func cancel(_ id: String, _ kind: EntryKind, by caller: Caller) throws(Refusal) {
        entries[try owned(id, kind, caller).id] = nil
    }

    private func begin(_ purpose: PasswordEntry.Purpose, by caller: Caller) throws(Refusal) -> PasswordEntry {
        let boot = time.sinceBoot()
        entries = entries.filter { $0.value.deadline > boot || $0.value.isRunning }
        guard entries.count < PasswordEntry.most, entries.values.filter({ $0.uid == caller.uid }).count < PasswordEntry.mostOfUser else {
            throw Refusal(.rateLimited, ["retry_after": .int(PasswordEntry.life)])
        }
        let entry = PasswordEntry(
            id: random.opaqueID(), purpose: purpose, uid: caller.uid, expiresAt: time.now().advanced(bySeconds: PasswordEntry.life),
            deadline: boot + .seconds(PasswordEntry.life))
        entries[entry.id] = entry
        return entry
    }

    private func owned(_ id: String, _ kind: EntryKind, _ caller: Caller) throws(Refusal) -> PasswordEntry {
        guard let entry = entries[id], entry.uid == caller.uid || caller.uid == 0, entry.kind == kind else { throw Refusal(.loginNotFound) }
        guard entry.deadline > time.sinceBoot() || entry.isRunning else {
            entries[id] = nil
            throw Refusal(.loginExpired)
        }
        return entry
    }

    // MARK: Secrets

    /// Takes the password of an enrolment. One that is too weak may be followed by another.
    package func setPassword(_ secret: consuming Secret, of id: String, by caller: Caller) async throws(Refusal) -> JSON {
        do throws(Refusal) {
            let entry = try owned(id, .enrolment, caller)
            guard case .enrolment(let session) = entry.purpose else { throw Refusal(.loginNotFound) }
            let password = try typed(secret)
            try run(id)
            defer { entries[id]?.isRunning = false }
            let account = try await enrol(password, session: session, by: caller)
            entries[id] = nil
            return account.json
        } catch {
            throw try await refused(error, .accountRefused, by: caller)
        }
    }

    /// Takes one of the two passwords of a change; with the second it is done.
    package func give(_ secret: consuming Secret, asCurrent isCurrent: Bool, of id: String, by caller: Caller) async throws(Refusal) -> JSON
    {
        let entry: PasswordEntry
        do throws(Refusal) {
            var found = try owned(id, .change, caller)
            guard !found.isRunning else { throw Refusal(.loginState) }
            let password = try typed(secret)
            if isCurrent { found.current = password } else { found.new = password }
            entries[id] = found
            guard found.awaits.isEmpty else { return found.json }
            try run(id)
            entry = found
        } catch {
            throw try await refused(error, .accountRefused, by: caller)
        }
        defer { entries[id]?.isRunning = false }
        return try await change(entry, by: caller)
    }

    private func run(_ id: String) throws(Refusal) {
        guard entries[id]?.isRunning == false else { throw Refusal(.loginState) }
        entries[id]?.isRunning = true
    }
}

extension PasswordEntry {
    fileprivate var kind: AccountDesk.EntryKind {
        switch purpose {
        case .enrolment: .enrolment
        case .change: .change
        }
    }
}
