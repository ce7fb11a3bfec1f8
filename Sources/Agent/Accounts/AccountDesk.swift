internal import Audit
package import DegradedMode
internal import Habilitation
internal import Identity
package import Primitives
package import Sessions

/// Where accounts and their passwords are made, changed and checked. What an account is now is read from the store for each decision, and
/// written in one commit with its trace; changes take turns.
package actor AccountDesk {
    package struct Settings: Sendable {
        /// Whether anybody may come in without their card here.
        let isEnabled: Bool
        /// Whether one practitioner works here alone, so that nobody else could confirm.
        let isSolo: Bool
        /// Whom to call, for those who cannot come in.
        let contact: String?

        package init(isEnabled: Bool, isSolo: Bool = false, contact: String? = nil) {
            self.isEnabled = isEnabled
            self.isSolo = isSolo
            self.contact = contact
        }
    }

    let registry: SessionRegistry
    let ledger: any Ledger & RecordReading
    let hasher: PasswordHasher
    let time: any TimeSource
    /// With a wall clock that is never behind what somebody trusted has signed: for what ends by date.
    let floored: any TimeSource
    let random: any RandomSource
    let settings: Settings
    let report: @Sendable (String) -> Void

    var attempts = SlowDown()
    var entries: [String: PasswordEntry] = [:]
    let turns = Turns()

    package init(
        registry: SessionRegistry, ledger: any Ledger & RecordReading, hasher: PasswordHasher, time: any TimeSource,
        floored: any TimeSource, random: any RandomSource, settings: Settings, report: @escaping @Sendable (String) -> Void
    ) {
        self.registry = registry
        self.ledger = ledger
        self.hasher = hasher
        self.time = time
        self.floored = floored
        self.random = random
        self.settings = settings
        self.report = report
    }

    func checkEnabled() throws(Refusal) {
        guard settings.isEnabled else { throw called(.degradedDisabled) }
    }

    /// A refusal that says whom to call.
    func called(_ code: ErrorCode, _ members: [String: JSON] = [:]) -> Refusal {
        Refusal(code, members.merging(settings.contact.map { ["contact": .string($0)] } ?? [:]) { own, _ in own })
    }

    // MARK: Finding

    func account(_ id: String) async throws(Refusal) -> Account {
        guard id.utf8.count <= NationalID.lengthLimit,
            let found = try await reading({ () async throws(LedgerFailure) in try await ledger.record(.account, id) })
        else { throw Refusal(.accountNotFound) }
        return try decoded(found)
    }

    /// - Parameter person: the text of a national identifier.
    func account(of person: String) async throws(Refusal) -> Account? {
        let found = try await reading { () async throws(LedgerFailure) in try await ledger.records(.account, key: person) }.first
        guard let found else { return nil }
        return try decoded(found)
    }

    func decoded(_ record: KeptRecord) throws(Refusal) -> Account {
        guard let account = Account(stored: record.json) else {
            report("account \(record.id) cannot be read: its row is damaged")
            throw Refusal(.internalError)
        }
        return account
    }

    func reading<Value>(_ body: () async throws(LedgerFailure) -> Value) async throws(Refusal) -> Value {
        do throws(LedgerFailure) {
            return try await body()
        } catch {
            report("accounts cannot be read: \(error.reason)")
            throw Refusal(.traceUnavailable)
        }
    }

    // MARK: Changing

    /// Changes an account as it is now; what `body` decides on happens with its traces or not at all.
    func change(_ id: String, _ body: (inout Account) throws(Refusal) -> [TraceDraft]) async throws(Refusal) -> Account {
        await turns.take()
        defer { turns.pass() }
        var account = try await account(id)
        let drafts = try body(&account)
        try await commit(drafts, [.keep(account.record)])
        return account
    }

    func commit(_ drafts: [TraceDraft], _ effects: [Effect]) async throws(Refusal) {
        do throws(LedgerFailure) {
            _ = try await ledger.commit(drafts, effects)
        } catch {
            report("decision refused, its trace could not be written: \(error.reason)")
            throw Refusal(.traceUnavailable)
        }
    }

    // MARK: Passwords

    func typed(_ secret: consuming Secret) throws(Refusal) -> Password {
        do throws(PasswordFault) {
            return try Password(secret)
        } catch {
            throw Refusal(.passwordFormat, ["reason": .string(error.rawValue)])
        }
    }

    func hash(_ password: Password, of account: String) async throws(Refusal) -> PasswordHash {
        do throws(PasswordHasher.Failure) { return try await hasher.hash(password, of: account) } catch { throw error.refusal }
    }

    /// Refuses a new password that is too weak for this person. What the person may do with their card decides how strong it has to be.
    func judge(_ password: Password, for account: Account, by caller: Caller) async throws(Refusal) {
        let rights = registry.rights(of: account.holder, mode: .card, profile: nil, client: caller.client.name)
        let subject = account.subject(isAdministrator: rights.grants(.accountManage))
        let fault: PasswordFault?
        do throws(PasswordHasher.Failure) {
            fault = try await hasher.fault(of: password, for: subject, used: account.usedHashes, of: account.id)
        } catch {
            throw error.refusal
        }
        if let fault { throw Refusal(.passwordWeak, ["reason": .string(fault.rawValue)]) }
    }
}

extension PasswordHasher.Failure {
    var refusal: Refusal {
        switch self {
        case .busy, .unavailable: Refusal(.hashingBusy, ["retry_after": 2])
        case .dictionaryMissing: Refusal(.dictionaryMissing)
        }
    }
}

extension Account {
    /// As it is kept: open while somebody has to confirm.
    var record: KeptRecord { KeptRecord(.account, id, key: person.text, isOpen: pending != nil, json: stored) }
}
