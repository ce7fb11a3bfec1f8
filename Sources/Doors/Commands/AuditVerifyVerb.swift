import APIContract
import AgentClient
import ArgumentParser
import Audit
import Primitives

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

    func validate() throws {
        if key != nil, bundle == nil { throw ValidationError("--key needs --bundle") }
    }

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        if let bundle { try offline(bundle.text, tool) } else { try online(tool) }
        return .done
    }

    private func online(_ tool: Tool) throws(Problem) {
        // A long log takes its time.
        let request = AgentRequest(.post, ["audit", "verifications"], patience: nil)
        let answer = try tool.client.send(request).json()
        try tool.output.show(answer) { [Sentence.verified(answer["size"]?.int ?? 0).in(tool.output.language)] }
    }

    private func offline(_ folder: String, _ tool: Tool) throws(Problem) {
        var verifier: NoteVerifier?
        if let key {
            do throws(NoteError) {
                verifier = try NoteVerifier(vkey: key.text)
            } catch {
                throw tool.output.problem(.invalidRequest, ["detail": "--key is not name+keyid+key"])
            }
        }
        let report = try Self.verified(folder, verifier, tool)
        let (first, last) = (report.range.lowerBound, report.range.upperBound)
        let document: JSON = [
            "valid": true, "first": .int(Int64(clamping: first)), "last": .int(Int64(clamping: last)),
            "size": .int(Int64(clamping: report.checkpoint.size)), "root": .string(Hex.encode(report.checkpoint.root.bytes)),
            "origin": .string(report.checkpoint.origin), "key_name": .string(report.keyName), "self_asserted": .bool(report.isSelfAsserted),
        ]
        try tool.output.show(document) {
            let facts = [Sentence.bundleVerified(first, last, report.keyName)] + (report.isSelfAsserted ? [Sentence.selfAsserted] : [])
            return facts.map { $0.in(tool.output.language) }
        }
    }

    /// Checks an export; a person sees how far it is.
    static func verified(_ folder: String, _ key: NoteVerifier?, _ tool: Tool) throws(Problem) -> BundleReport {
        let isWatched = tool.console.isWatched && !tool.output.isJSON
        do throws(BundleError) {
            return try BundleVerifier(folder: folder, key: key).verify { done, total in
                guard isWatched, total > 16_384 else { return }
                tool.console.err("\r\(Sentence.progress(done, total).in(tool.output.language))\(done == total ? "\n" : "")")
            }
        } catch {
            throw tool.output.invalid(error, folder: folder)
        }
    }
}
