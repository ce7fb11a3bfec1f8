internal import APIContract
internal import Audit
internal import Foundation
internal import HTTPTypes
internal import Habilitation
internal import Hummingbird
internal import Identity
internal import Primitives
internal import Sessions

extension LocalAPI {
    func addAuditRoutes(to group: RouterGroup<CallContext>) {
        // Traces as stored, one a line: the exact bytes that were hashed.
        group.get("audit/traces") { request, context in
            let caller = try context.caller()
            var reading = try AuditReadingRequest(request.uri.queryParameters)
            // Reading about oneself is a plain read; reading about others is a decision.
            switch try await readable(caller) {
            case .whole(let duty):
                var detail = reading.query.json
                if let form = reading.form { detail = detail.with("form", .string(form)) }
                try await note(reading.form == nil ? .auditRead : .auditExported, caller, detail, by: duty)
            case .about(let person):
                guard reading.query.person ?? person == person else { throw try await traced(Refusal(.forbidden), .auditRefused, caller) }
                reading.query.person = person
            }
            let query = reading.query
            let page = try await self.reading { () async throws(LedgerFailure) in try await audit.search(query) }
            var answer = Answer.bytes(page.leaves.flatMap { $0 + [0x0A] }, type: "application/x-ndjson")
            if let next = page.next, let field = HTTPField.Name(API.nextField) { answer.headers[field] = String(next) }
            return answer
        }
        group.get("audit/checkpoint") { _, context in
            _ = try context.caller()
            return Answer.text(try await reading { () async throws(LedgerFailure) in try await audit.checkpoint() })
        }
        group.get("audit/key") { _, context in
            _ = try context.caller()
            return Answer.text(audit.verificationKey + "\n")
        }
        // What an export needs beside its traces.
        group.get("audit/manifest") { request, context in
            let caller = try context.caller()
            let duty = try await requireWholeLog(caller)
            let query = request.uri.queryParameters
            let (from, to) = (try Self.number(query.get("from"), "from"), try Self.number(query.get("to"), "to"))
            let size = await ledger.head().size
            guard size > 0, from ?? 0 <= to ?? (size - 1), to ?? 0 < size else { throw RequestFields.invalid("there are \(size) traces") }
            try await note(.auditExported, caller, ["from": .int(Int64(from ?? 0)), "to": .int(Int64(to ?? (size - 1)))], by: duty)
            let range = (from ?? 0)...(to ?? (size - 1))
            guard let found = try await reading({ () async throws(LedgerFailure) in try await audit.manifest(range) }) else {
                throw RequestFields.invalid("no such range")
            }
            let stamps = try await reading { () async throws(LedgerFailure) in try await audit.stamps(upTo: found.manifest.size) }
            let manifest = try JSONDecoder().decode(JSON.self, from: Data(found.manifest.bytes))
            return Answer.json([
                "manifest": manifest, "checkpoint": .string(found.note), "key": .string(audit.verificationKey),
                "timestamps": .array(
                    stamps.map { stamp in
                        [
                            "size": .int(Int64(clamping: stamp.size)), "checkpoint": .string(stamp.note),
                            "response": .string(StandardBase64.encode(stamp.response)),
                        ]
                    }),
            ])
        }
        group.post("audit/verifications") { request, context in
            let caller = try context.caller()
            let isWatched = try Self.isFalse(request.uri.queryParameters.get("wait"), "wait")
            let duty = try await requireWholeLog(caller)
            if isWatched {
                let draft = draft(.auditVerified, caller, duty.map { ["rules": .array($0.rules.map(\.json))] }, by: duty)
                return Answer.json(try await verifications.begin(draft, of: caller.uid), status: .accepted)
            }
            let result = try await reading { () async throws(LedgerFailure) in try await audit.check { _, _ in } }
            try await note(.auditVerified, caller, result.detail, by: duty, result.isSound ? .granted : .failed)
            guard case .broken(let first, let reason) = result else { return Answer.json(result.json) }
            var members: [String: JSON] = ["detail": .string(reason)]
            members["first_bad"] = first.map { .int(Int64($0)) }
            throw Refusal(.traceInvalid, members)
        }
        group.get("audit/verifications/:id") { request, context in
            let caller = try context.caller()
            let isQuick = try Self.isFalse(request.uri.queryParameters.get("wait"), "wait")
            let id = try context.parameter("id")
            return Answer.json(try await verifications.state(id, of: caller.uid, isPatient: !isQuick))
        }
        group.delete("audit/verifications/:id") { _, context in
            let caller = try context.caller()
            try await verifications.cancel(try context.parameter("id"), of: caller.uid)
            return Answer.nothing
        }
    }

