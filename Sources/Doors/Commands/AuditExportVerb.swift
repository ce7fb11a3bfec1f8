import APIContract
import AgentClient
import ArgumentParser
import Audit
import Primitives

struct AuditExportVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: Help.text(
            "Write traces and their proof to a folder, and check what was written; or traces in a form that other programs read.",
            "Écrire des traces et leur preuve dans un dossier, et vérifier ce qui est écrit ; ou des traces sous une forme lue par d'autres."
        ),
        discussion: Help.text(
            """
            Examples:

              cpsctl audit export --out DIR                                    the whole log with its proof
              cpsctl audit export --format csv --since 2026-01-01 > log.csv    for a spreadsheet
              cpsctl audit export --format fhir --out DIR                      FHIR R4 AuditEvent, one a line
              cpsctl audit export --format atna --event 'login.*'              DICOM audit messages, one a line
            """,
            """
            Exemples :

              cpsctl audit export --out DIR                                    tout le journal avec sa preuve
              cpsctl audit export --format csv --since 2026-01-01 > log.csv    pour un tableur
              cpsctl audit export --format fhir --out DIR                      AuditEvent FHIR R4, un par ligne
              cpsctl audit export --format atna --event 'login.*'              messages d'audit DICOM, un par ligne
            """))

    @OptionGroup var global: GlobalOptions

    @Option(
        help: Help.argument(
            "Folder to make; one that is there has to be empty. Without it traces in a form go to standard output.",
            "Dossier à créer ; s'il existe il doit être vide. Sans lui, les traces mises en forme vont à la sortie standard."))
    var out: ResourceID?

    @Option(
        help: Help.argument(
            "csv, fhir or atna; else the exact traces with their proof.", "csv, fhir ou atna ; sinon les traces exactes avec leur preuve."))
    var format: TraceForm?

    @OptionGroup var filter: TraceFilterOptions

    @Option(help: Help.argument("Sequence of the first trace; else 0.", "Numéro de la première trace ; sinon 0."))
    var from: UInt64?

    @Option(
        help: Help.argument(
            "Sequence of the last trace, included; else the newest.", "Numéro de la dernière trace, comprise ; sinon la plus récente."))
    var to: UInt64?

    func validate() throws {
        if let from, let to, from > to { throw ValidationError("--from is greater than --to") }
        if out == nil {
            guard format != nil else { throw ValidationError("--out is missing: a proof needs a folder") }
            if global.json { throw ValidationError("--json and --format without --out both mean standard output") }
        }
        if format == nil, !filter.query.isEmpty { throw ValidationError("a filter needs --format: what is left out cannot be proved") }
    }

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        if let format {
            let written = TraceFormExport(form: format, from: from, to: to, filter: filter.query, tool: tool)
            try written.write(to: out?.text)
        } else if let out {
            try prove(into: out, tool)
        }
        return .done
    }

    private func prove(into out: ResourceID, _ tool: Tool) throws(Problem) {
        let proof = try proof(tool)
        let range = proof.manifest.range
        do throws(WritingFailure) {
            try write(proof, out, tool)
        } catch {
            switch error {
            case .bundle(let error): throw tool.output.unwritten(error, folder: out.text)
            case .agent(let problem): throw problem
            }
        }
        let key: NoteVerifier
        do throws(NoteError) { key = try NoteVerifier(vkey: proof.key) } catch { throw Self.unreadable(tool) }
        _ = try AuditVerifyVerb.verified(out.text, key, tool)
        let document: JSON = [
            "bundle": .string(out.text), "first": .int(Int64(clamping: range.lowerBound)), "last": .int(Int64(clamping: range.upperBound)),
            "size": .int(Int64(clamping: proof.manifest.size)), "key": .string(proof.key),
        ]
        try tool.output.show(document) { [Sentence.exported(range.lowerBound, range.upperBound, out.text).in(tool.output.language)] }
    }

    private struct Proof {
        let manifest: BundleManifest
        let note: String
        let key: String
        let stamps: [BundleStamp]
    }

    private enum WritingFailure: Error {
        case bundle(BundleError)
        case agent(Problem)
    }

    /// Asked for first: it fixes which traces there are, however many are written meanwhile.
    private func proof(_ tool: Tool) throws(Problem) -> Proof {
        let query = [("from", from), ("to", to)].compactMap { name, value in value.map { (name, String($0)) } }
        let answer = try tool.get("audit", "manifest", query: query)
        guard let document = answer["manifest"], let note = answer["checkpoint"]?.string, let key = answer["key"]?.string,
            let manifest = try? BundleManifest(document.canonical)
        else { throw Self.unreadable(tool) }
        let stamps = (answer["timestamps"]?.array ?? []).compactMap { stamp -> BundleStamp? in
            guard let size = stamp["size"]?.int.flatMap({ UInt64(exactly: $0) }), let note = stamp["checkpoint"]?.string,
                let response = stamp["response"]?.string.flatMap({ StandardBase64.decode($0) })
            else { return nil }
            return BundleStamp(size: size, note: note, response: response)
        }
        return Proof(manifest: manifest, note: note, key: key, stamps: stamps)
    }

    private func write(_ proof: Proof, _ out: ResourceID, _ tool: Tool) throws(WritingFailure) {
        let range = proof.manifest.range
        var writer = try Self.writing { () throws(BundleError) in try BundleWriter(folder: out.text) }
        var failure: BundleError?
        do throws(Problem) {
            let count = range.upperBound - range.lowerBound + 1
            try TracePages(tool: tool, filter: [("dropped", "include")]).read(from: range.lowerBound, count: count) {
                _, leaf throws(Problem) in
                do throws(BundleError) {
                    try writer.append(leaf: leaf)
                } catch {
                    failure = error
                    throw tool.output.problem(.internalError)
                }
            }
        } catch {
            if let failure { throw .bundle(failure) }
            throw .agent(error)
        }
        do throws(BundleError) {
            try writer.finish(manifest: proof.manifest, note: proof.note, vkey: proof.key, stamps: proof.stamps)
        } catch {
            throw .bundle(error)
        }
    }

    private static func writing<Result: ~Copyable>(_ body: () throws(BundleError) -> Result) throws(WritingFailure) -> Result {
        do throws(BundleError) { return try body() } catch { throw .bundle(error) }
    }

    private static func unreadable(_ tool: Tool) -> Problem {
        tool.output.problem(.internalError, Text("ce qui prouve l'export est illisible", "what proves the export cannot be read"))
    }
}
