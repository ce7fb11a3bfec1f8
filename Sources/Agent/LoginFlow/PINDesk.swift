internal import Audit
internal import CardDrivers
internal import Identity
package import Primitives
package import Sessions
internal import SmartCard

/// Where the PIN of a card is changed or unblocked. The same desk as that of the logins, since both need a reader for themselves.
extension LoginDesk {
    /// Begins an operation: from here on its codes are awaited. Every refusal is traced.
    ///
    /// The card's certificate has to be trusted as for a login: no code is asked for a card that anybody can make.
    package func beginPIN(_ operation: PINOperation, reader: String?, by caller: Caller) async throws(Refusal) -> JSON {
        let request = LoginRequest(reader: reader, token: nil, forUID: nil, resumes: nil)
        do throws(Refusal) {
            try caller.client.check(.pin)
        } catch {
            throw await refused(error, .pin(operation), request, caller, nil)
        }
        return try await begin(request, for: .pin(operation), by: caller).pinAnswer
    }

    package func pin(_ operation: PINOperation, _ id: String, for caller: Caller) async throws(Refusal) -> JSON {
        await expire()
        return try owned(id, caller, .pin(operation)).pinAnswer
    }

    package func cancelPIN(_ operation: PINOperation, _ id: String, by caller: Caller) async throws(Refusal) {
        try await cancel(id, .pin(operation), by: caller)
    }

    /// Takes a code; with the last one the card is asked. At most one try of the card is spent, as at a login.
    ///
    /// A code that the card refused has to be given again; the other one is kept for it. Every refusal is traced.
    package func give(
        _ secret: consuming Secret, as code: PINOperation.Code, to operation: PINOperation, _ id: String, acceptLastTry: String?,
        by caller: Caller
    ) async throws(Refusal) -> JSON {
        await expire()
        let held = HeldCode(secret)
        var known: Login?
        let login: Login
        do throws(Refusal) {
            let found = try owned(id, caller, .pin(operation))
            known = found
            try caller.client.check(.pin)
            login = try take(held, code, operation, found, acceptLastTry)
        } catch {
            throw await notTried(error, known, caller)
        }
        guard login.state == .verifying else { return login.pinAnswer }
        return try await run(operation, login)
    }

    /// What a PIN operation shows and stakes: the tries of the code that it needs.
    func staking(_ login: Login, _ operation: PINOperation) async throws(Refusal) -> Login {
        var login = login
        let counters: CodeCounters
        do throws(CardError) {
            counters = try await board.counters(login.reading, login.insertion)
        } catch {
            throw error.refusal
        }
        login.counters = counters
        switch operation {
        case .change:
            guard counters.pin.triesLeft != 0 else { throw Refusal(.pinBlocked, ["tries_left": 0]) }
            show(&login, triesLeft: counters.pin.triesLeft)
        case .unblock:
            guard let puk = counters.puk else { throw Refusal(.pukMissing) }
            guard puk.usesLeft != 0 else { throw Refusal(.pukExhausted) }
            guard puk.triesLeft != 0 else { throw Refusal(.pukBlocked, ["tries_left": 0]) }
            show(&login, triesLeft: puk.triesLeft)
        }
        return login
    }

    /// Decides whether a code is taken. Nothing else runs in between.
    private func take(
        _ held: HeldCode, _ code: PINOperation.Code, _ operation: PINOperation, _ found: Login, _ acceptLastTry: String?
    ) throws(Refusal) -> Login {
        var login = found
        if let refusal = login.refusal { throw refusal }
        guard operation.codes.contains(code) else { throw Refusal(.notFound) }
        let content = login.reading.content
        switch code {
        case .current: guard CPSCard.isWellFormed(held.secret, for: content.pin) else { throw Refusal(.pinFormat) }
        case .new: guard CPSCard.isWellFormed(held.secret, for: content.pin) else { throw Refusal(.pinNewFormat) }
        case .puk: guard CPSCard.isWellFormed(held.secret, asPUKFor: content) else { throw Refusal(.pukFormat) }
        }
        if code == operation.staked, let consent = login.lastTryConsent {
            guard consent == acceptLastTry else {
                show(&login, triesLeft: login.triesShown)
                logins[login.id] = login
                throw Refusal(.lastTryConsentRequired, login.triesMembers)
            }
            login.lastTryConsent = nil
        }
        login.codes[code] = held
        if operation.codes.allSatisfy({ login.codes[$0] != nil }) { login.state = .verifying }
        logins[login.id] = login
        return login
    }

