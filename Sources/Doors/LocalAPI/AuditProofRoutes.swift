internal import Audit
internal import HTTPTypes
internal import Hummingbird
internal import Primitives
internal import Sessions
internal import Witness

extension LocalAPI {
    /// Proofs hold hashes of salted traces and nothing else, so they are for everyone who may connect, as checkpoints are, and asking for
    /// one is no decision.
    func addAuditProofRoutes(to group: RouterGroup<CallContext>) {
        group.get("audit/proofs/inclusion") { request, context in
            _ = try context.caller()
            let query = request.uri.queryParameters
            let (seq, size) = (try Self.required(query.get("seq"), "seq"), try Self.number(query.get("size"), "size"))
            guard let proof = try await reading({ () async throws(LedgerFailure) in try await audit.inclusion(of: seq, size: size) }) else {
                throw await outside()
            }
            return Answer.json(proof.json)
        }
        group.get("audit/keys") { _, context in
            _ = try context.caller()
            return Answer.json(["keys": .array(try await reading { () async throws(LedgerFailure) in try await audit.keys() })])
        }
        // A key is the machine's own affair: no role reaches it.
        group.post("audit/keys") { _, context in
            let caller = try context.caller()
            do throws(Refusal) {
                guard caller.uid == 0 || caller.uid == facts.uid else { throw Refusal(.forbidden) }
                try caller.client.check(.audit)
            } catch {
                throw try await traced(error, .auditRefused, caller)
            }
            var draft = TraceDraft(.auditKeyChanged, .granted, at: time.now())
            draft.client = caller.json
            let trace = draft
            let key = try await reading { () async throws(LedgerFailure) in try await audit.rotateKey(trace) }
            witnesses.wake()
            return Answer.json(["key": .string(key)], status: .created)
        }
        group.get("audit/proofs/consistency") { request, context in
            _ = try context.caller()
            let query = request.uri.queryParameters
            let (from, size) = (try Self.required(query.get("from"), "from"), try Self.number(query.get("size"), "size"))
            guard let proof = try await reading({ () async throws(LedgerFailure) in try await audit.consistency(from: from, size: size) })
            else { throw await outside() }
            return Answer.json(proof.json)
        }
    }

    /// More was asked for than there is; `size` lets a program that holds a longer checkpoint see that this log is cut short.
    private func outside() async -> Refusal {
        let size = await ledger.head().size
        return Refusal(.invalidRequest, ["detail": .string("there are \(size) traces"), "size": .int(Int64(clamping: size))])
    }

    private static func required(_ text: String?, _ name: String) throws(Refusal) -> UInt64 {
        guard let number = try number(text, name) else { throw RequestFields.invalid("\(name) is missing") }
        return number
    }
}
