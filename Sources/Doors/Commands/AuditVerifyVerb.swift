import APIContract
import AgentClient
import ArgumentParser
import Audit
import PKI
import Primitives
import Signatures

struct AuditVerifyVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: Help.text(
            "Check the agent's whole log, or an export without the agent.",
            "Vérifier tout le journal de l'agent, ou un export sans l'agent."))

    @OptionGroup var global: GlobalOptions

    @Option(
        help: Help.argument("Folder of an export; it is checked without the agent.", "Dossier d'un export ; il est vérifié sans l'agent."))
    var bundle: ResourceID?

    @Option(
        help: Help.argument(
            "The key that the log is known by; else the one inside the export, and the result is self-asserted.",
            "La clé connue du journal ; sinon celle de l'export, et le résultat ne vaut que par elle."))
    var key: ResourceID?

    @Option(
        help: Help.argument(
            "File of checkpoints that were kept, such as an anchor's; the log has to begin with each of them.",
            "Fichier de têtes signées qui ont été gardées, celui d'une ancre par exemple ; le journal doit commencer par chacune."))
    var against: ResourceID?

    @Option(
        help: Help.argument(
            "File of the certificates above the time-stamping authority (PEM): its stamps in the export are checked.",
            "Fichier des certificats de l'autorité d'horodatage (PEM) : ses jetons dans l'export sont vérifiés."))
    var timestampAnchors: ResourceID?

    @Flag(
        help: Help.argument(
            "Check what each login of the export left as evidence; needs --anchors.",
            "Vérifier la preuve laissée par chaque connexion de l'export ; demande --anchors."))
    var evidence = false

    @Option(
        help: Help.argument("Folder of the authorities that cards are trusted by.", "Dossier des autorités dont dépendent les cartes."))
    var anchors: ResourceID?

    func validate() throws {
        if timestampAnchors != nil || evidence, bundle == nil { throw ValidationError("--timestamp-anchors and --evidence need --bundle") }
        if evidence != (anchors != nil) { throw ValidationError("--evidence and --anchors need each other") }
        if key != nil, bundle == nil, against == nil { throw ValidationError("--key needs --bundle or --against") }
    }

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        if let bundle { try offline(bundle.text, tool) } else { try online(tool) }
        return .done
    }

    private func online(_ tool: Tool) throws(Problem) {
        let answer = try watched(tool)
        let compared = try against.map { file throws(Problem) in try compare(file.text, tool) }
        try tool.output.show(answer) {
            let facts = [Sentence.verified(answer["size"]?.int ?? 0)] + (compared.map { [Sentence.agreesWithKept($0)] } ?? [])
            return facts.map { $0.in(tool.output.language) }
        }
    }

    /// Has the agent check its log; a person sees how far it is.
    private func watched(_ tool: Tool) throws(Problem) -> JSON {
        var check = try tool.client.send(AgentRequest(.post, ["audit", "verifications"], query: [("wait", "false")])).json()
        // An agent of before knows no other answer than the result.
        guard let id = check["id"]?.string else { return check }
        let progress = VerificationProgress(tool)
        while check["state"] == "running" {
            progress.tell(check["done"]?.int ?? 0, check["of"]?.int ?? 0)
            check = try tool.get("audit", "verifications", id)
        }
        progress.end()
        guard check["state"] == "done", let result = check["result"] else { throw tool.output.problem(.traceUnavailable) }
        if result["valid"] == true { return result }
        var members: [String: JSON] = [:]
        for name in ["detail", "first_bad"] { members[name] = result[name] }
        throw tool.output.problem(.traceInvalid, members)
    }

    /// Compares the log with checkpoints that were kept: the newest has to be a beginning of it, which then holds for all.
    private func compare(_ file: String, _ tool: Tool) throws(Problem) -> Checkpoint {
        let keys = try LogKeys(key, tool)
        let kept = try keys.kept(in: file, tool).checkpoints
        guard let newest = kept.last else { throw tool.output.problem(.invalidRequest) }
        if try agrees(newest, keys, tool) { return newest }
        throw AuditProveVerb.rewritten(before: newest.size, agreed: try lastAgreeing(kept, keys, tool), tool)
    }

    private func agrees(_ checkpoint: Checkpoint, _ keys: LogKeys, _ tool: Tool) throws(Problem) -> Bool {
        try AuditProveVerb.consistency(from: checkpoint.size, keys, tool).holds(for: checkpoint.root)
    }

    /// The size of the last checkpoint that the log agrees with, found by halving; 0 when it agrees with none.
    private func lastAgreeing(_ kept: [Checkpoint], _ keys: LogKeys, _ tool: Tool) throws(Problem) -> UInt64 {
        var (good, bad) = (-1, kept.count - 1)
        while bad - good > 1 {
            let middle = (good + bad) / 2
            if try agrees(kept[middle], keys, tool) { good = middle } else { bad = middle }
        }
        return good >= 0 ? kept[good].size : 0
    }

    private func offline(_ folder: String, _ tool: Tool) throws(Problem) {
        var verifier: NoteVerifier?
        if let key {
            do throws(NoteError) {
                verifier = try NoteVerifier(vkey: key.text)
            } catch {
                throw tool.output.problem(.invalidRequest, LogKeys.malformed)
            }
        }
        var check = try anchors.map { folder throws(Problem) in EvidenceCheck(try Self.trust(folder.text, tool)) }
        let report = try Self.verified(folder, verifier, against: against?.text, evidence: &check, tool)
        let stamps = try stamps(folder, tool)
        let (first, last) = (report.range.lowerBound, report.range.upperBound)
        var document: [String: JSON] = [
            "valid": true, "first": .int(Int64(clamping: first)), "last": .int(Int64(clamping: last)),
            "size": .int(Int64(clamping: report.checkpoint.size)), "root": .string(Hex.encode(report.checkpoint.root.bytes)),
            "origin": .string(report.checkpoint.origin), "key_name": .string(report.keyName), "self_asserted": .bool(report.isSelfAsserted),
            "dropped": .int(Int64(clamping: report.dropped)),
        ]
        document["logins_proven"] = check.map { .int(Int64($0.logins)) }
        document["timestamps"] = stamps.map(JSON.array)
        try tool.output.show(.object(document)) {
            let dropped = report.dropped > 0 ? [Sentence.bodiesDropped(Int64(clamping: report.dropped))] : []
            let facts =
                [Sentence.bundleVerified(first, last, report.keyName)] + dropped + (report.isSelfAsserted ? [Sentence.selfAsserted] : [])
            return facts.map { $0.in(tool.output.language) }
        }
    }

    /// Checks an export; a person sees how far it is.
    static func verified(
        _ folder: String, _ key: NoteVerifier?, against file: String?, evidence check: inout EvidenceCheck?, _ tool: Tool
    ) throws(Problem) -> BundleReport {
        let progress = VerificationProgress(tool)
        var kept: [Checkpoint] = []
        if let file {
            let keys: [NoteVerifier]
            do throws(BundleError) {
                keys = try BundleVerifier(folder: folder, key: key).keys()
            } catch {
                throw tool.output.invalid(error, folder: folder)
            }
            kept = try LogKeys.kept(in: file, keys, tool).checkpoints
        }
        do throws(BundleError) {
            let verifier = BundleVerifier(folder: folder, key: key, kept: kept)
            func tell(_ done: UInt64, _ total: UInt64) {
                progress.tell(Int64(clamping: done), Int64(clamping: total))
                if done == total { progress.end() }
            }
            guard var logins = check else { return try verifier.verify(progress: tell) }
            defer { check = logins }
            return try verifier.verify(progress: tell) { sequence, leaf, tree throws(BundleError) in
                try logins.look(sequence, leaf, tree)
            }
        } catch {
            throw tool.output.invalid(error, folder: folder)
        }
    }

    /// As nobody asks for evidence.
    static func verified(_ folder: String, _ key: NoteVerifier?, _ tool: Tool) throws(Problem) -> BundleReport {
        var none: EvidenceCheck?
        return try verified(folder, key, against: nil, evidence: &none, tool)
    }

    private static func trust(_ folder: String, _ tool: Tool) throws(Problem) -> TrustStore {
        do throws(TrustStoreError) {
            return try TrustStore.load(folder: folder)
        } catch {
            throw tool.output.problem(.invalidRequest, error.text.of("--anchors"))
        }
    }

    /// The time-stamps in an export, checked with the certificates above their authority; `nil` when nobody asks.
    private func stamps(_ folder: String, _ tool: Tool) throws(Problem) -> [JSON]? {
        guard let timestampAnchors else { return nil }
        let anchors: TimestampAnchors
        do throws(TimestampAnchorsError) {
            anchors = try TimestampAnchors(file: timestampAnchors.text)
        } catch {
            throw tool.output.problem(.invalidRequest, error.text.of("--timestamp-anchors"))
        }
        let stamps: [BundleStamp]
        do throws(BundleError) {
            stamps = try BundleVerifier(folder: folder, key: nil).stamps()
        } catch {
            throw tool.output.invalid(error, folder: folder)
        }
        return try stamps.map { stamp throws(Problem) in
            do throws(TimestampFailure) {
                let time = try anchors.time(in: stamp.response, of: Array(stamp.note.utf8))
                return ["size": .int(Int64(clamping: stamp.size)), "stamped_at": .string(time.description)]
            } catch {
                let place = Text("horodatage de la tête de \(stamp.size) traces", "time-stamp of the checkpoint of \(stamp.size) traces")
                throw tool.output.problem(.traceInvalid, error.text.of(place), ["bundle": .string(folder)])
            }
        }
    }
}