    private func run(_ operation: PINOperation, _ login: Login) async throws(Refusal) -> JSON {
        guard let staked = login.codes[operation.staked], let new = login.codes[.new] else { throw Refusal(.loginState) }
        logins[login.id]?.codes = [:]
        let (insertion, content, shown, afterUse) = (login.insertion, login.reading.content, login.triesShown, settings.afterUse)
        do throws(CardError) {
            try await access.transaction(with: insertion, rereads: false, deadline: Self.pinDeadline) {
                channel throws(CardError) in
                let card = try CPSCard(channel, atr: insertion.atr)
                switch operation {
                case .change:
                    try card.changePIN(content, old: staked.secret, new: new.secret, triesShown: shown, afterUse: afterUse)
                case .unblock:
                    try card.unblockPIN(content, puk: staked.secret, new: new.secret, triesShown: shown, afterUse: afterUse)
                }
            }
        } catch {
            throw await refusedByCard(error, login)
        }
        await board.note(triesLeft: nil, insertion: insertion.id)
        let isWritten = await registry.record([trace(login, operation.done, .granted)], as: .ending)
        // The card has taken the new PIN; tries that cannot be read again now are shown as unknown.
        logins[login.id]?.counters = try? await board.counters(login.reading, insertion)
        finish(login.id, .done, nil)
        guard isWritten else { throw Refusal(.traceUnavailable) }
        return try owned(login.id, login.caller, .pin(operation)).pinAnswer
    }
}

extension Login {
    /// A PIN operation as the answer to its caller shows it, with the consent to a last try.
    var pinAnswer: JSON {
        guard case .pin(let operation) = purpose else { return .null }
        // `verifying` is between two states of the closed list, as at a login.
        let shown = state == .verifying ? .awaitingPIN : state
        let (content, missing) = (reading.content, operation.codes.filter { codes[$0] == nil })
        return .members([
            "id": .string(id), "state": .string(shown.rawValue), "operation": .string(operation.rawValue),
            "awaits": .array(state == .awaitingPIN ? missing.map { .string($0.rawValue) } : []),
            "reader": .string(view.reader.name), "reader_id": .string(view.id), "insertion": .string(insertion.id),
            "uid": .int(Int64(caller.uid)),
            "card": [
                "generation": .string(content.identity.generation.rawValue), "serial": .string(content.identity.serial.digits),
            ],
            "holder": holder.json, "test": .bool(holder.isTest),
            "pin": content.pinJSON(counters?.pin), "puk": counters?.puk.map(\.json) ?? .null,
            "expires_at": .string(expiresAt.description),
            "code": failure.map { .string($0.code.rawValue) },
            "last_try_consent": lastTryConsent.map(JSON.string),
        ])
    }
}

extension CardContent {
    /// What a PIN of this card looks like, and what is left of its tries.
    func pinJSON(_ counter: CodeCounter?) -> JSON {
        [
            "tries_left": counter?.triesLeft.map { .int(Int64($0)) } ?? "unknown",
            "minimum_length": .int(Int64(pin.minimumLength)), "maximum_length": .int(Int64(pin.maximumLength)),
        ]
    }
}

extension CodeCounter {
    var json: JSON {
        [
            "tries_left": triesLeft.map { .int(Int64($0)) } ?? "unknown", "uses_left": usesLeft.map { .int(Int64($0)) } ?? "unknown",
        ]
    }
}
