import APIContract
import AgentClient
import ArgumentParser
import Audit
import Primitives

struct BreakGlassReportVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: Help.text(
            "Print an emergency with all its traces and the proof of each.",
            "Imprimer un accès avec toutes ses traces et la preuve de chacune."),
        discussion: Help.text(
            """
            Every proof is checked here against one signed checkpoint before anything is printed; what does not hold ends with code 7.
            With --json the report is one document with the exact traces, hashes and checkpoint.

              cpsctl break-glass report ID --out report.txt
              cpsctl break-glass report ID --key VKEY      with the key of the log that was noted elsewhere
            """,
            """
            Chaque preuve est vérifiée ici par rapport à une même tête signée avant l'impression ; ce qui ne tient pas finit avec le
            code 7. Avec --json le rapport est un document avec les traces exactes, les empreintes et la tête signée.

              cpsctl break-glass report ACCÈS --out rapport.txt
              cpsctl break-glass report ACCÈS --key CLÉ       avec la clé du journal notée par ailleurs
            """))

    @OptionGroup var global: GlobalOptions

    @Argument(help: Help.argument("Id of the emergency.", "Identifiant de l'accès."))
    var id: ResourceID

    @Option(help: Help.argument("Write to this new file instead.", "Écrire plutôt dans ce nouveau fichier."))
    var out: ResourceID?

    @Option(
        help: Help.argument(
            "The key that the log is known by; else the agent's own.", "La clé connue du journal ; sinon celle que dit l'agent."))
    var key: ResourceID?

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let keys = try LogKeys(key, tool)
        let report = try tool.get("break-glass", id.text, "report")
        let checkpoint = try keys.checkpoint(report["checkpoint"]?.string ?? "", tool)
        for trace in report["traces"]?.array ?? [] { try check(trace, checkpoint, tool) }
        let output = tool.output
        let lines = EmergencySentence.report(report, isSelfAsserted: keys.isSelfAsserted, output.language)
        guard let out else {
            try output.show(report) { lines }
            return .done
        }
        let content = output.isJSON ? report.canonical + [0x0A] : Array((lines.map(\.printable).joined(separator: "\n") + "\n").utf8)
        do throws(FileError) {
            try PlainFile.create(out.text, content)
        } catch {
            throw output.problem(error, at: out.text)
        }
        try output.show(["file": .string(out.text)]) { [EmergencySentence.written(out.text).in(output.language)] }
        return .done
    }

    /// That a trace is in the log that the checkpoint signs.
    private func check(_ trace: JSON, _ checkpoint: Checkpoint, _ tool: Tool) throws(Problem) {
        let texts = (trace["hashes"]?.array ?? []).compactMap(\.string)
        let hashes = texts.compactMap { MerkleHash(base64: $0) }
        guard let seq = trace["seq"]?.int.flatMap({ UInt64(exactly: $0) }), let text = trace["trace"]?.string,
            JSON(parsing: Array(text.utf8))?["seq"] == trace["seq"], hashes.count == trace["hashes"]?.array?.count,
            InclusionProof(
                seq: seq, leaf: .leaf(Array(text.utf8)), size: checkpoint.size, root: checkpoint.root, hashes: hashes, note: nil
            ).leadsToRoot
        else {
            throw tool.output.problem(
                .traceInvalid,
                Text(
                    "une trace du rapport n'est pas dans le journal que signe sa tête",
                    "a trace of the report is not in the log that its checkpoint signs"), ["first_bad": trace["seq"] ?? .null])
        }
    }
}
