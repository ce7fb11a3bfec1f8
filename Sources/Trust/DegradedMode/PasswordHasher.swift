internal import Dispatch
package import Primitives
internal import Synchronization

/// Hashes passwords and compares them, one at a time on a queue of its own, so that a flood of attempts takes one core and bounded memory
/// and never the threads that card logins need.
package final class PasswordHasher: Sendable {
    package enum Failure: Error, Hashable, Sendable {
        /// Too many are waiting: try again in a few seconds.
        case busy
        /// No memory to compute with.
        case unavailable
        case dictionaryMissing
    }

    /// What a comparison found.
    package enum Finding: Hashable, Sendable {
        /// The password is right; whether its hash should be made anew at today's cost.
        case fits(isOutdated: Bool)
        /// Wrong, or there is no such account.
        case doesNotFit
        /// The hash needs a pepper that this machine no longer has.
        case pepperLost
    }

    private let pepper: Pepper
    private let cost: HashCost
    private let derivation: any KeyDerivation
    private let random: any RandomSource
    private let dictionary: String?
    private let mostWaiting: Int
    private let waiting = Mutex(0)
    private let queue = DispatchQueue(label: "cps-agent.passwords")
    /// What is compared with where there is no account: no password has this tag.
    private let nobody: PasswordHash

    /// - Parameters:
    ///   - dictionary: path for ``DictionaryCheck``; `nil` for the system's.
    ///   - mostWaiting: comparisons and checks that are under way or wait; about 0.2 s each.
    package init(
        pepper: Pepper, cost: HashCost = .standard, derivation: any KeyDerivation = Argon2id(), random: any RandomSource,
        dictionary: String? = nil, mostWaiting: Int = 8
    ) {
        self.pepper = pepper
        self.cost = cost
        self.derivation = derivation
        self.random = random
        self.dictionary = dictionary
        self.mostWaiting = mostWaiting
        nobody = PasswordHash(
            cost: cost, pepperID: pepper.id, salt: random.bytes(PasswordHash.saltLength), tag: random.bytes(PasswordHash.tagLength))
    }

    /// - Parameter account: id of the account it is for: in another row of the database the hash fits nothing.
    package func hash(_ password: Password, of account: String) async throws(Failure) -> PasswordHash {
        try await inTurn { () throws(Failure) in
            let salt = self.random.bytes(PasswordHash.saltLength)
            let tag = try self.tag(of: password, account, salt: salt, cost: self.cost)
            return PasswordHash(cost: self.cost, pepperID: self.pepper.id, salt: salt, tag: tag)
        }
    }

    /// Compares with the hash of an account, or with nothing at the same cost where there is none.
    package func compare(_ password: Password, with hash: PasswordHash?, of account: String) async throws(Failure) -> Finding {
        try await inTurn { () throws(Failure) in try self.finding(password, account, hash ?? self.nobody) }
    }

    /// Whether a new password may be taken: by the rules, the dictionaries and the last ones of the account.
    ///
    /// - Parameter used: earlier hashes; each costs as much as a comparison.
    package func fault(
        of password: Password, for subject: PasswordSubject, used: [PasswordHash], of account: String
    ) async throws(Failure) -> PasswordFault? {
        if let fault = PasswordPolicy.fault(of: password, for: subject) { return fault }
        return try await inTurn { () throws(Failure) in
            do throws(DictionaryCheck.Missing) {
                if let fault = try DictionaryCheck.fault(of: password, path: self.dictionary, random: self.random) { return fault }
            } catch {
                throw .dictionaryMissing
            }
            for hash in used {
                if case .fits = try self.finding(password, account, hash) { return .usedBefore }
            }
            return nil
        }
    }

    /// Whether a hash was made with the pepper that this machine has.
    package func knowsPepper(of hash: PasswordHash) -> Bool { hash.pepperID == pepper.id }

    private func finding(_ password: Password, _ account: String, _ hash: PasswordHash) throws(Failure) -> Finding {
        let tag = try tag(of: password, account, salt: hash.salt, cost: hash.cost)
        guard hash.pepperID == pepper.id else { return .pepperLost }
        var difference: UInt8 = 0
        for (left, right) in zip(tag, hash.tag) { difference |= left ^ right }
        return difference == 0 ? .fits(isOutdated: hash.cost != cost) : .doesNotFit
    }

    private func tag(of password: Password, _ account: String, salt: [UInt8], cost: HashCost) throws(Failure) -> [UInt8] {
        let tag = derivation.tag(
            of: password.text, salt: salt, key: pepper.key, data: Array(account.utf8), cost: cost, length: PasswordHash.tagLength)
        guard let tag, tag.count == PasswordHash.tagLength else { throw .unavailable }
        return tag
    }

    private func inTurn<Value: Sendable>(_ work: @escaping @Sendable () throws(Failure) -> Value) async throws(Failure) -> Value {
        let isTaken = waiting.withLock { waiting in
            guard waiting < mostWaiting else { return false }
            waiting += 1
            return true
        }
        guard isTaken else { throw .busy }
        defer { waiting.withLock { $0 -= 1 } }
        let result: Result<Value, Failure> = await queue.perform {
            do throws(Failure) { return .success(try work()) } catch { return .failure(error) }
        }
        return try result.get()
    }
}
