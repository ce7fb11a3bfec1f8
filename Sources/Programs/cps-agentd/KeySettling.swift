import Audit
import Logging
import Primitives
import Sessions
import Store
import Witness

/// Compares the log with what anchors have of it, before anybody is served, and settles which key it is signed with.
struct KeySettling {
    let log: TraceLog
    let keyring: LogKeyring
    let witnesses: Witnesses
    let time: any TimeSource
    let logger: Logger

    /// How long an anchor may take to show what it has.
    private static let patience = Duration.seconds(5)

    /// - Returns: whether the log was rolled back; it then has a new name and a new key.
    func settle() async throws -> Bool {
        do {
            if let rollback = try await rollback() {
                try await beginAnew(rollback)
                return true
            }
            try await keyring.settle(log, TraceDraft(.auditKeyChanged, .info, at: time.now()))
            return false
        } catch {
            throw StartFailure("the key of the log: \(error)")
        }
    }

    private func rollback() async throws -> Rollback? {
        let keys = try await keyring.known().map(\.verifier) + [log.signer.verifier]
        let log = log
        let check = RollbackCheck(origin: log.signer.name, size: log.head.size) { size throws(LedgerFailure) in
            do throws(StoreError) { return try await log.root(size: size) } catch { throw LedgerFailure(reason: "\(error)") }
        }
        for anchor in witnesses.anchors {
            let target = anchor.target
            let answer = await abandoning(after: Self.patience) { () -> Result<KeptCheckpoints?, FetchFailure> in
                do throws(FetchFailure) { return .success(try await target.kept(signedBy: keys)) } catch { return .failure(error) }
            }
            switch answer ?? .failure(.tooSlow) {
            case .success(let kept?): if let found = try await check.compare(kept, of: target.name) { return found }
            case .success(nil): continue
            case .failure(let failure):
                logger.warning(
                    "an anchor could not be read at start", metadata: ["anchor": "\(target.name)", "reason": "\(failure.reason)"])
            }
        }
        return nil
    }

    private func beginAnew(_ rollback: Rollback) async throws {
        let now = time.now()
        var draft = TraceDraft(.auditRolledBack, .failed, at: now)
        draft.detail = [
            "anchor": .string(rollback.anchor), "first": .int(Int64(clamping: rollback.range.lowerBound)),
            "last": .int(Int64(clamping: rollback.range.upperBound)),
            "checkpoint_size": .int(Int64(clamping: rollback.checkpoint.size)),
            "checkpoint_root": .string(rollback.checkpoint.root.base64), "signed": .bool(rollback.isSigned),
        ]
        logger.critical(
            "the log was rolled back",
            metadata: [
                "anchor": "\(rollback.anchor)", "first": "\(rollback.range.lowerBound)", "last": "\(rollback.range.upperBound)",
            ])
        try await keyring.beginAnew(log, suffix: now.description, draft)
    }
}
