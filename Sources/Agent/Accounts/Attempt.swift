internal import DegradedMode
internal import Primitives
internal import Sessions

/// One attempt of a password: at whose account, from where.
struct Attempt: Hashable, Sendable {
    /// All that name nobody share their failures. No identifier is so short.
    static let unreadable = "?"

    let person: String
    /// A user of this machine.
    let source: String

    static func sourceRow(_ source: String) -> String { "source:\(source)" }
    static func accountRow(_ account: String) -> String { "account:\(account)" }

    /// Counters as they are to be kept. Those of an account that does not exist are kept in memory alone.
    func rows(_ attempts: SlowDown, _ account: String?, at moment: SlowDown.Moment) -> [Effect] {
        let ofSource = Self.effect(Self.sourceRow(source), key: source, attempts.stored(source: source, at: moment))
        guard let account else { return [ofSource] }
        return [ofSource, Self.effect(Self.accountRow(account), key: account, attempts.stored(account: person, at: moment))]
    }

    /// Takes the attempt back as a right one; gives the counters that are to be kept now, nothing where they are as they were.
    func succeed(_ attempts: inout SlowDown, _ account: String, at moment: SlowDown.Moment) -> [Effect] {
        var before = attempts
        before.giveBack(person, from: source)
        attempts.succeed(person, from: source)
        let isSame =
            before.stored(account: person, at: moment) == attempts.stored(account: person, at: moment)
            && before.stored(source: source, at: moment) == attempts.stored(source: source, at: moment)
        return isSame ? [] : rows(attempts, account, at: moment)
    }

    static func effect(_ row: String, key: String, _ json: JSON?) -> Effect {
        json.map { .keep(KeptRecord(.attempts, row, key: key, isOpen: false, json: $0)) } ?? .forget(.attempts, id: row)
    }
}

extension AccountDesk {
    /// Takes in what earlier runs have counted, unless this one has counted since.
    func recall(_ attempt: Attempt, _ known: Account?) async throws(Refusal) {
        let accountRow = Attempt.accountRow(known?.id ?? Attempt.unreadable)
        let sourceRow = Attempt.sourceRow(attempt.source)
        let (ofAccount, ofSource) = try await reading { () async throws(LedgerFailure) in
            (try await ledger.record(.attempts, accountRow), try await ledger.record(.attempts, sourceRow))
        }
        let moment = SlowDown.Moment(floored)
        if let ofAccount, known != nil, !attempts.knows(account: attempt.person) {
            if !attempts.restore(account: attempt.person, ofAccount.json, at: moment) {
                report("the row \(accountRow) of attempts is damaged")
            }
        }
        if let ofSource, !attempts.knows(source: attempt.source) {
            if !attempts.restore(source: attempt.source, ofSource.json, at: moment) {
                report("the row \(sourceRow) of attempts is damaged")
            }
        }
    }
}
