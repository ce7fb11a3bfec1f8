import APIContract
import AgentClient
import Audit
import Primitives

/// The key that a log is known by on the command line: one that was noted, else the agent's own word.
struct LogKeys {
    let verifiers: [NoteVerifier]
    /// Nobody but the agent vouches for the key.
    let isSelfAsserted: Bool

    /// - Parameter known: `--key`; the keys that follow from it are known too.
    init(_ known: ResourceID?, _ tool: Tool) throws(Problem) {
        if let known {
            let first = try Self.key(known.text, tool, Self.malformed)
            let keys = try tool.get("audit", "keys")["keys"]?.array ?? []
            verifiers = KeyEndorsement.chain(from: [first], keys.compactMap { $0["endorsement"]?.string })
            isSelfAsserted = false
        } else {
            let keys = try tool.get("audit", "keys")["keys"]?.array ?? []
            verifiers = try keys.map { key throws(Problem) in
                try Self.key(key["key"]?.string ?? "", tool, Text("la clé de l'agent est illisible", "the agent's key cannot be read"))
            }
            isSelfAsserted = true
        }
    }

    static let malformed = Text("--key n'est pas de la forme nom+id+clé", "--key is not name+keyid+key")

    static func key(_ text: String, _ tool: Tool, _ complaint: Text) throws(Problem) -> NoteVerifier {
        do throws(NoteError) {
            return try NoteVerifier(vkey: text)
        } catch {
            throw tool.output.problem(.invalidRequest, complaint)
        }
    }

    /// The checkpoints in a file that these keys signed.
    func kept(in path: String, _ tool: Tool) throws(Problem) -> KeptCheckpoints { try Self.kept(in: path, verifiers, tool) }

    static func kept(in path: String, _ verifiers: [NoteVerifier], _ tool: Tool) throws(Problem) -> KeptCheckpoints {
        do throws(BundleError) {
            let kept = try KeptCheckpoints(path: path, keys: verifiers)
            guard !kept.checkpoints.isEmpty else { throw .note(.notSigned) }
            return kept
        } catch {
            switch error {
            case .file, .note(.notSigned), .note(.malformedNote):
                throw tool.output.problem(.invalidRequest, error.text.of(path))
            default: throw tool.output.problem(.traceInvalid, error.text.of(path))
            }
        }
    }

    /// The checkpoint in a note, if these keys signed it.
    func checkpoint(_ note: String, _ tool: Tool) throws(Problem) -> Checkpoint {
        do throws(NoteError) {
            return try Checkpoint(note: Array(note.utf8), verifiedBy: verifiers)
        } catch {
            throw tool.output.problem(.traceInvalid, error.text)
        }
    }
}