    /// By whose role the log is read, and by which rules; `nil` for the machine's own users.
    private typealias Duty = (session: Session, rules: [Rule])?

    private enum Readable {
        case whole(by: Duty)
        /// A national identifier.
        case about(String)
    }

    /// What a caller may read: the whole log, else the traces about the holder of a live session of theirs.
    private func readable(_ caller: Caller) async throws(Refusal) -> Readable {
        do throws(Refusal) {
            return .whole(by: try await wholeLog(caller))
        } catch {
            guard let session = await registry.sessions(for: caller).first(where: { $0.uid == caller.uid }) else {
                throw try await traced(error, .auditRefused, caller)
            }
            return .about(session.holder.nationalID.text)
        }
    }

    private func requireWholeLog(_ caller: Caller) async throws(Refusal) -> Duty {
        do throws(Refusal) { return try await wholeLog(caller) } catch { throw try await traced(error, .auditRefused, caller) }
    }

    /// Whether a caller may read the whole log: as a user of the machine, or for somebody at work whose role it is; and as a program.
    private func wholeLog(_ caller: Caller) async throws(Refusal) -> Duty {
        var duty: Duty = nil
        if caller.uid != 0, caller.uid != facts.uid {
            duty = await registry.duty(.auditRead, of: caller)
            if duty == nil { throw Refusal(.forbidden) }
        }
        try caller.client.check(.audit)
        return duty
    }

    private func note(
        _ event: TraceEvent, _ caller: Caller, _ detail: JSON, by duty: Duty, _ outcome: TraceOutcome = .granted
    ) async throws(Refusal) {
        let detail = duty.map { detail.with("rules", .array($0.rules.map(\.json))) } ?? detail
        var draft = draft(event, caller, detail, by: duty)
        draft.outcome = outcome
        do throws(LedgerFailure) { _ = try await ledger.commit([draft], []) } catch { throw Refusal(.traceUnavailable) }
    }

    private func draft(_ event: TraceEvent, _ caller: Caller, _ detail: JSON?, by duty: Duty) -> TraceDraft {
        var draft = TraceDraft(event, .granted, at: time.now())
        draft.client = caller.json
        draft.actor = duty?.session.holder.actor
        draft.session = duty?.session.id
        draft.detail = detail
        return draft
    }

    func reading<Result>(_ body: () async throws(LedgerFailure) -> Result) async throws(Refusal) -> Result {
        do throws(LedgerFailure) { return try await body() } catch { throw Refusal(.traceUnavailable) }
    }

    static func number(_ text: String?, _ name: String) throws(Refusal) -> UInt64? {
        guard let text else { return nil }
        guard let value = UInt64(text), value < 1 << 53 else { throw RequestFields.invalid("\(name) is not a sequence number") }
        return value
    }

    /// Whether a switch is `false`; it is true when it is not there.
    private static func isFalse(_ text: String?, _ name: String) throws(Refusal) -> Bool {
        guard let text else { return false }
        guard text == "true" || text == "false" else { throw RequestFields.invalid("\(name) is neither true nor false") }
        return text == "false"
    }
}
