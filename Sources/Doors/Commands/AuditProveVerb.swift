import APIContract
import AgentClient
import ArgumentParser
import Audit
import Primitives

struct AuditProveVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "prove",
        abstract: Help.text(
            "Prove that a trace is in a checkpoint, or that the log only grew since one.",
            "Prouver qu'une trace est dans une tête signée, ou que le journal n'a fait que croître depuis."),
        discussion: Help.text(
            """
            With SEQ: prints the proof that this trace is in the newest checkpoint, or in the one of --size or --against, as a C2SP \
            tlog-proof. Without: checks that the log begins with the kept checkpoint of --against, or with its first --from traces. Each \
            proof is checked here before it is printed; what does not hold ends with exit code 7.

              cpsctl audit prove 42 > trace-42.tlog-proof
              cpsctl audit prove --against kept-checkpoint
            """,
            """
            Avec SEQ : affiche la preuve que cette trace est dans la tête la plus récente, ou dans celle de --size ou --against, sous la \
            forme C2SP tlog-proof. Sans SEQ : vérifie que le journal commence par la tête gardée de --against, ou par ses --from premières \
            traces. Chaque preuve est vérifiée ici avant d'être affichée ; ce qui ne tient pas finit avec le code 7.

              cpsctl audit prove 42 > preuve-42.tlog-proof
              cpsctl audit prove --against tete-gardee
            """))

    @OptionGroup var global: GlobalOptions

    @Argument(help: Help.argument("Sequence of the trace.", "Numéro de la trace."))
    var seq: UInt64?

    @Option(
        help: Help.argument(
            "Number of traces of the tree; else that of a checkpoint made now.", "Taille de l'arbre ; sinon celle du moment."))
    var size: UInt64?

    @Option(help: Help.argument("Number of traces of the earlier log.", "Taille du journal antérieur."))
    var from: UInt64?

    @Option(help: Help.argument("File of a checkpoint that was kept.", "Fichier d'une tête signée qui a été gardée."))
    var against: ResourceID?

    @Option(
        help: Help.argument(
            "The key that the log is known by; else the agent's own.", "La clé connue du journal ; sinon celle que dit l'agent."))
    var key: ResourceID?

    func validate() throws {
        if seq == nil, from == nil, against == nil { throw ValidationError("SEQ, --from or --against is needed") }
        if seq != nil, from != nil { throw ValidationError("SEQ and --from exclude each other") }
        if from != nil, against != nil { throw ValidationError("--from and --against exclude each other") }
        if seq != nil, size != nil, against != nil { throw ValidationError("--size and --against exclude each other") }
    }

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let keys = try LogKeys(key, tool)
        let kept = if let against { try keys.kept(in: against.text, tool) } else { nil as KeptCheckpoints? }
        if let seq { try include(seq, kept, keys, tool) } else { try extend(kept, keys, tool) }
        return .done
    }

    private func include(_ seq: UInt64, _ kept: KeptCheckpoints?, _ keys: LogKeys, _ tool: Tool) throws(Problem) {
        let tree = kept?.checkpoints.last
        var query = [("seq", String(seq))]
        if let size = tree?.size ?? size { query.append(("size", String(size))) }
        let answer = try tool.get("audit", "proofs", "inclusion", query: query)
        guard var proof = InclusionProof(answer), proof.seq == seq, proof.size == tree?.size ?? size ?? proof.size else {
            throw tool.output.problem(.internalError, Text("la preuve de l'agent est illisible", "the agent's proof cannot be read"))
        }
        if let kept { proof = proof.signed(by: kept.newest) }
        let signed = if let note = proof.note { try keys.checkpoint(note, tool) } else { nil as Checkpoint? }
        guard proof.leadsToRoot, signed.map({ $0.root == proof.root && $0.size == proof.size }) ?? true else {
            throw tool.output.problem(
                .traceInvalid, Text("la preuve ne mène pas à la tête signée", "the proof does not lead to the checkpoint"),
                ["first_bad": answer["seq"] ?? .null])
        }
        try tool.output.show(proof.json) {
            guard let text = proof.text else { return [Sentence.includedUnsigned(seq, proof.size).in(tool.output.language)] }
            return [String(text.dropLast())]
        }
    }

    private func extend(_ kept: KeptCheckpoints?, _ keys: LogKeys, _ tool: Tool) throws(Problem) {
        let earlier = kept?.checkpoints.last
        let proof = try Self.consistency(from: earlier?.size ?? from ?? 0, to: size, keys, tool)
        guard proof.holds(for: earlier?.root ?? proof.fromRoot) else { throw Self.rewritten(before: proof.from, tool) }
        try tool.output.show(proof.json) { [Sentence.extends(proof.from, proof.size).in(tool.output.language)] }
    }

    /// What the agent answers about its log from an earlier size on, its checkpoint checked.
    static func consistency(from: UInt64, to size: UInt64? = nil, _ keys: LogKeys, _ tool: Tool) throws(Problem) -> ConsistencyProof {
        var query = [("from", String(from))]
        if let size { query.append(("size", String(size))) }
        let answer: JSON
        do throws(Problem) {
            answer = try tool.get("audit", "proofs", "consistency", query: query)
        } catch {
            guard size == nil, let there = error.json["size"]?.int.flatMap({ UInt64(exactly: $0) }), there < from else { throw error }
            throw cutShort(there, kept: from, tool)
        }
        guard let proof = ConsistencyProof(answer), proof.from == from, proof.size == size ?? proof.size else {
            throw tool.output.problem(.internalError, Text("la preuve de l'agent est illisible", "the agent's proof cannot be read"))
        }
        if let note = proof.note {
            let signed = try keys.checkpoint(note, tool)
            guard signed.root == proof.root, signed.size == proof.size else { throw rewritten(before: from, tool) }
        }
        return proof
    }

    /// The log has fewer traces than a checkpoint that was kept.
    static func cutShort(_ size: UInt64, kept: UInt64, _ tool: Tool) -> Problem {
        tool.output.problem(
            .traceInvalid, BundleError.cutShort(size: size, signed: kept).text,
            ["first_bad": .int(Int64(clamping: size)), "last_bad": .int(Int64(clamping: kept - 1))])
    }

    /// The log is not the one that a checkpoint was kept of.
    ///
    /// - Parameter agreed: how many of its first traces another kept checkpoint vouches for.
    static func rewritten(before size: UInt64, agreed: UInt64 = 0, _ tool: Tool) -> Problem {
        let last = max(size, 1) - 1
        return tool.output.problem(
            .traceInvalid, BundleError.rewritten(first: agreed, last: last).text,
            ["first_bad": .int(Int64(clamping: agreed)), "last_bad": .int(Int64(clamping: last))])
    }
}
